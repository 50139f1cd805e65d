import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Activation functions of one floating number that have attributes or a formula of several steps; computed in `Double`,
/// rounded once. NaN stays NaN where the standard's formula keeps it.
enum Activation {
  typealias Function = @Sendable (Double) -> Double

  private static func row(
    _ name: String, _ versions: [Int], _ make: @escaping @Sendable (inout AttributeReader) throws(OnyxError) -> Function
  ) -> OperatorDefinition {
    OperatorDefinition(
      Signature(name, versions: versions, inputs: [.required("X", "T")], outputs: [.required("Y", "T")], types: ["T": .floats])
    ) { (attributes) throws(OnyxError) in UnaryMath(function: try make(&attributes)) }
  }

  static let definitions: [OperatorDefinition] = [
    row("LeakyRelu", [1, 6, 16]) { (attributes) throws(OnyxError) in
      let alpha = try attributes.double("alpha", default: 0.01)
      return { $0 < 0 ? alpha * $0 : $0 }
    },
    row("Elu", [1, 6, 22]) { (attributes) throws(OnyxError) in
      let alpha = try attributes.double("alpha", default: 1)
      return { $0 < 0 ? alpha * expm1($0) : $0 }
    },
    row("Selu", [1, 6, 22]) { (attributes) throws(OnyxError) in
      let alpha = try attributes.double("alpha", default: 1.67326319)
      let gamma = try attributes.double("gamma", default: 1.05070102)
      return { $0 > 0 ? gamma * $0 : gamma * (alpha * exp($0) - alpha) }
    },
    // max(0, x) + min(0, alpha · (e^(x / alpha) − 1))
    row("Celu", [12, 28]) { (attributes) throws(OnyxError) in
      let alpha = try attributes.double("alpha", default: 1)
      return { ($0 <= 0 ? 0 : $0) + atMost(0, alpha * expm1($0 / alpha)) }
    },
    row("HardSigmoid", [1, 6, 22]) { (attributes) throws(OnyxError) in
      let alpha = try attributes.double("alpha", default: 0.2)
      let beta = try attributes.double("beta", default: 0.5)
      return { clamped(alpha * $0 + beta) }
    },
    row("HardSwish", [14, 22]) { _ in { $0 * clamped($0 / 6 + 0.5) } },
    row("Gelu", [20]) { (attributes) throws(OnyxError) in
      switch try attributes.choice("approximate", default: Approximation.none) {
      case .none: { 0.5 * $0 * (1 + erf($0 * 0.5.squareRoot())) }
      case .tanh: { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
      }
    },
    row("Mish", [18, 22]) { _ in { $0 * tanh($0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0))) } },
    row("ThresholdedRelu", [10, 22]) { (attributes) throws(OnyxError) in
      let alpha = try attributes.double("alpha", default: 1)
      return { $0 > alpha ? $0 : 0 }
    },
    row("Swish", [24]) { (attributes) throws(OnyxError) in
      let alpha = try attributes.double("alpha", default: 1)
      return { $0 / (1 + exp(-alpha * $0)) }
    },
  ]

  private enum Approximation: String, CaseIterable { case none, tanh }

  private static func clamped(_ value: Double) -> Double { value < 0 ? 0 : atMost(1, value) }
  private static func atMost(_ limit: Double, _ value: Double) -> Double { value > limit ? limit : value }
}

extension AttributeReader {
  /// A float attribute; its value is that of the 32-bit float, for every element type.
  mutating func double(_ name: String, default value: Float) throws(OnyxError) -> Double { Double(try float(name, default: value)) }
}
