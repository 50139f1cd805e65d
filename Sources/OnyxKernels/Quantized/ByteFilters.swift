import OnyxTensor

/// The weights of a quantized convolution as its kernels read them: signed bytes in row panels, one matrix for each group,
/// or floats when each output is a short sum.
package final class ByteFilters: Sendable {
  package let filters, channelsPerGroup, groups: Int
  package let kernel: [Int]
  let isa: ISA

  let matrices: [PackedBytes]
  /// The zero point of each filter as its bytes are packed; empty when all are zero.
  let zeroPoints: [Int32]
  /// Weights less their zero points, [filters, depth], for the direct form; then there are no matrices.
  let direct: [Float]

  var depth: Int { channelsPerGroup * kernel.reduce(1, *) }
  var filtersPerGroup: Int { filters / groups }
  var isDirect: Bool { matrices.isEmpty }

  /// Longest sum of products of two bytes less their zero points that float32 holds exactly.
  static let longestExactSum = (1 << 24) / (255 * 255)

  /// `weights` is [filters, channelsPerGroup, kernel…] of int8 or uint8; `zeroPoints` has one entry, or one for each filter.
  package init(_ weights: Tensor, zeroPoints: [Int32], channelsPerGroup: Int, groups: Int, isa: ISA) throws(OnyxError) {
    let filters = weights.shape[0]
    let depth = weights.elementCount / filters
    self.filters = filters
    self.channelsPerGroup = channelsPerGroup
    self.groups = groups
    kernel = Array(weights.shape[2...])
    self.isa = isa
    let perFilter = zeroPoints.count == 1 ? Array(repeating: zeroPoints[0], count: filters) : zeroPoints
    if channelsPerGroup == 1, filters / groups <= 2, depth <= Self.longestExactSum {
      matrices = []
      self.zeroPoints = []
      var numbers: [Float] = []
      for (index, value) in try weights.integers().enumerated() { numbers.append(Float(Int32(value) - perFilter[index / depth])) }
      direct = numbers
      return
    }
    direct = []
    let isSigned = weights.elementType == .int8
    let packed = isSigned ? perFilter : perFilter.map { $0 - 128 }
    self.zeroPoints = packed.allSatisfy { $0 == 0 } ? [] : packed
    let rows = filters / groups
    // SAFETY: the tensor holds filters * depth bytes; group g starts at row g * rows.
    matrices = try unsafe weights.withUnalignedBytes { (bytes) throws(OnyxError) in
      let base = unsafe bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
      var matrices: [PackedBytes] = []
      for group in 0..<groups {
        matrices.append(
          try unsafe PackedBytes(
            .rows, base + group * rows * depth, laneStride: depth, depthStride: 1, lanes: rows, depth: depth, flips: !isSigned,
            isSigned: true,
            isa: isa))
      }
      return matrices
    }
  }
}
