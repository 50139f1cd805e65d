import CKernels
import OnyxOperators
import OnyxTensor

/// Adds what windows hold back to where they lie: the transpose of taking windows out of a plane.
///
/// SAFETY: see `add`.
@safe struct WindowOverlap: Sendable {
  private let geometry: WindowGeometry
  /// The innermost axes; `rows` is one of one element where there is only one.
  private let rows, last: WindowGeometry.Axis
  private let outer: [WindowGeometry.Axis]
  private let kernel: Int
  private let isa: ISA
  /// Bytes of an element.
  let width: Int

  /// nil without a spatial axis, and for elements that are not added up.
  init?(_ geometry: WindowGeometry, _ type: ElementType, isa: ISA) {
    guard let last = geometry.axes.last else { return nil }
    switch type {
    case .float32: kernel = Int(ONYX_OVERLAP_F32)
    case .float64: kernel = Int(ONYX_OVERLAP_F64)
    case .int32, .uint32: kernel = Int(ONYX_OVERLAP_U32)
    case .int64, .uint64: kernel = Int(ONYX_OVERLAP_U64)
    default: return nil
    }
    let one = WindowGeometry.Axis(input: 1, output: 1, kernel: 1, stride: 1, dilation: 1, padBefore: 0, padAfter: 0)
    (self.geometry, self.last, rows) = (geometry, last, geometry.axes.dropLast().last ?? one)
    outer = geometry.axes.dropLast(2)
    (self.isa, width) = (isa, type.byteWidth)
  }

  /// Elements of a plane, taps of a window, and windows.
  var plane: Int { geometry.axes.reduce(1) { $0 * $1.input } }
  var taps: Int { geometry.axes.reduce(1) { $0 * $1.kernel } }
  var windows: Int { geometry.windowCount }

  /// Adds every tap of all windows, tap by tap.
  ///
  /// SAFETY: `columns` holds `taps` rows of `windows` elements, `y` a plane.
  func add(_ columns: UnsafeRawPointer, into y: UnsafeMutableRawPointer) {
    let blocks = outer.reduce(1) { $0 * $1.output }
    let (size, count) = (rows.input * last.input, taps)
    let overlap = unsafe isa.layers.overlap[kernel]!
    for tap in 0..<count {
      let (rest, columnTap) = tap.quotientAndRemainder(dividingBy: last.kernel)
      let (outerTap, rowTap) = rest.quotientAndRemainder(dividingBy: rows.kernel)
      let (reachedRows, reachedColumns) = (Self.reached(rows, rowTap), Self.reached(last, columnTap))
      guard !reachedRows.isEmpty, !reachedColumns.isEmpty else { continue }
      let row = rows.start(reachedRows.lowerBound) + rowTap * rows.dilation
      let column = last.start(reachedColumns.lowerBound) + columnTap * last.dilation
      for block in 0..<blocks {
        guard let start = blockStart(block, tap: outerTap, size: size) else { continue }
        let from = ((tap * blocks + block) * rows.output + reachedRows.lowerBound) * last.output + reachedColumns.lowerBound
        unsafe overlap(
          y + (start + row * last.input + column) * width, Int64(rows.stride * last.input), Int64(last.stride), columns + from * width,
          Int64(last.output), Int64(reachedRows.count), Int64(reachedColumns.count))
      }
    }
  }

  /// The windows of an axis whose tap falls inside the input.
  private static func reached(_ axis: WindowGeometry.Axis, _ tap: Int) -> Range<Int> {
    let place = tap * axis.dilation - axis.padBefore
    let first = place >= 0 ? 0 : (-place - 1) / axis.stride + 1
    let end = axis.input > place ? min(axis.output, (axis.input - 1 - place) / axis.stride + 1) : 0
    return min(first, end)..<end
  }

  /// Where the last two axes begin that a block of windows and a tap, both over the axes before, reach; nil outside.
  private func blockStart(_ block: Int, tap: Int, size: Int) -> Int? {
    var (block, tap, start, size) = (block, tap, 0, size)
    for axis in outer.reversed() {
      let at = axis.start(block % axis.output) + tap % axis.kernel * axis.dilation
      guard at >= 0, at < axis.input else { return nil }
      start += at * size
      size *= axis.input
      block /= axis.output
      tap /= axis.kernel
    }
    return start
  }
}
