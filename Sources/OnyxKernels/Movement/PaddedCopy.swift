import CKernels
import OnyxTensor
import OnyxThreads

/// Copies a tensor into a larger or smaller one, axis by axis: each result coordinate has a source coordinate or none, and elements
/// with none are filled.
///
/// Axes that stay as they are behind the last one that changes form runs. The last one that changes is cut into segments whose
/// source coordinates are neighbours, forwards, backwards or the same; those before it have tables of where their rows begin.
///
/// SAFETY: every source coordinate is below the source's extent; the segments cover the result's axis exactly.
struct PaddedCopy: Sendable {
  typealias Map = (_ axis: Int, _ coordinate: Int) -> Int?

  /// Neighbours of the last axis that changes; `source` nil: filled.
  private struct Segment {
    var target, count: Int
    var source: Int?
    var step: Int
  }

  private let width: Int
  private let result: Shape
  /// For each axis before the last one that changes, where in the source its coordinates begin, in elements; -1: filled.
  private let places: [[Int]]
  /// The last axis that changes.
  private let axis: Int
  /// Elements behind it.
  private let run: Int
  private let segments: [Segment]

  private static let parallelByteCount = 1 << 16

  /// `changes` says of each axis whether `map` is more than the identity on equal extents. The rank is at least 1.
  init(width: Int, source: Shape, result: Shape, changes: [Bool], map: Map) {
    self.width = width
    self.result = result
    axis = changes.lastIndex(of: true) ?? 0
    run = result[(axis + 1)...].reduce(1, *)
    var segments: [Segment] = []
    for coordinate in 0..<(result.elementCount == 0 ? 0 : result[axis]) {
      let from = map(axis, coordinate)
      if var last = segments.last, Self.extend(&last, by: from) {
        segments[segments.count - 1] = last
      } else {
        segments.append(Segment(target: coordinate, count: 1, source: from, step: 1))
      }
    }
    self.segments = segments
    let strides = source.strides
    places =
      result.elementCount == 0
      ? []
      : (0..<axis).map { outer in
        (0..<result[outer]).map { coordinate in map(outer, coordinate).map { $0 * strides[outer] } ?? -1 }
      }
  }

  private static func extend(_ segment: inout Segment, by next: Int?) -> Bool {
    guard let first = segment.source, let next else {
      guard segment.source == nil, next == nil else { return false }
      segment.count += 1
      return true
    }
    if segment.count == 1, abs(next - first) <= 1 { segment.step = next - first }
    guard next == first + segment.count * segment.step else { return false }
    segment.count += 1
    return true
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
      for row in range {
        let place = unsafe to + row * rowElements
        let start = start(row)
        if start < 0 { unsafe place.update(repeating: value, count: rowElements) } else { unsafe copyRow(from + start, place, value) }
      }
    }
  }

  /// Where in the source a result row begins; -1 when one of its coordinates has no place there.
  private func start(_ row: Int) -> Int {
    var (rest, start) = (row, 0)
    for outer in (0..<axis).reversed() {
      let (quotient, coordinate) = rest.quotientAndRemainder(dividingBy: result[outer])
      let place = places[outer][coordinate]
      if place < 0 { return -1 }
      start += place
      rest = quotient
    }
    return start
  }

  @inline(__always)
  private func copyRow<T: BitwiseCopyable>(_ source: UnsafePointer<T>, _ target: UnsafeMutablePointer<T>, _ fill: T) {
    for segment in segments {
      let to = unsafe target + segment.target * run
      guard let first = segment.source else {
        for index in 0..<segment.count * run { unsafe to[index] = fill }
        continue
      }
      let from = unsafe source + first * run
      if segment.step == 1 {
        unsafe to.update(from: from, count: segment.count * run)
      } else if run > 1 {
        unsafe onyx_copy_plane(
          Int64(width), to, Int64(run), 1, from, Int64(segment.step * run), 1, Int64(segment.count), Int64(run))
      } else if segment.step == 0 {
        let value = unsafe from[0]
        for index in 0..<segment.count { unsafe to[index] = value }
      } else {
        for index in 0..<segment.count { unsafe to[index] = from[-index] }
      }
    }
  }
}
