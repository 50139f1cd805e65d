import OnyxOperators
import OnyxThreads

/// The greatest byte of each window over [planes, spatial...]: first over the rows of a window, then along them. A window that lies in the
/// padding has the least value.
struct ByteMaximum: Sendable {
  private let outer: [WindowGeometry.Axis]
  private let last: WindowGeometry.Axis
  /// Elements that the windows of the last axis reach, padding included.
  private let reach: Int

  /// nil without a spatial axis, and for windows that reach far past the input.
  init?(_ geometry: WindowGeometry) {
    guard let last = geometry.axes.last, last.output > 0, WindowExtents(geometry) != nil else { return nil }
    let extents = last.dilation.multipliedReportingOverflow(by: last.kernel - 1)
    let strides = last.stride.multipliedReportingOverflow(by: last.output - 1)
    guard !extents.overflow, !strides.overflow, last.padBefore >= 0 else { return nil }
    let (reach, overflow) = extents.partialValue.addingReportingOverflow(strides.partialValue)
    guard !overflow, reach < 4 * (last.input + 1024) else { return nil }
    outer = geometry.axes.dropLast()
    self.last = last
    self.reach = max(reach + 1, last.padBefore + last.input)
    guard last.padBefore <= self.reach else { return nil }
  }

  /// SAFETY: `x` holds `planes` planes of the geometry's input, `y` as many of its output. The row in scratch memory has room for what
  /// windows reach and for the input behind its padding.
  func run<T: FixedWidthInteger & SendableMetatype>(_ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, planes: Int, pool: ThreadPool) {
    let rows = outer.reduce(1) { $0 * $1.output }
    let plane = outer.reduce(last.input) { $0 * $1.input }
    pool.parallelFor(count: planes * rows, grain: max(1, 32768 / max(reach, 1))) { range in
      unsafe pool.workspace.withFloats(reach / MemoryLayout<Float>.stride + 1) { memory in
        // SAFETY: bytes are trivial, and nobody reads the memory as floats.
        let row = unsafe UnsafeMutableRawPointer(memory).assumingMemoryBound(to: T.self)
        unsafe row.update(repeating: .min, count: reach)
        var starts: [Int] = []
        var previous = -1
        for item in range {
          let (channel, window) = item.quotientAndRemainder(dividingBy: rows)
          if window != previous { starts = rowStarts(window) }
          previous = window
          unsafe gather(x + channel * plane, starts, row + last.padBefore)
          unsafe slide(row, y + item * last.output)
        }
      }
    }
  }

  /// The greatest of the rows that start there.
  @inline(__always)
  private func gather<T: FixedWidthInteger>(_ plane: UnsafePointer<T>, _ starts: [Int], _ row: UnsafeMutablePointer<T>) {
    guard let first = starts.first else { return unsafe row.update(repeating: .min, count: last.input) }
    unsafe row.update(from: plane + first, count: last.input)
    for start in starts.dropFirst() {
      let other = unsafe plane + start
      for index in 0..<last.input {
        let (a, b) = unsafe (row[index], other[index])
        unsafe row[index] = a > b ? a : b
      }
    }
  }

  /// The greatest of each window of a row.
  @inline(__always)
  private func slide<T: FixedWidthInteger>(_ row: UnsafeMutablePointer<T>, _ target: UnsafeMutablePointer<T>) {
    switch last.stride {
    case 1: unsafe slide(row, target, stride: 1)
    case 2: unsafe slide(row, target, stride: 2)
    default: unsafe slide(row, target, stride: last.stride)
    }
  }

  @inline(__always)
  private func slide<T: FixedWidthInteger>(_ row: UnsafeMutablePointer<T>, _ target: UnsafeMutablePointer<T>, stride: Int) {
    for index in 0..<last.output { unsafe target[index] = row[index &* stride] }
    for tap in 1..<max(last.kernel, 1) {
      let source = unsafe row + tap * last.dilation
      for index in 0..<last.output {
        let (a, b) = unsafe (target[index], source[index &* stride])
        unsafe target[index] = a > b ? a : b
      }
    }
  }

  /// Offsets in a plane of the rows that the windows of output row `row` read.
  private func rowStarts(_ row: Int) -> [Int] {
    var starts = [0]
    var (rest, stride) = (row, last.input)
    for axis in outer.reversed() {
      let (next, window) = rest.quotientAndRemainder(dividingBy: axis.output)
      rest = next
      starts = axis.taps(window).flatMap { tap in starts.map { $0 + (axis.start(window) + tap * axis.dilation) * stride } }
      stride *= axis.input
    }
    return starts
  }
}

extension ByteMaximum {
  /// The elements that the kernel is compiled for.
  @inline(never)
  func runSigned(_ x: UnsafePointer<Int8>, _ y: UnsafeMutablePointer<Int8>, planes: Int, pool: ThreadPool) {
    unsafe run(x, y, planes: planes, pool: pool)
  }

  @inline(never)
  func runUnsigned(_ x: UnsafePointer<UInt8>, _ y: UnsafeMutablePointer<UInt8>, planes: Int, pool: ThreadPool) {
    unsafe run(x, y, planes: planes, pool: pool)
  }
}
