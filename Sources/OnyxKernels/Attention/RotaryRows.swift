import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// RotaryEmbedding in float32: rows of features of one head and position.
///
/// SAFETY: see `KernelCall`; the shape rule has checked the caches, and position ids are checked in the run.
enum RotaryRows {
  static let all = [KernelRow("rotary_embedding_f32", ["RotaryEmbedding"], .input(0, [.float32]), prepare)]

  private static func prepare(_ op: RotaryEmbedding, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, x.elementCount > 0, let cosines = query.input(1)?.shape, let sines = query.input(2)?.shape else {
      return .declined("the input is empty")
    }
    let heads = x.rank == 4 ? x[1] : op.headCount ?? 1
    let sequence = x[x.rank == 4 ? 2 : 1]
    let features = x[x.rank - 1] / (x.rank == 4 ? 1 : heads)
    let half = (op.rotatedFeatures == 0 ? features : op.rotatedFeatures) / 2
    let (rows, limit, isRank4) = (x.elementCount / features, min(cosines[0], sines[0]), x.rank == 4)
    let (tokens, isInterleaved, isa) = (x[0] * sequence, op.isInterleaved, query.isa)
    return .run(inPlaceInputs: [0]) { (call) throws(OnyxError) in
      let positions = unsafe call.optionalInput(3, as: Int64.self)
      if let positions = unsafe positions {
        for token in 0..<tokens {
          let position = unsafe positions[token]
          guard position >= 0 && position < limit else { throw .invalid("A position id is outside 0 ..< \(limit).") }
        }
      }
      let (x, y) = unsafe (call.input(0, as: Float.self), call.output(0, as: Float.self))
      let (cosines, sines) = unsafe (call.input(1, as: Float.self), call.input(2, as: Float.self))
      let rotate = unsafe isInterleaved ? isa.layers.rotate_neighbours! : isa.layers.rotate_halves!
      call.pool.parallelFor(count: rows, grain: max(1, 16384 / features)) { range in
        for row in range {
          let token = isRank4 ? row / (heads * sequence) * sequence + row % sequence : row / heads
          let angles = unsafe (positions.map { unsafe Int($0[token]) } ?? token) * half
          let (from, to) = unsafe (x + row * features, y + row * features)
          unsafe rotate(to, from, cosines + angles, sines + angles, Int64(half))
          if unsafe UnsafePointer(to) != from { unsafe (to + 2 * half).update(from: from + 2 * half, count: features - 2 * half) }
        }
      }
    }
  }
}
