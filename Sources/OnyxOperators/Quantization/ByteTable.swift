import OnyxGraph
import OnyxTensor

/// A function of one byte by its 256 results: y[i] = table[x[i]], the bits of x[i] read as unsigned. Made by the optimizer
/// only, from QuantizeLinear(f(DequantizeLinear(x))); domain `onyx`, version 1.
package struct ByteTable: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "ByteTable", domain: "onyx", versions: [1], inputs: [.required("x", "T1"), .required("table", "T2")], outputs: [.required("y", "T2")],
      types: ["T1": .bytes, "T2": .bytes]), ByteTable())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    if let shape = try context.shape(1), shape.count != 1 || shape.contains(where: { ($0.known ?? 256) != 256 }) {
      throw .invalid("The table of shape \(shape) has not 256 elements.")
    }
    return [try context.tensor(1).resized(context.shape(0))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (x, table) = (try context.input(0), try context.input(1))
    let results = try table.integers()
    return [try x.mapIntegers(as: table.elementType) { results[Int(UInt8(truncatingIfNeeded: $0))] }]
  }
}
