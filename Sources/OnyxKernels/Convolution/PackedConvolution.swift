import CKernels
import OnyxTensor
import OnyxThreads

/// The weights and bias of a convolution in the form its kernels read, made once per model.
///
/// SAFETY: reads `outputChannels * channelsPerGroup * taps` weights; the groups' matrices are cut from memory of their total size.
package final class PackedConvolution: Sendable {
  package let outputChannels, channelsPerGroup, groups: Int
  package let kernel: [Int]
  let isa: ISA

  /// How the sums are laid over vectors.
  package enum Form: Sendable {
    /// Pixels along the vector, each output channel by itself, the image read in place.
    case direct
    /// Pixels along the vector: a product of weights and image.
    case pixels
    /// Output channels along the vector: the transposed product, for images of few pixels.
    case channels
  }

  package let form: Form

  /// One packed matrix per group: weights as rows [outputs, depth] or as columns [depth, outputs]; none if direct.
  let matrices: [PackedMatrix]
  /// Plain weights for the direct form, [outputChannels, channels per group * taps].
  let direct: [Float]
  let bias: [Float]

  var outputsPerGroup: Int { outputChannels / groups }
  /// Length of the sums.
  var depth: Int { channelsPerGroup * kernel.reduce(1, *) }

  /// The form that suits `outputs` channels per group, sums of `depth` terms and images of `pixels` outputs.
  static func form(outputs: Int, depth: Int, pixels: Int?, isa: ISA) -> Form {
    // Few outputs share an input: reading the image beats packing it.
    if outputs <= 4 && depth <= GemmProduct.longestBlock && pixels ?? .max >= 8 { return .direct }
    guard let pixels, pixels <= 256 else { return .pixels }
    let lanes = unsafe isa.gemm.isa == UInt32(ONYX_ISA_AVX512) ? 16 : isa.gemm.isa == UInt32(ONYX_ISA_AVX2) ? 8 : 4
    let fill = { (count: Int) in Double(count) / Double((count + lanes - 1) / lanes * lanes) }
    return fill(outputs) > 1.1 * fill(pixels) ? .channels : .pixels
  }

  /// Packs now. `weights` is [outputChannels, channelsPerGroup, kernel...], row-major; no bias counts as zeros.
  /// `pixels` is the expected number of outputs per plane; it decides the form and may be wrong without harm.
  package convenience init(
    weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?, outputChannels: Int, channelsPerGroup: Int,
    groups: Int, kernel: [Int], pixels: Int? = nil, isa: ISA, pool: ThreadPool
  ) throws(OnyxError) {
    let depth = channelsPerGroup * kernel.reduce(1, *)
    let count = outputChannels * depth
    let form = Self.form(outputs: outputChannels / groups, depth: depth, pixels: pixels, isa: isa)
    let source = unsafe [Float](UnsafeBufferPointer(start: weights, count: count))
    try unsafe self.init(
      direct: form == .direct ? source : [], bias: (0..<outputChannels).map { unsafe bias?[$0] ?? 0 }, channelsPerGroup: channelsPerGroup,
      groups: groups, kernel: kernel, form: form, isa: isa
    ) { (count, fill) throws(OnyxError) in
      try unsafe PackedFloats(count: count) { target in
        unsafe source.withUnsafeBufferPointer { unsafe fill(target, [$0.baseAddress!], pool) }
      }
    }
  }

  /// `direct` holds the plain weights of the direct form; for others `makeFloats` gives memory that the weights are packed into.
  init(
    direct: [Float], bias: [Float], channelsPerGroup: Int, groups: Int, kernel: [Int], form: Form, isa: ISA,
    makeFloats: (Int, @escaping PackedFloats.Fill) throws(OnyxError) -> PackedFloats
  ) throws(OnyxError) {
    self.direct = direct
    self.bias = bias
    outputChannels = bias.count
    self.channelsPerGroup = channelsPerGroup
    self.groups = groups
    self.kernel = kernel
    self.isa = isa
    self.form = form
    guard form != .direct else {
      matrices = []
      return
    }
    let depth = channelsPerGroup * kernel.reduce(1, *)
    let rows = bias.count / groups
    let side: PackedMatrix.Side = form == .channels ? .columns : .rows
    let size = PackedMatrix.floatCount(side, lanes: rows, depth: depth, isa: isa)
    let floats = try unsafe makeFloats(groups * size) { target, sources, pool in
      pool.parallelFor(count: groups) { range in
        for group in range {
          let matrix = unsafe Matrix(sources[0] + group * rows * depth, rowStride: depth)
          unsafe PackedMatrix.pack(
            side, side == .columns ? matrix.transposed : matrix, lanes: rows, depth: depth, isa: isa, into: target + group * size, pool)
        }
      }
    }
    matrices = (0..<groups).map { PackedMatrix(side, lanes: rows, depth: depth, isa: isa, in: floats, at: $0 * size) }
  }
}
