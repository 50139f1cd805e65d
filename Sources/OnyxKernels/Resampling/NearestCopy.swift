import CKernels
import OnyxTensor
import OnyxThreads

/// A Resize that moves elements of any width: each result is the element of its place in the tables of the axes.
///
/// SAFETY: indices stay inside the axes; rows are written one after the other, so that a row may copy the one before.
struct NearestCopy: Sendable {
  /// The axes outside the rows: extents of the result, and for each of its elements where in the source it begins.
  private let outer: [[Int]]
  private let rows: Int
  /// Elements of a row, of the source and of the result, and the bytes of each.
  private let row: Row
  private let rowBytes: Int
  private let isa: ISA

  private enum Row: Sendable {
    /// Pieces of some bytes.
    case pieces([Int32], byteCount: Int)
    case words(ResampledRow)
    /// Each element of the source twice.
    case doubled(count: Int, width: Int)
    case elements([Int32], width: Int)
  }

  /// `axes` has an entry for each axis of the source, nil for those that stay as they are; not all are. nil for rows that are too long.
  init?(_ source: Shape, _ axes: [ResampledAxis?], width: Int, isa: ISA) {
    guard let last = axes.lastIndex(where: { $0 != nil }), let table = axes[last] else { return nil }
    let run = source[(last + 1)...].reduce(1, *)
    guard run * max(table.input, table.output) <= Int(Int32.max) else { return nil }
    let strides = source.strides
    var outer: [[Int]] = []
    for axis in 0..<last {
      let places = axes[axis]?.indices.map { Int($0) } ?? Array(0..<source[axis])
      let step = strides[axis] * width
      outer.append(places.map { $0 * step })
    }
    self.outer = outer
    rows = outer.reduce(1) { $0 * $1.count }
    rowBytes = table.output * run * width
    if run * width >= 16 {
      row = .pieces(table.indices, byteCount: run * width)
    } else if run == 1 && width <= 4 && table.output == 2 * table.input && table.indices.indices.allSatisfy({ table.indices[$0] == $0 / 2 })
    {
      row = .doubled(count: table.input, width: width)
    } else if width == 4 {
      row = .words(ResampledRow(table, run: run, isa: isa))
    } else {
      row = .elements(table.indices.flatMap { index in (0..<run).map { index * Int32(run) + Int32($0) } }, width: width)
    }
    self.isa = isa
  }

  var tableByteCount: Int {
    let inner =
      switch row {
      case .pieces(let indices, _), .elements(let indices, _): indices.count * MemoryLayout<Int32>.stride
      case .words(let row): row.tableByteCount
      case .doubled: 0
      }
    return outer.reduce(inner) { $0 + $1.count * MemoryLayout<Int>.stride }
  }

  func run(_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, pool: ThreadPool) {
    pool.parallelFor(count: rows, grain: max(1, 32768 / max(rowBytes, 1))) { range in
      guard let near = outer.last else {
        for index in range { unsafe copy(x, y + index * rowBytes) }
        return
      }
      unsafe near.withUnsafeBufferPointer { unsafe copyRows(range, $0, x, y) }
    }
  }

  /// Rows along the innermost of the outer axes are neighbours: the others are asked once for all of them.
  private func copyRows(_ range: Range<Int>, _ near: UnsafeBufferPointer<Int>, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
    var last: (offset: Int, row: UnsafeMutableRawPointer)?
    var index = range.lowerBound
    while index < range.upperBound {
      let (plane, first) = index.quotientAndRemainder(dividingBy: near.count)
      let base = offset(of: plane)
      for place in first..<min(near.count, first + range.upperBound - index) {
        let offset = unsafe base + near[place]
        let target = unsafe y + index * rowBytes
        if let last = unsafe last, unsafe last.offset == offset {
          unsafe target.copyMemory(from: last.row, byteCount: rowBytes)
        } else {
          unsafe copy(x + offset, target)
        }
        unsafe last = (offset, target)
        index += 1
      }
    }
  }

  /// Where in the source the places of all outer axes but the last begin, of which `plane` is the number.
  private func offset(of plane: Int) -> Int {
    var (rest, offset) = (plane, 0)
    for axis in outer.dropLast().reversed() {
      let (quotient, place) = rest.quotientAndRemainder(dividingBy: axis.count)
      offset += axis[place]
      rest = quotient
    }
    return offset
  }

  private func copy(_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
    switch row {
    case .pieces(let indices, let byteCount):
      for place in indices.indices {
        unsafe (y + place * byteCount).copyMemory(from: x + Int(indices[place]) * byteCount, byteCount: byteCount)
      }
    case .doubled(let count, let width):
      switch width {
      case 1: unsafe double(count, x.assumingMemoryBound(to: UInt8.self), y, UInt16.self)
      case 2: unsafe double(count, x.assumingMemoryBound(to: UInt16.self), y, UInt32.self)
      default: unsafe double(count, x.assumingMemoryBound(to: UInt32.self), y, UInt64.self)
      }
    case .words(let row):
      unsafe row.withAxis { axis in
        unsafe isa.resize.pick!(y.assumingMemoryBound(to: Float.self), x.assumingMemoryBound(to: Float.self), axis)
      }
    case .elements(let indices, let width):
      switch width {
      case 1: unsafe pick(indices, x.assumingMemoryBound(to: UInt8.self), y.assumingMemoryBound(to: UInt8.self))
      case 2: unsafe pick(indices, x.assumingMemoryBound(to: UInt16.self), y.assumingMemoryBound(to: UInt16.self))
      default: unsafe pick(indices, x.assumingMemoryBound(to: UInt64.self), y.assumingMemoryBound(to: UInt64.self))
      }
    }
  }

  /// Writes each element and itself as one number of twice the width.
  @inline(__always)
  private func double<T: FixedWidthInteger & BitwiseCopyable, W: FixedWidthInteger & BitwiseCopyable>(
    _ count: Int, _ x: UnsafePointer<T>, _ y: UnsafeMutableRawPointer, _ wide: W.Type
  ) {
    let target = unsafe y.assumingMemoryBound(to: W.self)
    for place in 0..<count {
      let element = unsafe W(truncatingIfNeeded: x[place])
      unsafe target[place] = element &<< W(T.bitWidth) | element
    }
  }

  private func pick<T: BitwiseCopyable>(_ indices: [Int32], _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>) {
    unsafe indices.withUnsafeBufferPointer { indices in
      for place in 0..<indices.count { unsafe y[place] = x[Int(indices[place])] }
    }
  }
}
