import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Windows that are sums of cosines. ONNX: HannWindow, HammingWindow, BlackmanWindow (17).
///
/// Element n of N is a₀ − a₁ cos(2πn / P) + a₂ cos(4πn / P); the period P is N for a periodic window and N − 1 for a symmetric one.
/// A window of one element is 1, as in NumPy and PyTorch. Computed in `Double`; an integer type takes the integral part.
package struct CosineWindow: TensorOperator {
  static let definitions: [OperatorDefinition] = [
    definition("HannWindow", [0.5, 0.5, 0]), definition("HammingWindow", [25.0 / 46, 21.0 / 46, 0]),
    definition("BlackmanWindow", [0.42, 0.5, 0.08]),
  ]

  private static func definition(_ name: String, _ coefficients: [Double]) -> OperatorDefinition {
    OperatorDefinition(
      Signature(
        name, versions: [17], inputs: [.required("size", "T1")], outputs: [.required("output", "T2")],
        types: ["T1": .indices, "T2": .numbers])
    ) { (attributes) throws(OnyxError) in try CosineWindow(coefficients, &attributes) }
  }

  /// a₀, a₁, a₂.
  package let coefficients: [Double]
  /// Whether the first element follows the last: the period is the size.
  package let isPeriodic: Bool
  /// Element type of the window.
  package let type: ElementType

  private init(_ coefficients: [Double], _ attributes: inout AttributeReader) throws(OnyxError) {
    self.coefficients = coefficients
    isPeriodic = try attributes.flag("periodic", default: true)
    type = try attributes.elementType("output_datatype", default: .float32, among: .numbers)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let size = try context.singleNumber(0, "size") ?? context.unknown("size")
    if let size = size.known { try Self.check(size) }
    return [Inferred(type, [size])]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let size = try context.singleInt(0, "size") ?? 0
    try Self.check(size)
    var values = try Shape([size]).filled(with: 1.0)
    if size > 1 {
      let turn = 2 * Double.pi / Double(isPeriodic ? size : size - 1)
      for n in values.indices {
        let angle = turn * Double(n)
        // In this order the peaks of all three windows are exactly 1.
        values[n] = coefficients[0] + coefficients[2] * cos(2 * angle) - coefficients[1] * cos(angle)
      }
    }
    return [try ElementConversion().convert(Tensor(values), to: type)]
  }

  private static func check(_ size: Int) throws(OnyxError) {
    guard size >= 0 else { throw .invalid("The size of the window is \(size); it must not be negative.") }
  }
}
