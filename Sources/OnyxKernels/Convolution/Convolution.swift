import CKernels
import OnyxThreads

/// A float32 convolution over [batch, channels, spatial...] for one input size: any number of spatial axes, pads,
/// strides, dilations and groups.
///
/// One output is the sum over its taps in the order (channel, kernel position), in blocks of at most 512 terms; the
/// result does not depend on the number of threads.
///
/// SAFETY: `x` holds batch * groups * channelsPerGroup input planes and `y` batch * outputChannels output planes. Tap
/// and base offsets of `StagedImage` stay inside a plane.
package final class Convolution: Sendable {
  package let geometry: WindowExtents
  package let weights: PackedConvolution

  private let image: StagedImage
  /// Offsets of all taps of a group's channels.
  private let taps: [Int64]
  /// The form for many small planes, when it applies.
  private let channelBlocks: DepthwiseBlocks?

  package init(geometry: WindowExtents, weights: PackedConvolution) {
    precondition(geometry.kernel == weights.kernel, "weights are of another kernel size")
    self.geometry = geometry
    self.weights = weights
    let image = StagedImage(geometry)
    self.image = image
    channelBlocks = DepthwiseBlocks(geometry: geometry, weights: weights)
    taps = (0..<weights.channelsPerGroup).flatMap { c in image.taps.map { $0 + Int64(c * image.planeCount) } }
  }

  /// `y = activation(x * weights + bias)`.
  package func run(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, batch: Int, activation: Activation = .none,
    pool: ThreadPool
  ) {
    guard geometry.outputCount > 0, weights.outputChannels > 0 else { return }
    if let channelBlocks {
      unsafe channelBlocks.run(x, y, batch: batch, activation: activation, pool: pool)
      return
    }
    // Every group of every image is a job of its own; with enough of them the work inside each stays serial.
    let jobs = batch * weights.groups
    let work = weights.outputsPerGroup * geometry.outputCount * weights.depth
    // Small images are staged some ahead: a plane read right after it was written stalls on the store buffer.
    let size = image.needsCopy ? weights.channelsPerGroup * image.planeCount : 0
    let ahead = max(1, min(16, 4096 / max(size, 1)))
    let body = { (range: Range<Int>) in
      unsafe pool.workspace.withFloats(size * ahead) { scratch in
        for first in stride(from: range.lowerBound, to: range.upperBound, by: ahead) {
          let some = first..<min(first + ahead, range.upperBound)
          if size > 0 {
            for job in some { unsafe self.stage(job, x, into: scratch + (job - first) * size, pool) }
          }
          for job in some {
            let plain = unsafe x + job * self.weights.channelsPerGroup * self.geometry.inputCount
            let source = unsafe size > 0 ? UnsafePointer(scratch + (job - first) * size) : plain
            let output = unsafe y + job * self.weights.outputsPerGroup * self.geometry.outputCount
            unsafe self.run(job % self.weights.groups, source, output, activation, pool)
          }
        }
      }
    }
    if jobs >= 2 * pool.threadCount || jobs * work < GemmProduct.serialWork {
      pool.parallelFor(count: jobs, grain: max(1, GemmProduct.serialWork / max(work, 1)), body)
    } else {
      body(0..<jobs)
    }
  }

  /// Stages the channels of one group of one image.
  private func stage(
    _ job: Int, _ x: UnsafePointer<Float>, into scratch: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    let input = unsafe x + job * weights.channelsPerGroup * geometry.inputCount
    pool.parallelFor(count: weights.channelsPerGroup, grain: max(1, 16384 / max(image.planeCount, 1))) { range in
      for c in range {
        unsafe image.stage(
          input + c * geometry.inputCount, into: scratch + c * image.planeCount, fill: 0, isa: weights.isa)
      }
    }
  }

  private func run(
    _ group: Int, _ source: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ activation: Activation,
    _ pool: ThreadPool
  ) {
    switch weights.form {
    case .direct: unsafe runDirect(group, source, output, activation, pool)
    case .pixels, .channels: unsafe runProduct(group, source, output, activation, pool)
    }
  }

  /// The image as a matrix of `depth` taps by pixels, lent to `body` as an operand.
  private func withImage(_ source: UnsafePointer<Float>, _ body: (Gemm.Operand) -> Void) {
    if geometry.isIdentity {
      let matrix = unsafe Matrix(source, rowStride: geometry.outputCount)
      return body(.matrix(weights.form == .channels ? matrix.transposed : matrix))
    }
    unsafe taps.withUnsafeBufferPointer { taps in
      unsafe image.bases.withUnsafeBufferPointer { bases in
        unsafe body(
          .image(
            ImagePanels(
              base: source, taps: taps.baseAddress!, bases: bases.baseAddress!, rowLength: geometry.output.last!)))
      }
    }
  }

  /// C [outputs, pixels] = weights [outputs, depth] * image [depth, pixels], or the transposed product.
  private func runProduct(
    _ group: Int, _ source: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ activation: Activation,
    _ pool: ThreadPool
  ) {
    let rows = weights.outputsPerGroup
    let pixels = geometry.outputCount
    let isa = weights.isa
    let filter = Gemm.Operand.packed(weights.matrices[group])
    unsafe weights.bias.withUnsafeBufferPointer { bias in
      let bias = unsafe bias.baseAddress! + group * rows
      unsafe withImage(source) { image in
        if weights.form == .pixels {
          unsafe Gemm.multiply(
            m: rows, n: pixels, k: weights.depth, filter, image, into: output, rowStride: pixels,
            epilogue: .init(rowBias: bias, activation: activation), isa: isa, pool: pool)
          return
        }
        let epilogue = unsafe Gemm.Epilogue(columnBias: bias, activation: activation)
        let product = { (target: UnsafeMutablePointer<Float>) in
          unsafe Gemm.multiply(
            m: pixels, n: rows, k: self.weights.depth, image, filter, into: target, rowStride: rows, epilogue: epilogue,
            isa: isa, pool: pool)
        }
        if pixels == 1 { return unsafe product(output) }
        unsafe pool.workspace.withFloats(pixels * rows) { scratch in
          unsafe product(scratch)
          // Packing into one panel of all pixels transposes.
          unsafe isa.gemm.pack!(
            output, Int64(pixels), 0, scratch, Int64(rows), 1, Int64(pixels), Int64(rows))
        }
      }
    }
  }

  /// Each output plane by itself, taps read from the image in place.
  private func runDirect(
    _ group: Int, _ source: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ activation: Activation,
    _ pool: ThreadPool
  ) {
    let outputs = weights.outputsPerGroup
    let width = geometry.output.last!
    let rows = image.bases.count
    // Neighbouring rows of one plane of the last two axes share a call.
    let run = geometry.output.count > 1 ? geometry.output[geometry.output.count - 2] : 1
    let limits = activation.limits
    let depth = weights.depth
    let kernel = unsafe weights.isa.depthwise.rows!
    let square = weights.channelsPerGroup == 1 ? image.square : nil
    let squareKernel = unsafe weights.isa.depthwise.square!
    unsafe withTapsAndFilters { taps, filters in
      pool.parallelFor(count: outputs * rows, grain: max(4, (1 << 17) / max(width * depth, 1))) { range in
        var row = range.lowerBound
        while row < range.upperBound {
          let (plane, at) = row.quotientAndRemainder(dividingBy: rows)
          let count = min(run - at % run, range.upperBound - row)
          let channel = group * outputs + plane
          let target = unsafe output + row * width
          let start = unsafe source + Int(image.bases[at])
          let filter = unsafe filters + channel * depth
          let bias = weights.bias[channel]
          if let square {
            unsafe squareKernel(
              target, Int64(count), Int64(width), start, Int64(square.rowStride), taps, Int64(square.size),
              Int64(square.verticalStride), filter, bias, limits.low, limits.high)
          } else {
            unsafe kernel(
              target, Int64(width), Int64(count), Int64(width), start, Int64(image.rowStep), taps, filter,
              Int64(depth), bias, limits.low, limits.high)
          }
          row += count
        }
        unsafe activation.apply(
          output + range.lowerBound * width, rows: range.count, stride: width, count: width, isa: weights.isa)
      }
    }
  }

  private func withTapsAndFilters(_ body: (UnsafePointer<Int64>, UnsafePointer<Float>) -> Void) {
    unsafe taps.withUnsafeBufferPointer { taps in
      unsafe weights.direct.withUnsafeBufferPointer { filters in
        unsafe body(taps.baseAddress!, filters.baseAddress!)
      }
    }
  }
}
