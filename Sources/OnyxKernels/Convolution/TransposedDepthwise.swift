import CKernels
import OnyxOperators
import OnyxThreads

/// A transposed convolution of single channels. The outputs of a row that lie a stride apart are weighed sums of neighbours of the input;
/// rows are put together from those of each phase.
///
/// SAFETY: `x` holds batch · channels planes of the geometry's windows, `y` multiplier times as many of its input, the weights
/// channels · multiplier kernels, the bias one element for each. Input rows are copied between zeros that all offsets stay inside.
struct TransposedDepthwise: Sendable {
  /// What adds to the outputs of one phase of one row.
  private struct Sum: Sendable {
    var offsets: [Int64] = []
    var taps: [Int] = []
    var count = 0
  }

  private let last: WindowGeometry.Axis
  /// Windows and outputs of a plane, taps of a kernel, rows of outputs.
  private let windows, plane, tapCount, rows: Int
  /// Zeros before an input row, and its length with those behind it.
  private let before, rowCount: Int
  /// [row of outputs][phase]
  private let sums: [Sum]
  private let isa: ISA

  private static let mostTerms = 1 << 20

  /// nil without a spatial axis and for kernels or outputs that are out of proportion to the input.
  init?(_ geometry: WindowGeometry, isa: ISA) {
    guard let last = geometry.axes.last, WindowExtents(geometry) != nil, last.stride <= 64 else { return nil }
    let outer = geometry.axes.dropLast()
    (self.last, self.isa) = (last, isa)
    windows = geometry.windowCount
    plane = geometry.axes.reduce(1) { $0 * $1.input }
    tapCount = geometry.axes.reduce(1) { $0 * $1.kernel }
    rows = outer.reduce(1) { $0 * $1.input }
    guard rows <= Self.mostTerms, rows * last.stride * ((tapCount - 1) / last.stride + 1) <= Self.mostTerms else { return nil }
    let phases = (0..<last.stride).map { phase in
      (0..<last.kernel).compactMap { tap -> (shift: Int, tap: Int)? in
        let distance = phase + last.padBefore - tap * last.dilation
        return distance % last.stride == 0 ? (distance / last.stride, tap) : nil
      }
    }
    let shifts = phases.joined().map(\.shift)
    let before = max(0, -(shifts.min() ?? 0))
    let longest = (last.input + last.stride - 1) / last.stride
    let rowCount = before + max(last.output, longest + max(0, shifts.max() ?? 0))
    guard rowCount <= 4 * (last.output + 1024) else { return nil }
    (self.before, self.rowCount) = (before, rowCount)
    // For each row of outputs the rows of windows that reach it, and by which tap of the outer axes.
    var reaching: [[(row: Int, tap: Int)]] = [[(0, 0)]]
    for axis in outer {
      let own = (0..<axis.input).map { output in
        (0..<axis.kernel).compactMap { tap -> (row: Int, tap: Int)? in
          let distance = output + axis.padBefore - tap * axis.dilation
          guard distance >= 0, distance % axis.stride == 0, distance / axis.stride < axis.output else { return nil }
          return (distance / axis.stride, tap)
        }
      }
      reaching = reaching.flatMap { found in
        own.map { next in
          found.flatMap { a in next.map { b in (a.row * axis.output + b.row, a.tap * axis.kernel + b.tap) } }
        }
      }
    }
    sums = reaching.flatMap { found in
      phases.enumerated().map { (phase, taps) in
        var sum = Sum(count: max(0, (last.input - phase + last.stride - 1) / last.stride))
        for (row, tap) in found {
          for (shift, column) in taps {
            sum.offsets.append(Int64(row * rowCount + before + shift))
            sum.taps.append(tap * last.kernel + column)
          }
        }
        return sum
      }
    }
  }

  func run<T: LayerElement>(
    _ x: UnsafePointer<T>, _ w: UnsafePointer<T>, bias: UnsafePointer<T>?, _ y: UnsafeMutablePointer<T>, batch: Int, channels: Int,
    multiplier: Int, pool: ThreadPool
  ) {
    let inputRows = windows / last.output
    let (padded, phase) = (inputRows * rowCount, (last.input + last.stride - 1) / last.stride)
    let count = padded + tapCount + last.stride * phase
    pool.parallelFor(count: batch * channels, grain: max(1, 32768 / max(1, plane * multiplier))) { range in
      unsafe pool.workspace.withFloats(count * (MemoryLayout<T>.stride / MemoryLayout<Float>.stride)) { memory in
        // SAFETY: floating elements are trivial, and nobody reads the memory as floats.
        let source = unsafe UnsafeMutableRawPointer(memory).assumingMemoryBound(to: T.self)
        let weights = unsafe source + padded
        let parts = unsafe weights + tapCount
        unsafe source.update(repeating: 0, count: padded)
        for item in range {
          for row in 0..<inputRows {
            unsafe (source + row * rowCount + before).update(from: x + item * windows + row * last.output, count: last.output)
          }
          for member in 0..<multiplier {
            let filter = item % channels * multiplier + member
            var start: T = unsafe bias?[filter] ?? 0
            let target = unsafe y + (item * multiplier + member) * plane
            for row in 0..<rows {
              unsafe weigh(row, source, w + filter * tapCount, weights, &start, parts, phase)
              unsafe join(parts, phase, target + row * last.input)
            }
          }
        }
      }
    }
  }

  /// The phases of one row, one behind the other.
  @inline(__always)
  private func weigh<T: LayerElement>(
    _ row: Int, _ source: UnsafePointer<T>, _ kernel: UnsafePointer<T>, _ weights: UnsafeMutablePointer<T>,
    _ start: UnsafeMutablePointer<T>, _ parts: UnsafeMutablePointer<T>, _ length: Int
  ) {
    let function = unsafe isa.layers.weigh[T.layerType]!
    for phase in 0..<last.stride {
      let to = unsafe parts + phase * length
      let index = row * last.stride + phase
      let (terms, count) = (sums[index].taps.count, sums[index].count)
      if terms == 0 {
        unsafe to.update(repeating: start.pointee, count: count)
        continue
      }
      for term in 0..<terms { unsafe weights[term] = kernel[sums[index].taps[term]] }
      unsafe sums[index].offsets.withUnsafeBufferPointer { offsets in
        unsafe function(to, Int64(count), source, 1, offsets.baseAddress, weights, Int64(terms), start)
      }
    }
  }

  /// Puts a row together from its phases.
  @inline(__always)
  private func join<T: LayerElement>(_ parts: UnsafePointer<T>, _ length: Int, _ target: UnsafeMutablePointer<T>) {
    if last.stride == 1 { return unsafe target.update(from: parts, count: last.input) }
    if last.stride == 2 {
      for index in 0..<last.input / 2 {
        unsafe target[2 * index] = parts[index]
        unsafe target[2 * index + 1] = parts[length + index]
      }
      if last.input % 2 == 1 { unsafe target[last.input - 1] = parts[length - 1] }
      return
    }
    for phase in 0..<last.stride {
      var (place, index) = (phase, phase * length)
      while place < last.input {
        unsafe target[place] = parts[index]
        place += last.stride
        index += 1
      }
    }
  }
}
