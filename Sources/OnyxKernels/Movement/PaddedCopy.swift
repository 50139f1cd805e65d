import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Copies a tensor into a larger or smaller one, axis by axis: each result coordinate has a source coordinate or none, and elements
/// with none are filled.
///
/// Axes that stay as they are behind the last one that changes form runs. The last one that changes is copied piece by piece; those before
/// it say where their rows begin. What is kept for coordinates has a limit; beyond it `map` is asked again for each row.
///
/// SAFETY: every source coordinate is below the source's extent; the pieces of an axis of the result end where it does.
struct PaddedCopy: Sendable {
  typealias Map = @Sendable (_ axis: Int, _ coordinate: Int) -> SourcePiece

  /// Neighbours of the last axis that changes, as far as `target`.
  private typealias Segment = (target: Int, piece: SourcePiece)

  private let width: Int
  private let result: Shape
  private let strides: [Int]
  private let map: Map
  /// For each axis before the last one that changes, where in the source its coordinates begin, in elements; -1: filled. nil: too many.
  private let places: [[Int]?]
  /// The last axis that changes.
  private let axis: Int
  /// Elements behind it.
  private let run: Int
  /// All of the last axis that changes; nil: too many.
  private let segments: [Segment]?

  private static let parallelByteCount = 1 << 16
  /// Coordinates of an axis, and segments, that are kept.
  private static let mostPlaces = 1 << 14, mostSegments = 256

  /// `changes` says of each axis whether `map` is more than the identity on equal extents. The rank is at least 1.
  init(width: Int, source: Shape, result: Shape, changes: [Bool], map: @escaping Map) {
    self.width = width
    self.result = result
    self.map = map
    let strides = source.strides
    self.strides = strides
    let axis = changes.lastIndex(of: true) ?? 0
    self.axis = axis
    run = result[(axis + 1)...].reduce(1, *)
    let isEmpty = result.elementCount == 0
    segments = isEmpty ? nil : Self.segments(result[axis]) { map(axis, $0) }
    places = (0..<axis).map { outer in
      guard !isEmpty, result[outer] <= Self.mostPlaces else { return nil }
      return (0..<result[outer]).map { coordinate in map(outer, coordinate).source.map { $0 * strides[outer] } ?? -1 }
    }
  }

  private static func segments(_ extent: Int, _ map: (Int) -> SourcePiece) -> [Segment]? {
    var segments: [Segment] = []
    var coordinate = 0
    while coordinate < extent {
      guard segments.count < mostSegments else { return nil }
      let piece = map(coordinate)
      segments.append((coordinate, piece))
      coordinate += piece.count
    }
    return segments
  }

  func run(from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, fill: UnsafeRawPointer, pool: ThreadPool) {
    guard result.elementCount > 0 else { return }
    switch width {
    case 1: unsafe run(UInt8.self, source, target, fill, pool)
    case 2: unsafe run(UInt16.self, source, target, fill, pool)
    case 4: unsafe run(UInt32.self, source, target, fill, pool)
    case 8: unsafe run(UInt64.self, source, target, fill, pool)
    default: unsafe run(SIMD2<UInt64>.self, source, target, fill, pool)
    }
  }

  @inline(__always)
  private func run<T: BitwiseCopyable & SendableMetatype>(
    _ type: T.Type, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ fill: UnsafeRawPointer, _ pool: ThreadPool
  ) {
    let rows = result[..<axis].reduce(1, *)
    let rowElements = result[axis] * run
    let (from, to) = unsafe (source.assumingMemoryBound(to: T.self), target.assumingMemoryBound(to: T.self))
    let value = unsafe fill.loadUnaligned(as: T.self)
    pool.parallelFor(count: rows, grain: max(1, Self.parallelByteCount / (rowElements * width))) { range in
      unsafe copyRows(range, rowElements, from, to, value)
    }
  }

  /// Rows along the axis before the one that is copied are neighbours: those before it are asked once for all of them.
  @inline(__always)
  private func copyRows<T: BitwiseCopyable>(
    _ rows: Range<Int>, _ rowElements: Int, _ source: UnsafePointer<T>, _ target: UnsafeMutablePointer<T>, _ fill: T
  ) {
    guard let near = places.last, let near else {
      for row in rows { unsafe copyRow(start(row, before: axis), source, target + row * rowElements, fill) }
      return
    }
    unsafe near.withUnsafeBufferPointer { near in
      var row = rows.lowerBound
      while row < rows.upperBound {
        let (plane, first) = row.quotientAndRemainder(dividingBy: near.count)
        let base = start(plane, before: axis - 1)
        for coordinate in first..<min(near.count, first + rows.upperBound - row) {
          let place = unsafe base < 0 ? -1 : near[coordinate]
          unsafe copyRow(place < 0 ? -1 : base + place, source, target + row * rowElements, fill)
          row += 1
        }
      }
    }
  }

  /// Where in the source the coordinates of some first axes begin, of which `row` is the number; -1 when one of them has no place there.
  private func start(_ row: Int, before axis: Int) -> Int {
    var (rest, start) = (row, 0)
    for outer in (0..<axis).reversed() {
      let (quotient, coordinate) = rest.quotientAndRemainder(dividingBy: result[outer])
      let place = places[outer]?[coordinate] ?? map(outer, coordinate).source.map { $0 * strides[outer] } ?? -1
      if place < 0 { return -1 }
      start += place
      rest = quotient
    }
    return start
  }

  /// `start` is where the row begins in the source; -1: it is filled.
  @inline(__always)
  private func copyRow<T: BitwiseCopyable>(_ start: Int, _ base: UnsafePointer<T>, _ target: UnsafeMutablePointer<T>, _ fill: T) {
    if start < 0 { return unsafe target.update(repeating: fill, count: result[axis] * run) }
    let source = unsafe base + start
    if let segments {
      for (coordinate, piece) in segments { unsafe copy(piece, source, target + coordinate * run, fill) }
      return
    }
    var coordinate = 0
    while coordinate < result[axis] {
      let piece = map(axis, coordinate)
      unsafe copy(piece, source, target + coordinate * run, fill)
      coordinate += piece.count
    }
  }

  @inline(__always)
  private func copy<T: BitwiseCopyable>(_ piece: SourcePiece, _ source: UnsafePointer<T>, _ to: UnsafeMutablePointer<T>, _ fill: T) {
    guard let first = piece.source else {
      for index in 0..<piece.count * run { unsafe to[index] = fill }
      return
    }
    let from = unsafe source + first * run
    if piece.step == 1 {
      unsafe to.update(from: from, count: piece.count * run)
    } else if run > 1 {
      unsafe onyx_copy_plane(Int64(width), to, Int64(run), 1, from, Int64(piece.step * run), 1, Int64(piece.count), Int64(run))
    } else if piece.step == 0 {
      let value = unsafe from[0]
      for index in 0..<piece.count { unsafe to[index] = value }
    } else {
      for index in 0..<piece.count { unsafe to[index] = from[-index] }
    }
  }
}
