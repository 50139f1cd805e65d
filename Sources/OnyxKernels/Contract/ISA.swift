import CKernels
import OnyxThreads

/// A set of instruction-set tiers and the best micro-kernels that they run, a row for each family.
///
/// SAFETY: the rows are immutable C constants that live as long as the process.
@safe @dynamicMemberLookup package struct ISA: @unchecked Sendable {
  /// The tiers as `ONYX_ISA_*` bits; the scalar tier is always in.
  package let mask: UInt32

  private let kernels: onyx_kernels

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
    unsafe kernels = onyx_select(mask)
  }

  /// The row of a family of kernels by the family's name: `isa.gemm`. Inlined and yielded in place, so that the key path of a C
  /// structure's member becomes two loads and no row is copied for one of its functions.
  @inline(__always) package subscript<Row>(dynamicMember family: KeyPath<onyx_kernels, UnsafePointer<Row>>) -> Row {
    _read { yield unsafe kernels[keyPath: family].pointee }
  }

  /// The best tier: `scalar`, `avx2`, `avx512` or `neon`.
  package var name: String {
    if mask & UInt32(ONYX_ISA_AVX512) != 0 { return "avx512" }
    if mask & UInt32(ONYX_ISA_AVX2) != 0 { return "avx2" }
    return mask & UInt32(ONYX_ISA_NEON) != 0 ? "neon" : "scalar"
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
