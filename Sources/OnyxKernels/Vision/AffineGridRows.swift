import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Grids of affine maps in float32; sums run in `Double`, as the reference's do.
///
/// SAFETY: see `KernelCall`; theta has rank · (rank + 1) numbers for each grid.
enum AffineGridRows {
  static let grid = KernelRow("affine_grid_f32", ["AffineGrid"], .input(0, [.float32])) { (op: AffineGrid, query) throws(OnyxError) in
    guard let y = query.outputs[0]?.shape, y.elementCount > 0 else { return .declined("the output is missing or empty") }
    let rank = y.rank - 2
    guard y.allSatisfy({ $0 <= 1 << 22 }) else { return .declined("an axis is out of proportion") }
    // Along x, y, z: the spatial axes from the last to the first.
    let places = (0..<rank).map { part in positions(y[rank - part], isAligned: op.alignsCorners) }
    let rows = y[1..<rank].reduce(1, *)
    let batch = y[0]
    return .run { call in
      let (theta, target) = unsafe (call.input(0, as: Float.self), call.output(0, as: Float.self))
      let width = places[0].count
      unsafe places[0].withUnsafeBufferPointer { first in
        call.pool.parallelFor(count: batch * rows, grain: max(1, 16384 / (width * rank))) { range in
          for item in range {
            let (image, row) = item.quotientAndRemainder(dividingBy: rows)
            let (second, third) = (places[1][row % places[1].count], rank > 2 ? places[2][row / places[1].count] : 0)
            let maps = unsafe theta + image * rank * (rank + 1)
            let start = unsafe target + item * width * rank
            if rank == 2 {
              unsafe fill(start, first, Line(maps, second), Line(maps + 3, second))
              continue
            }
            for number in 0..<rank {
              let map = unsafe maps + number * (rank + 1)
              let (offset, slope) = unsafe (Double(map[3]), Double(map[0]))
              let (down, deep) = unsafe (Double(map[1]) * second, Double(map[2]) * third)
              for x in 0..<width { unsafe start[x * rank + number] = Float(offset + slope * first[x] + down + deep) }
            }
          }
        }
      }
    }
  }

  /// One number along a row of a plane.
  private struct Line {
    let offset, slope, down: Double

    init(_ map: UnsafePointer<Float>, _ second: Double) {
      (offset, slope, down) = unsafe (Double(map[2]), Double(map[0]), Double(map[1]) * second)
    }
  }

  private static func fill(_ target: UnsafeMutablePointer<Float>, _ places: UnsafeBufferPointer<Double>, _ x: Line, _ y: Line) {
    for index in places.indices {
      let place = unsafe places[index]
      unsafe target[2 * index] = Float(x.offset + x.slope * place + x.down)
      unsafe target[2 * index + 1] = Float(y.offset + y.slope * place + y.down)
    }
  }

  /// A single aligned element stands in the middle, at 0.
  private static func positions(_ extent: Int, isAligned: Bool) -> [Double] {
    (0..<extent).map { place in
      if isAligned { return extent == 1 ? 0 : -1 + 2 * Double(place) / Double(extent - 1) }
      return (2 * Double(place) + 1) / Double(extent) - 1
    }
  }
}
