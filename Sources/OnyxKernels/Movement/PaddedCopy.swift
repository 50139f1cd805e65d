import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Copies a tensor into a larger or smaller one, axis by axis: each result coordinate has a source coordinate or none, and elements
/// with none are filled.
///
/// Axes that stay as they are behind the last one that changes form runs. The last one that changes is copied piece by piece; those before
/// it are asked for each of their rows. Nothing is kept for each coordinate.
///
/// SAFETY: every source coordinate is below the source's extent; the pieces of an axis of the result end where it does.
struct PaddedCopy: Sendable {
  typealias Map = @Sendable (_ axis: Int, _ coordinate: Int) -> SourcePiece

  private let width: Int
  private let result: Shape
  private let source: Shape
  private let map: Map
  /// The last axis that changes.
  private let axis: Int
  /// Elements behind it.
  private let run: Int

  private static let parallelByteCount = 1 << 16

  /// `changes` says of each axis whether `map` is more than the identity on equal extents. The rank is at least 1.
  init(width: Int, source: Shape, result: Shape, changes: [Bool], map: @escaping Map) {
    self.width = width
    self.source = source
    self.result = result
    self.map = map
    axis = changes.lastIndex(of: true) ?? 0
    run = result[(axis + 1)...].reduce(1, *)
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
      guard let from = map(outer, coordinate).source else { return nil }
      offset += from * stride
      stride *= source[outer]
      rest = quotient
    }
    return offset
  }

  private func copyRow(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ fill: UnsafeRawPointer) {
    var coordinate = 0
    while coordinate < result[axis] {
      let piece = map(axis, coordinate)
      let to = unsafe target + coordinate * run * width
      coordinate += piece.count
      guard let first = piece.source else {
        unsafe onyx_fill(Int64(width), to, fill, Int64(piece.count * run))
        continue
      }
      let from = unsafe source + first * run * width
      if run == 1 {
        unsafe onyx_copy_plane(Int64(width), to, 0, 1, from, 0, Int64(piece.step), 1, Int64(piece.count))
      } else {
        unsafe onyx_copy_plane(
          Int64(width), to, Int64(run), 1, from, Int64(piece.step * run), 1, Int64(piece.count), Int64(run))
      }
    }
  }
}
