import CKernels

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

  package init(geometry: WindowExtents, weights: PackedConvolution) {
    precondition(geometry.kernel == weights.kernel, "weights are of another kernel size")
    self.geometry = geometry
    self.weights = weights
    let image = StagedImage(geometry)
    self.image = image
    taps = (0..<weights.channelsPerGroup).flatMap { c in image.taps.map { $0 + Int64(c * image.planeCount) } }
  }

  /// `y = activation(x * weights + bias)`.
  package func run(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, batch: Int, activation: Activation = .none,
    pool: ThreadPool
  ) {
    guard geometry.outputCount > 0, weights.outputChannels > 0 else { return }
    // Every group of every image is a job of its own; with enough of them the work inside each stays serial.
    let jobs = batch * weights.groups
    let work = weights.outputsPerGroup * geometry.outputCount * weights.depth
    let body = { (range: Range<Int>) in
      let scratch = self.image.needsCopy ? self.weights.channelsPerGroup * self.image.planeCount : 0
      unsafe pool.workspace.withFloats(scratch) { scratch in
        for job in range { unsafe self.run(job, x, y, scratch, activation, pool) }
      }
    }
    if jobs >= 2 * pool.threadCount || jobs * work < GemmProduct.serialWork {
      pool.parallelFor(count: jobs, grain: max(1, GemmProduct.serialWork / max(work, 1)), body)
    } else {
      body(0..<jobs)
    }
  }

  /// One group of one image.
  private func run(
    _ job: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>,
    _ activation: Activation, _ pool: ThreadPool
  ) {
    let group = job % weights.groups
    let input = unsafe x + job * weights.channelsPerGroup * geometry.inputCount
    let output = unsafe y + job * weights.outputsPerGroup * geometry.outputCount
    var source = unsafe input
    if image.needsCopy {
      pool.parallelFor(count: weights.channelsPerGroup, grain: max(1, 16384 / max(image.planeCount, 1))) { range in
        for c in range {
          unsafe image.stage(
            input + c * geometry.inputCount, into: scratch + c * image.planeCount, fill: 0, isa: weights.isa)
        }
      }
      unsafe source = UnsafePointer(scratch)
    }
    if weights.isDirect {
      unsafe runDirect(group, source, output, activation, pool)
    } else {
      unsafe runProduct(group, source, output, activation, pool)
    }
  }

  /// C [outputs, pixels] = weights [outputs, depth] * image [depth, pixels].
  private func runProduct(
    _ group: Int, _ source: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ activation: Activation,
    _ pool: ThreadPool
  ) {
    let rows = weights.outputsPerGroup, pixels = geometry.outputCount
    unsafe weights.bias.withUnsafeBufferPointer { bias in
      unsafe taps.withUnsafeBufferPointer { taps in
        unsafe image.bases.withUnsafeBufferPointer { bases in
          let columns: Gemm.Operand =
            unsafe geometry.isIdentity
            ? .matrix(Matrix(source, rowStride: pixels))
            : .image(
              ImagePanels(
                base: source, taps: taps.baseAddress!, bases: bases.baseAddress!, rowLength: geometry.output.last!))
          unsafe Gemm.multiply(
            m: rows, n: pixels, k: weights.depth, .packed(weights.matrices[group]), columns, into: output,
            rowStride: pixels,
            epilogue: .init(rowBias: bias.baseAddress! + group * rows, activation: activation), isa: weights.isa,
            pool: pool)
        }
      }
    }
  }

  /// Each output plane by itself, taps read from the image in place.
  private func runDirect(
    _ group: Int, _ source: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ activation: Activation,
    _ pool: ThreadPool
  ) {
    let outputs = weights.outputsPerGroup, width = geometry.output.last!, rows = image.bases.count
    // Neighbouring rows of one plane of the last two axes share a call.
    let run = geometry.output.count > 1 ? geometry.output[geometry.output.count - 2] : 1
    let limits = activation.limits, depth = weights.depth, kernel = unsafe weights.isa.depthwise.rows!
    unsafe withTapsAndFilters { taps, filters in
      pool.parallelFor(count: outputs * rows, grain: max(4, (1 << 17) / max(width * depth, 1))) { range in
        var row = range.lowerBound
        while row < range.upperBound {
          let (plane, at) = row.quotientAndRemainder(dividingBy: rows)
          let count = min(run - at % run, range.upperBound - row)
          let channel = group * outputs + plane
          unsafe kernel(
            output + row * width, Int64(width), Int64(count), Int64(width), source + Int(image.bases[at]),
            Int64(image.rowStep), taps, filters + channel * depth, Int64(depth),
            weights.bias[channel], limits.low, limits.high)
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
