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
      call.pool.parallelFor(count: batch * rows, grain: max(1, 4096 / width)) { range in
        for item in range {
          let (image, row) = item.quotientAndRemainder(dividingBy: rows)
          let (second, third) = (places[1][row % places[1].count], rank > 2 ? places[2][row / places[1].count] : 0)
          for number in 0..<rank {
            let map = unsafe theta + (image * rank + number) * (rank + 1)
            let (offset, slope) = unsafe (Double(map[rank]), Double(map[0]))
            let (down, deep) = unsafe (Double(map[1]) * second, rank > 2 ? Double(map[2]) * third : 0)
            let start = unsafe target + item * width * rank + number
            unsafe places[0].withUnsafeBufferPointer { first in
              for x in 0..<width {
                let sum = unsafe offset + slope * first[x] + down
                unsafe start[x * rank] = Float(rank > 2 ? sum + deep : sum)
              }
            }
          }
        }
      }
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
