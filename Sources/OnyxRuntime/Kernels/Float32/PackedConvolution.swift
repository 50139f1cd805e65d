import CKernels

/// The weights and bias of a convolution in the form its kernels read, made once per model.
///
/// SAFETY: copies `outputChannels * channelsPerGroup * taps` weights and `outputChannels` biases on creation.
package final class PackedConvolution: Sendable {
  package let outputChannels, channelsPerGroup, groups: Int
  package let kernel: [Int]
  let isa: ISA

  /// One packed matrix [outputs per group, channels per group * taps] per group, or none for the direct form.
  let matrices: [PackedMatrix]
  /// Plain weights for the direct form, [outputChannels, channels per group * taps].
  let direct: [Float]
  let bias: [Float]

  var outputsPerGroup: Int { outputChannels / groups }
  /// Length of the sums.
  var depth: Int { channelsPerGroup * kernel.reduce(1, *) }
  /// Few outputs share an input: reading the image beats packing it.
  var isDirect: Bool { matrices.isEmpty }

  /// `weights` is [outputChannels, channelsPerGroup, kernel...], row-major; no bias counts as zeros.
  package init(
    weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?, outputChannels: Int, channelsPerGroup: Int,
    groups: Int, kernel: [Int], isa: ISA, pool: ThreadPool
  ) {
    self.outputChannels = outputChannels
    self.channelsPerGroup = channelsPerGroup
    self.groups = groups
    self.kernel = kernel
    self.isa = isa
    let depth = channelsPerGroup * kernel.reduce(1, *), rows = outputChannels / groups
    self.bias = (0..<outputChannels).map { unsafe bias?[$0] ?? 0 }
    if rows <= 4 && depth <= GemmProduct.longestBlock {
      unsafe direct = Array(UnsafeBufferPointer(start: weights, count: outputChannels * depth))
      matrices = []
    } else {
      direct = []
      matrices = (0..<groups).map { group in
        unsafe PackedMatrix(
          rowsOf: Matrix(weights + group * rows * depth, rowStride: depth), lanes: rows, depth: depth, isa: isa,
          pool: pool)
      }
    }
  }
}
