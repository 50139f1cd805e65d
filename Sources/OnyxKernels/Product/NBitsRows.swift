import OnyxGraph
import OnyxOperators
import OnyxTensor

/// MatMulNBits with constant weights.
///
/// SAFETY: see `KernelCall`.
enum NBitsRows {
  static let matMul = KernelRow("matmul_nbits_f32", ["MatMulNBits"], domain: "com.microsoft", .input(0, [.float32])) {
    (op: MatMulNBits, query) throws(OnyxError) in
    guard query.input(4) == nil else { return .declined("terms choose their blocks by 'g_idx'") }
    guard let a = query.input(0)?.shape, a.elementCount > 0 else { return .declined("A is empty") }
    guard let weights = NBitsWeights(op, query) else {
      return .declined("weights, scales or zero points are no constants that it reads, or one is not finite")
    }
    let product = NBitsProduct(m: a.elementCount / op.depth, weights: weights, isa: query.isa)
    guard let count = product.scratchFloatCount, count <= Int.max / 4 else { return .declined("A is too large") }
    return .run(scratchByteCount: count * MemoryLayout<Float>.stride, absorbedInputs: [1, 2, 3]) { call in
      unsafe product.run(
        call.input(0), bias: call.optionalInput(5), into: call.output(), scratch: call.scratch.assumingMemoryBound(to: Float.self),
        pool: call.pool)
    }
  }
}
