import OnyxGraph
import OnyxTensor

/// A · Wᵀ + bias with weights of 2, 4 or 8 bits in blocks: (w − zero point) · scale, K of them in each of N rows.
/// ONNX Runtime: com.microsoft.MatMulNBits (1).
///
/// Weights are [N, blocks, block bytes], the first in the lowest bits of a byte; scales are one for each block. Zero points are bytes
/// packed as the weights are, in rows of whole bytes, or floats, one for each block; absent ones are the middle of the range. They count
/// beside `g_idx` too, where ONNX Runtime 1.32 passes over packed ones. Weights of which an axis is 0 stand for a product that is left
/// out: the result is the bias. Sums are computed in `Double`; `accuracy_level`, which lets a runtime round A, changes nothing.
package struct MatMulNBits: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "MatMulNBits", domain: "com.microsoft", versions: [1],
      inputs: [
        .required("A", "T1"), .required("B", "T2"), .required("scales", "T1"), .optional("zero_points", "T3"), .optional("g_idx", "T4"),
        .optional("bias", "T1"),
      ],
      outputs: [.required("Y", "T1")],
      types: [
        "T1": [.float16, .float32, .bfloat16], "T2": [.uint8], "T3": [.uint8, .float16, .float32, .bfloat16], "T4": [.int32],
      ]), MatMulNBits.init)

  /// Columns of A.
  package let depth: Int
  /// Columns of the result.
  package let columns: Int
  package let bits: Int
  /// Weights that share a scale.
  package let blockSize: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    depth = try attributes.required("K", attributes.int("K"))
    columns = try attributes.required("N", attributes.int("N"))
    bits = try attributes.int("bits", default: 4)
    blockSize = try attributes.required("block_size", attributes.int("block_size"))
    _ = try attributes.int("accuracy_level", default: 0)
    let layout = try attributes.int("weight_prepacked", default: 0)
    guard depth > 0, columns > 0, depth <= 1 << 40, columns <= 1 << 40 else {
      throw .invalid("The weights are \(columns) × \(depth); both must be positive.")
    }
    guard [2, 4, 8].contains(bits) else { throw .unsupported("Weights of \(bits) bits are not supported; of 2, 4 and 8 bits they are.") }
    guard blockSize >= 16, blockSize <= 1 << 30, blockSize & (blockSize - 1) == 0 else {
      throw .invalid("The attribute 'block_size' is \(blockSize); it must be a power of two, at least 16.")
    }
    guard layout == 0 else { throw .unsupported("Weights in the layout of a device are not supported.") }
  }

  private var blocks: Int { (depth - 1) / blockSize + 1 }
  private var blockBytes: Int { blockSize * bits / 8 }
  private var zeroPointBytes: Int { (blocks * bits - 1) / 8 + 1 }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let a = try context.tensor(0)
    if try !isOmitted(context.shape(1)) { try checkWeights(context) }
    if let bias = context.optional(5)?.shape, bias.count != 1 || (bias[0].known ?? columns) != columns {
      throw .invalid("The bias has the shape \(bias); it must be [\(columns)].")
    }
    guard let shape = a.shape else { return [a.resized(nil)] }
    guard let last = shape.last, (last.known ?? depth) == depth else {
      throw .invalid("The input of shape \(shape) must have \(depth) columns.")
    }
    return [a.resized(shape.dropLast() + [Dimension(columns)])]
  }

  /// Weights of which an axis is 0 stand for a product that is left out.
  private func isOmitted(_ weights: [Dimension]?) -> Bool { weights?.contains(0) ?? false }

  private func checkWeights(_ context: InferenceContext) throws(OnyxError) {
    try check(context, 2, [columns, blocks], "scales")
    if context.has(3) {
      try check(context, 3, try context.elementType(3) == .uint8 ? [columns, zeroPointBytes] : [columns, blocks], "zero points")
    }
    if let groups = context.optional(4)?.shape, groups.count != 1 || (groups[0].known ?? depth) < depth {
      throw .invalid("'g_idx' has the shape \(groups); it must have one element for each of \(depth) rows.")
    }
    if let b = try context.shape(1) {
      let needed = [columns, blocks, blockBytes]
      guard b.count == 3, zip(b, needed).allSatisfy({ $0.known == nil || $0.known == $1 }) else {
        throw .invalid("The weights have the shape \(b); they must be \(needed).")
      }
    }
  }

  /// Older files have the parameters of all rows as one vector.
  private func check(_ context: InferenceContext, _ index: Int, _ needed: [Int], _ what: String) throws(OnyxError) {
    guard let shape = context.optional(index)?.shape else { return }
    let isVector =
      shape.count == 1 && (shape[0].known.map { $0 == needed[0].multipliedReportingOverflow(by: needed[1]).partialValue } ?? true)
    let fits = shape.count == 2 && zip(shape, needed).allSatisfy { $0.known == nil || $0.known == $1 }
    guard fits || isVector else { throw .invalid("The \(what) have the shape \(shape); they must be \(needed).") }
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let a = try context.input(0)
    let shape = try context.shape()
    let bias = try context.optional(5)?.doubles()
    if try context.input(1).elementCount == 0 {
      var y: [Double] = try shape.filled(with: 0)
      if let bias { for index in y.indices { y[index] = bias[index % columns] } }
      return [try Tensor(floating: y, as: a.elementType, shape: shape)]
    }
    let values = try a.doubles()
    let scales = try context.input(2).doubles()
    let weights = PackedRows(integers: try PackedIntegers(context.input(1), bits: bits), rowBytes: blocks * blockBytes)
    var packedZeros: PackedRows?
    var zeros: [Double]?
    if let points = context.optional(3) {
      if points.elementType == .uint8 {
        packedZeros = PackedRows(integers: try PackedIntegers(points, bits: bits), rowBytes: zeroPointBytes)
      } else {
        zeros = try points.doubles()
      }
    }
    let groups = try context.optional(4)?.ints()
    if let groups, !groups.prefix(depth).allSatisfy({ (0..<blocks).contains($0) }) {
      throw .invalid("A group index is outside 0 ..< \(blocks).")
    }
    var y: [Double] = try shape.filled(with: 0)
    var row = [Double](repeating: 0, count: y.isEmpty ? 0 : depth)
    for column in 0..<(y.isEmpty ? 0 : columns) {
      for k in 0..<depth {
        let block = groups?[k] ?? k / blockSize
        let zero = zeros?[column * blocks + block] ?? packedZeros.map { Double($0.value(block, row: column)) } ?? Double(1 << (bits - 1))
        row[k] = (Double(weights.value(k, row: column)) - zero) * scales[column * blocks + block]
      }
      for index in 0..<y.count / columns {
        var sum = bias?[column] ?? 0
        for k in 0..<depth { sum += values[index * depth + k] * row[k] }
        y[index * columns + column] = sum
      }
    }
    return [try Tensor(floating: y, as: a.elementType, shape: shape)]
  }

  private struct PackedRows {
    let integers: PackedIntegers
    let rowBytes: Int

    func value(_ index: Int, row: Int) -> Int { integers.value(index, from: row * rowBytes) }
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    matrixProducts(left: inputs.first ?? nil, result: outputs.first ?? nil)
  }
}
