import CKernels
import OnyxThreads

/// A set of instruction-set tiers and the micro-kernel rows it selects, best first.
///
/// SAFETY: the rows are immutable C constants that live as long as the process.
@safe package struct ISA: @unchecked Sendable {
  /// The tiers as `ONYX_ISA_*` bits; the scalar tier is always in.
  package let mask: UInt32

  let gemm: onyx_gemm_row
  let image: onyx_image_row
  let elementwise: onyx_elementwise_row
  let reduce: onyx_reduce_row
  let normalize: onyx_normalize_row
  let depthwise: onyx_depthwise_row
  let pool: onyx_pool_row
  let attention: onyx_attention_row
  let channelsLast: onyx_channels_last_row
  let blocked: onyx_blocked_row
  let winograd: onyx_winograd_row
  let blockedWindow: onyx_blocked_window_row
  let gating: onyx_gating_row
  let bf16: onyx_bf16_row
  let int8: onyx_int8_row
  let quantize: onyx_quantize_row

  /// Everything this machine can run.
  package static let host = ISA(mask: onyx_isa_detect())

  /// One set per tier of this machine with all extensions of the tier, narrowest first; the last equals `host`.
  package static let tiers: [ISA] = {
    let bits = [ONYX_ISA_SCALAR, ONYX_ISA_AVX2, ONYX_ISA_AVX512, ONYX_ISA_NEON].map { UInt32($0) }
    let extensions = [ONYX_ISA_AVX512: host.mask & UInt32(ONYX_ISA_AVX512_VNNI | ONYX_ISA_AVX512_BF16)]
    var mask: UInt32 = 0
    return bits.filter { host.mask & $0 != 0 }.map { bit in
      mask |= bit | (extensions[Int(bit)] ?? 0)
      return ISA(mask: mask)
    }
  }()

  /// The tiers of `mask` that this machine has; kernels outside it are never chosen.
  package init(mask: UInt32) {
    let mask = (mask & onyx_isa_detect()) | UInt32(ONYX_ISA_SCALAR)
    self.mask = mask
    unsafe gemm = choose(onyx_gemm_rows) { unsafe mask & $0.isa != 0 }
    unsafe image = choose(onyx_image_rows) { mask & $0.isa != 0 }
    unsafe elementwise = choose(onyx_elementwise_rows) { unsafe mask & $0.isa != 0 }
    unsafe reduce = choose(onyx_reduce_rows) { unsafe mask & $0.isa != 0 }
    unsafe normalize = choose(onyx_normalize_rows) { mask & $0.isa != 0 }
    unsafe depthwise = choose(onyx_depthwise_rows) { mask & $0.isa != 0 }
    unsafe pool = choose(onyx_pool_rows) { mask & $0.isa != 0 }
    unsafe attention = choose(onyx_attention_rows) { mask & $0.isa != 0 }
    unsafe channelsLast = choose(onyx_channels_last_rows) { mask & $0.isa != 0 }
    unsafe blocked = choose(onyx_blocked_rows) { mask & $0.isa != 0 }
    unsafe winograd = choose(onyx_winograd_rows) { mask & $0.isa != 0 }
    unsafe blockedWindow = choose(onyx_blocked_window_rows) { mask & $0.isa != 0 }
    unsafe gating = choose(onyx_gating_rows) { mask & $0.isa != 0 }
    unsafe bf16 = choose(onyx_bf16_rows) { mask & $0.isa != 0 }
    unsafe int8 = choose(onyx_int8_rows) { mask & $0.isa != 0 }
    unsafe quantize = choose(onyx_quantize_rows) { mask & $0.isa != 0 }
  }

  /// The best tier: `scalar`, `avx2`, `avx512` or `neon`.
  package var name: String {
    let names = [(ONYX_ISA_AVX512, "avx512"), (ONYX_ISA_AVX2, "avx2"), (ONYX_ISA_NEON, "neon")]
    return names.first(where: { mask & UInt32($0.0) != 0 })?.1 ?? "scalar"
  }

  /// `tiers`, and the sets that lack the extensions of the best one.
  package static let forms: [ISA] = {
    let bare = host.mask & ~UInt32(ONYX_ISA_AVX512_VNNI | ONYX_ISA_AVX512_BF16)
    return tiers + (bare == host.mask ? [] : [ISA(mask: bare)])
  }()

  /// The set whose best tier has this name, when this machine has it.
  package init?(name: String) {
    guard let isa = ISA.tiers.first(where: { $0.name == name }) else { return nil }
    self = isa
  }
}

/// The first row of a table that `accepts`; the last row of each table runs everywhere.
private func choose<Row>(
  _ table: (UnsafeMutablePointer<Int>) -> UnsafePointer<UnsafePointer<Row>?>?, _ accepts: (Row) -> Bool
) -> Row {
  var count = 0
  let rows = unsafe table(&count)!
  for i in 0..<count - 1 {
    let row = unsafe rows[i]!.pointee
    if accepts(row) { return row }
  }
  return unsafe rows[count - 1]!.pointee
}
