import CKernels
import OnyxTensor
import OnyxThreads

/// activation(alpha · X · W + bias + addend) for a few rows of X and constant 16-bit weights, which stay in 16 bits in memory:
/// reading them is the bound. Rows of several are summed in blocks of at most 512 terms, one row in blocks of 2048, as in `LinearProduct`.
///
/// Each thread has columns of its own, so results are bit-equal for every number of threads.
///
/// SAFETY: X holds m · k floats, the result and the addend m · n, the bias n; the result overlaps X and the bias nowhere, the addend not
/// at all or exactly. Panels hold k terms for each lane, whole panels of them.
@safe struct HalfProduct: Sendable {
  /// With more rows arithmetic is the bound.
  static let mostRows = 8

  private let m, n, k: Int
  private let isBFloat: Bool
  private let alpha: Float
  private let activation: Activation
  private let isa: ISA
  private let floats: PackedFloats

  private var panel: Int { unsafe Int(isa.gemm.column_panel) }
  private var base: UnsafePointer<UInt16> { unsafe UnsafeRawPointer(floats.base).assumingMemoryBound(to: UInt16.self) }

  /// `weights` are [k, n], or [n, k] when the form is transposed; packed once for the session.
  init(_ query: KernelQuery, _ weights: Tensor, _ form: LinearForm) throws(OnyxError) {
    (m, n, k) = (form.m, form.n, form.k)
    (alpha, activation, isa) = (form.alpha, form.activation, query.isa)
    isBFloat = weights.elementType == .bfloat16
    let (lanes, terms, width) = unsafe (form.n, form.k, Int(query.isa.gemm.column_panel))
    let panels = (lanes + width - 1) / width
    let (stride, overflow) = terms.multipliedReportingOverflow(by: width)
    let (count, more) = stride.multipliedReportingOverflow(by: panels)
    guard !overflow, !more else { throw .budget("The weights of \(lanes) columns do not fit in memory.") }
    let (laneStride, termStride) = form.isTransposed ? (terms, 1) : (1, lanes)
    // Two elements in the room of a float.
    floats = unsafe query.packedFloats("columns_half_\(query.isa.name)_\(form.isTransposed)", count: (count + 1) / 2, from: [weights]) {
      target, sources, pool in
      let (base, source) = unsafe (UnsafeMutableRawPointer(target), UnsafeRawPointer(sources[0]))
      pool.parallelFor(count: panels, grain: max(1, 16384 / max(stride, 1))) { range in
        for index in range {
          let first = index * width
          unsafe HalfProduct.pack(
            source + 2 * first * laneStride, laneStride, termStride, lanes: min(width, lanes - first), terms, width,
            into: (base + 2 * index * stride).bindMemory(to: UInt16.self, capacity: stride))
        }
      }
    }
  }

  /// One panel, [terms][width], zeros past the last lane. The source need not be aligned.
  private static func pack(
    _ source: UnsafeRawPointer, _ laneStride: Int, _ termStride: Int, lanes: Int, _ terms: Int, _ width: Int,
    into target: UnsafeMutablePointer<UInt16>
  ) {
    if lanes < width { unsafe target.update(repeating: 0, count: terms * width) }
    if laneStride == 1 {
      for term in 0..<terms {
        unsafe UnsafeMutableRawPointer(target + term * width).copyMemory(from: source + 2 * term * termStride, byteCount: 2 * lanes)
      }
      return
    }
    for lane in 0..<lanes {
      let row = unsafe source + 2 * lane * laneStride
      for term in 0..<terms { unsafe target[term &* width &+ lane] = row.loadUnaligned(fromByteOffset: 2 &* term, as: UInt16.self) }
    }
  }

  func run(
    _ x: UnsafePointer<Float>, bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    let longest = m == 1 ? LinearProduct.longestVectorBlock : GemmProduct.longestBlock
    let blocks = max(1, (k + longest - 1) / longest)
    let depth = m == 1 ? longest : ((k + blocks - 1) / blocks + 7) & ~7
    pool.parallelFor(count: (n + panel - 1) / panel, grain: max(1, (1 << 15) / max(panel * k * m, 1))) { range in
      let first = range.lowerBound * panel
      let count = min(range.upperBound * panel, n) - first
      var start = 0
      repeat {
        let length = min(depth, k - start)
        let isLast = start + length == k
        let (low, high) = activation.limits
        var flags = start == 0 ? 0 : UInt32(ONYX_GEMM_ACCUMULATE)
        if alpha != 1 { flags |= UInt32(ONYX_GEMM_SCALE) }
        if isLast && activation.isClamp { flags |= UInt32(ONYX_GEMM_CLAMP) }
        var epilogue = unsafe onyx_direct_epilogue(
          bias: isLast ? bias.map { unsafe $0 + first } : nil, addend: start == 0 ? addend.map { unsafe $0 + first } : nil,
          addend_row_stride: Int64(n), alpha: alpha, low: low, high: high, flags: flags)
        unsafe isa.gemm.half!(
          Int64(length), x + start, Int64(k), Int64(m), base + range.lowerBound * panel * k + start * panel, Int64(panel * k), Int64(count),
          isBFloat ? 1 : 0, y + first, Int64(n), &epilogue)
        start += length
      } while start < k
      unsafe activation.apply(y + first, rows: m, stride: n, count: count, isa: isa)
    }
  }
}
