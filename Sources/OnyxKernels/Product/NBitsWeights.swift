import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Constant weights of MatMulNBits in the panels of onyx_nbits.h: words, then scales, then zero points, of all panels.
///
/// Blocks longer than `longestBlock` terms are cut into several that share a scale. Terms past the depth stand as the model has them and
/// meet zeros of A.
///
/// SAFETY: `floats` holds the three parts at the places that `words`, `scales` and `zeros` count, filled by `pack`.
struct NBitsWeights: Sendable {
  let columns, depth, bits: Int
  /// Terms that share a scale.
  let block: Int
  let blocks: Int
  let panel: Int
  let hasZeros: Bool
  private let floats: PackedFloats

  static let longestBlock = 512

  var panels: Int { (columns + panel - 1) / panel }
  /// Depth of whole blocks.
  var paddedDepth: Int { blocks * block }
  private var wordStride: Int { blocks * block * bits / 32 * panel }
  private var scaleStride: Int { blocks * panel }

  /// nil when weights, scales or zero points are no constants, scales no float32, or one is not finite: a block's sum times its scale is
  /// then another number than the sum of the scaled weights, and terms past the depth would not stay without effect.
  init?(_ op: MatMulNBits, _ query: KernelQuery) {
    guard let b = query.constant(1), b.elementCount > 0, let scale = query.constant(2), scale.elementType == .float32, query.isFixed(3)
    else { return nil }
    let points = query.constant(3)
    if let points, points.elementType != .uint8, points.elementType != .float32 { return nil }
    guard Self.isFinite(scale), points.map(Self.isFinite) ?? true else { return nil }
    (columns, depth, bits, block) = (op.columns, op.depth, op.bits, min(op.blockSize, Self.longestBlock))
    blocks = (depth + block - 1) / block
    panel = unsafe Int(query.isa.nbits.panel)
    hasZeros = points != nil
    let source = Source(
      columns: columns, blocks: (depth + op.blockSize - 1) / op.blockSize, bits: bits, blockSize: op.blockSize,
      hasBytePoints: points?.elementType == .uint8)
    let (lanes, wordStride) = ((columns + panel - 1) / panel * panel, blocks * block * bits / 32)
    let (panel, block, blocks, hasZeros) = (panel, block, blocks, hasZeros)
    floats = unsafe query.packedFloats(
      "nbits_\(query.isa.name)", count: lanes * (wordStride + (hasZeros ? 2 : 1) * blocks), from: [b, scale] + (points.map { [$0] } ?? [])
    ) { target, sources, pool in
      unsafe source.pack(sources, into: target, panel: panel, block: block, count: blocks, pool)
    }
  }

  /// Whether no float of the tensor is infinite or NaN.
  private static func isFinite(_ tensor: Tensor) -> Bool {
    guard tensor.elementType == .float32 else { return true }
    let isFinite = try? tensor.withElements(of: Float.self) { elements in elements.indices.allSatisfy { elements[$0].isFinite } }
    return isFinite ?? false
  }

  /// The weights from a panel on.
  func from(_ panel: Int) -> onyx_nbits_weights {
    let words = unsafe floats.base + panel * wordStride
    let scales = unsafe floats.base + panels * wordStride + panel * scaleStride
    let zeros = unsafe hasZeros ? UnsafePointer(scales + panels * scaleStride) : nil
    return unsafe onyx_nbits_weights(
      words: UnsafeRawPointer(words).assumingMemoryBound(to: UInt32.self), word_stride: Int64(wordStride), scales: scales, zeros: zeros,
      scale_stride: Int64(scaleStride), block_groups: Int64(block * bits / 32), bits: Int32(bits))
  }

  /// The weights as the model has them.
  ///
  /// SAFETY: the shapes are those that the operator has checked.
  private struct Source {
    let columns, blocks, bits, blockSize: Int
    let hasBytePoints: Bool

    private var rowBytes: Int { blocks * blockSize * bits / 8 }
    private var pointBytes: Int { (blocks * bits + 7) / 8 }

    /// `count` blocks of `block` terms.
    func pack(
      _ sources: [UnsafePointer<Float>], into target: UnsafeMutablePointer<Float>, panel: Int, block: Int, count: Int, _ pool: ThreadPool
    ) {
      let panels = (columns + panel - 1) / panel
      let groups = count * block * bits / 32
      pool.parallelFor(count: panels, grain: max(1, 16384 / (groups * panel))) { range in
        for index in range {
          let words = unsafe target + index * groups * panel
          let scales = unsafe target + (panels * groups + index * count) * panel
          for lane in 0..<panel {
            let column = index * panel + lane
            unsafe packWords(column, sources[0], into: words + lane, panel: panel, groups: groups)
            for number in 0..<count {
              let own = column * blocks + number * block / blockSize
              let place = number * panel + lane
              unsafe scales[place] = column < columns ? UnsafeRawPointer(sources[1] + own).loadUnaligned(as: Float.self) : 0
              if unsafe sources.count > 2 {
                unsafe scales[panels * count * panel + place] = column < columns ? zero(column, number * block / blockSize, sources[2]) : 0
              }
            }
          }
        }
      }
    }

    private func packWords(
      _ column: Int, _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, panel: Int, groups: Int
    ) {
      let row = unsafe UnsafeRawPointer(source) + column * rowBytes
      for group in 0..<groups {
        let word = unsafe column < columns ? UInt32(littleEndian: (row + 4 * group).loadUnaligned(as: UInt32.self)) : 0
        unsafe target[group * panel] = Float(bitPattern: word)
      }
    }

    /// A zero point less the middle of the range.
    private func zero(_ column: Int, _ block: Int, _ points: UnsafePointer<Float>) -> Float {
      let middle = Float(1 << (bits - 1))
      guard hasBytePoints else {
        return unsafe UnsafeRawPointer(points + column * blocks + block).loadUnaligned(as: Float.self) - middle
      }
      let byte = unsafe (UnsafeRawPointer(points) + column * pointBytes + block * bits / 8).load(as: UInt8.self)
      return Float(Int(byte) >> (block * bits % 8) & (1 << bits - 1)) - middle
    }
  }
}
