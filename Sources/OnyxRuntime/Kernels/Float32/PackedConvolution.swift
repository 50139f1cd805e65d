import CKernels
import OnyxTensor

/// The weights and bias of a convolution in the form its kernels read, made once per model.
///
/// SAFETY: copies `outputChannels * channelsPerGroup * taps` weights and `outputChannels` biases on creation.
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

  /// `weights` is [outputChannels, channelsPerGroup, kernel...], row-major; no bias counts as zeros.
  /// `pixels` is the expected number of outputs per plane; it decides the form and may be wrong without harm.
  package init(
    weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?, outputChannels: Int, channelsPerGroup: Int,
    groups: Int, kernel: [Int], pixels: Int? = nil, isa: ISA, pool: ThreadPool
  ) throws(OnyxError) {
    self.outputChannels = outputChannels
    self.channelsPerGroup = channelsPerGroup
    self.groups = groups
    self.kernel = kernel
    self.isa = isa
    let depth = channelsPerGroup * kernel.reduce(1, *)
    let rows = outputChannels / groups
    self.bias = (0..<outputChannels).map { unsafe bias?[$0] ?? 0 }
    form = PackedConvolution.form(outputs: rows, depth: depth, pixels: pixels, isa: isa)
    guard form != .direct else {
      unsafe direct = Array(UnsafeBufferPointer(start: weights, count: outputChannels * depth))
      matrices = []
      return
    }
    direct = []
    let across = form == .channels
    matrices = try (0..<groups).map { (group) throws(OnyxError) in
      let matrix = unsafe Matrix(weights + group * rows * depth, rowStride: depth)
      return across
        ? try PackedMatrix(columnsOf: matrix.transposed, depth: depth, lanes: rows, isa: isa, pool: pool)
        : try PackedMatrix(rowsOf: matrix, lanes: rows, depth: depth, isa: isa, pool: pool)
    }
  }
}
