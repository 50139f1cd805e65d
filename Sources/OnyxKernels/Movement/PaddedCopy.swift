import CKernels
import OnyxTensor
import OnyxThreads

/// Copies a tensor into a larger or smaller one, axis by axis: each result coordinate has a source coordinate or none, and elements
/// with none are filled.
///
/// Axes that stay as they are behind the last one that changes form runs. The last one that changes is cut into segments whose
/// source coordinates are neighbours, forwards, backwards or the same; those before it are asked for each of their rows.
///
/// SAFETY: every source coordinate is below the source's extent; the segments cover the result's axis exactly.
struct PaddedCopy: Sendable {
  typealias Map = @Sendable (_ axis: Int, _ coordinate: Int) -> Int?

  /// Neighbours of the last axis that changes; `source` nil: filled.
  private struct Segment {
    var target, count: Int
    var source: Int?
    var step: Int
  }

  private let width: Int
  private let result: Shape
  private let source: Shape
  private let map: Map
  /// The last axis that changes.
  private let axis: Int
  /// Elements behind it.
  private let run: Int
  private let segments: [Segment]

  private static let parallelByteCount = 1 << 16

  /// `changes` says of each axis whether `map` is more than the identity on equal extents. The rank is at least 1.
  init(width: Int, source: Shape, result: Shape, changes: [Bool], map: @escaping Map) {
    self.width = width
    self.source = source
    self.result = result
    self.map = map
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
    let rows = result[..<axis].reduce(1, *)
    let rowElements = result[axis] * run
    pool.parallelFor(count: rows, grain: max(1, Self.parallelByteCount / (rowElements * width))) { range in
      for row in range {
        let to = unsafe target + row * rowElements * width
        guard let offset = offset(row) else {
          unsafe onyx_fill(Int64(width), to, fill, Int64(rowElements))
          continue
        }
        unsafe copyRow(source + offset * self.source[axis] * run * width, to, fill)
      }
    }
  }

  /// The source row of a result row; nil when one of its coordinates has none.
  private func offset(_ row: Int) -> Int? {
    var (rest, offset, stride) = (row, 0, 1)
    for outer in (0..<axis).reversed() {
      let (quotient, coordinate) = rest.quotientAndRemainder(dividingBy: result[outer])
      guard let from = map(outer, coordinate) else { return nil }
      offset += from * stride
      stride *= source[outer]
      rest = quotient
    }
    return offset
  }

  private func copyRow(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ fill: UnsafeRawPointer) {
    for segment in segments {
      let to = unsafe target + segment.target * run * width
      guard let first = segment.source else {
        unsafe onyx_fill(Int64(width), to, fill, Int64(segment.count * run))
        continue
      }
      let from = unsafe source + first * run * width
      if run == 1 {
        unsafe onyx_copy_plane(Int64(width), to, 0, 1, from, 0, Int64(segment.step), 1, Int64(segment.count))
      } else {
        unsafe onyx_copy_plane(
          Int64(width), to, Int64(run), 1, from, Int64(segment.step * run), 1, Int64(segment.count), Int64(run))
      }
    }
  }
}
