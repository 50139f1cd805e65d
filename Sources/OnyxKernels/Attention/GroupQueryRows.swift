import OnyxGraph
import OnyxOperators
import OnyxTensor

/// GroupQueryAttention over float32.
///
/// SAFETY: see `KernelCall`.
enum GroupQueryRows {
  static let attention = KernelRow("group_query_attention_f32", ["GroupQueryAttention"], domain: "com.microsoft", .input(0, [.float32])) {
    (op: GroupQueryAttention, query) throws(OnyxError) in
    guard let q = query.input(0)?.shape, q.rank == 3, query.outputs.count == 3, query.outputs.allSatisfy({ $0 != nil }),
      let cache = query.outputs[1]?.shape, cache.rank == 4
    else { return .declined("an output is not asked for") }
    let features = q[2] / (query.input(1) != nil ? op.queryHeads : op.queryHeads + 2 * op.keyHeads)
    guard q.elementCount > 0, cache.elementCount > 0, features == cache[3] else { return .declined("something is empty") }
    let (cosines, sines) = (query.input(7)?.shape, query.input(8)?.shape)
    guard cosines?[1] == sines?[1] else { return .declined("the angles differ in shape") }
    let bias = query.input(10)?.shape
    if let bias, ![1, q[0]].contains(bias[0]) || ![1, op.queryHeads].contains(bias[1]) || bias[2] != q[1] {
      return .declined("the bias does not fit the queries")
    }
    guard query.input(5)?.shape.elementCount == q[0], query.input(6)?.shape.elementCount == 1 else {
      return .declined("lengths are missing")
    }
    let kernel = GroupQueryKernel(
      op: op, batch: q[0], sequence: q[1], features: features, past: query.input(3)?.shape[2] ?? 0, capacity: cache[2],
      isSplit: query.input(1) != nil, bias: bias.map(Array.init), angles: (min(cosines?[0] ?? 0, sines?[0] ?? 0), cosines?[1] ?? 0),
      positionCount: query.input(9)?.shape.elementCount, isa: query.isa)
    return .run { (call) throws(OnyxError) in try kernel.run(call) }
  }
}
