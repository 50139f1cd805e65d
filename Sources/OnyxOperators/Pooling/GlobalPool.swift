import OnyxGraph
import OnyxTensor

/// Pools whose window is the whole plane of a channel: each spatial axis becomes 1.
package struct GlobalPool: TensorOperator {
  /// The members of the family.
  package enum Kind: Sendable, Hashable {
    /// ONNX: GlobalAveragePool (1, 22).
    case average
    /// ONNX: GlobalMaxPool (1, 22).
    case max
    /// ONNX: GlobalLpPool (1, 2, 22).
    case norm(p: Int)
  }

  static let definitions = [
    OperatorDefinition(signature("GlobalAveragePool", [1, 22]), GlobalPool(kind: .average)),
    OperatorDefinition(signature("GlobalMaxPool", [1, 22]), GlobalPool(kind: .max)),
    OperatorDefinition(signature("GlobalLpPool", [1, 2, 22])) { (attributes) throws(OnyxError) in
      GlobalPool(kind: .norm(p: try attributes.normOrder()))
    },
  ]

  private static func signature(_ name: String, _ versions: [Int]) -> Signature {
    Signature(name, versions: versions, inputs: [.required("X", "T")], outputs: [.required("Y", "T")], types: ["T": .floats])
  }

  /// What a plane becomes.
  package let kind: Kind

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    guard let x = try context.shape(0) else { return [Inferred(element, nil)] }
    guard x.count >= 2 else { throw .invalid("The input has rank \(x.count); a global pool needs batch and channels.") }
    return [Inferred(element, x[..<2] + x[2...].map { _ in 1 })]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let shape = try context.shape()
    let plane = x.shape[2...].reduce(1, *)
    let values = try x.doubles()
    var y: [Double] = try shape.filled(with: 0)
    for channel in y.indices {
      let elements = values[channel * plane..<(channel + 1) * plane]
      y[channel] =
        switch kind {
        case .average: elements.reduce(0, +) / Double(plane)
        case .max: elements.reduce(-.infinity) { $0.isNaN || $0 >= $1 ? $0 : $1 }
        case .norm(let p): norm(elements, p: p)
        }
    }
    return [try Tensor(floating: y, as: x.elementType, shape: shape)]
  }
}
