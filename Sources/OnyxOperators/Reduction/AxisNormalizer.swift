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
package struct AxisNormalizer: TensorOperator {
  /// The members of the family.
  package enum Function: String, CaseIterable, Sendable {
    case softmax = "Softmax"
    case logSoftmax = "LogSoftmax"
    case hardmax = "Hardmax"

    func apply(_ x: [Double]) throws(OnyxError) -> [Double] {
      // The largest element is subtracted, so that no exponential overflows.
      switch self {
      case .softmax:
        let largest = try x.folded(-.infinity, NumericMath.maximum)
        let powers = try x.mapped { exp($0 - largest) }
        let sum = try powers.folded(0, +)
        return try powers.mapped { $0 / sum }
      case .logSoftmax:
        let largest = try x.folded(-.infinity, NumericMath.maximum)
        let logarithm = log(try x.folded(0) { $0 + exp($1 - largest) })
        return try x.mapped { $0 - largest - logarithm }
      // 1 for the first of the largest elements; as in numpy, a NaN is larger than every number.
      case .hardmax:
        var best = 0
        for (index, value) in x.enumerated() where !x[best].isNaN && (value > x[best] || value.isNaN) { best = index }
        return x.indices.map { $0 == best ? 1 : 0 }
      }
    }
  }

  static let definitions = Function.allCases.map { function in
    OperatorDefinition(
      Signature(
        function.rawValue, versions: [1, 11, 13], inputs: [.required("input", "T")], outputs: [.required("output", "T")],
        types: ["T": .floats])
    ) { (attributes) throws(OnyxError) in AxisNormalizer(function: function, axis: try attributes.int("axis", default: -1)) }
  }

  /// What the elements along the axis become.
  package let function: Function
  /// May count from the end.
  package let axis: Int

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type = try context.input(0).type
    if let shape = type.shape { _ = try Shape.normalize(axis: axis, rank: shape.count) }
    return [Inferred(type)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let slices = try Slices(x.shape, over: [try Shape.normalize(axis: axis, rank: x.shape.rank)])
    return [try Tensor(floating: try slices.replacing(x.doubles(), with: 0, function.apply), as: x.elementType, shape: x.shape)]
  }
}
