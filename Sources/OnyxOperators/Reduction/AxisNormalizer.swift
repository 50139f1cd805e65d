import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Functions of all elements along one axis. ONNX: Softmax (1, 11, 13), LogSoftmax (1, 11, 13), Hardmax (1, 11, 13).
struct AxisNormalizer: Operator {
  typealias Function = @Sendable ([Double]) -> [Double]

  private static let functions: [(String, Function)] = [
    // The largest element is subtracted, so that no exponential overflows.
    (
      "Softmax",
      { x in
        let largest = x.reduce(-.infinity, NumericMath.maximum)
        let powers = x.map { exp($0 - largest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
      }
    ),
    (
      "LogSoftmax",
      { x in
        let largest = x.reduce(-.infinity, NumericMath.maximum)
        let logarithm = log(x.reduce(0) { $0 + exp($1 - largest) })
        return x.map { $0 - largest - logarithm }
      }
    ),
    // 1 for the first of the largest elements; as in numpy, a NaN is larger than every number.
    (
      "Hardmax",
      { x in
        var best = 0
        for (index, value) in x.enumerated() where !x[best].isNaN && (value > x[best] || value.isNaN) { best = index }
        return x.indices.map { $0 == best ? 1 : 0 }
      }
    ),
  ]

  static let definitions = functions.map { name, function in
    OperatorDefinition(
      Signature(name, versions: [1, 11, 13], inputs: [.required("input", "T")], outputs: [.required("output", "T")], types: ["T": .floats])
    ) { (attributes) throws(OnyxError) in AxisNormalizer(function: function, axis: try attributes.int("axis", default: -1)) }
  }

  let function: Function
  let axis: Int

  func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type = try context.input(0).type
    if let shape = type.shape { _ = try Shape.normalize(axis: axis, rank: shape.count) }
    return [Inferred(type)]
  }

  func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let slices = try Slices(x.shape, over: [try Shape.normalize(axis: axis, rank: x.shape.rank)])
    return [try Tensor(floating: slices.replacing(x.doubles(), with: 0, function), as: x.elementType, shape: x.shape)]
  }
}
