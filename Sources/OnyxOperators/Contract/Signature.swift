import OnyxGraph
import OnyxTensor

/// What the standard says of an operator's inputs and outputs, and since which versions.
package struct Signature: Sendable {
  package let op: OperatorName
  /// Every operator set version that defined or changed the operator, ascending. Nodes reach the rules below in the form
  /// of the last one; the loader's adapters translate the older forms.
  package let versions: [Int]
  package let inputs: [Parameter]
  package let outputs: [Parameter]
  /// Element types that each type variable may take.
  package let types: [String: Set<ElementType>]
  /// Kinds of values besides tensors that each type variable may take; a variable can stand in both.
  package let others: [String: Set<ValueKind>]

  package init(
    _ name: String, domain: String = "", versions: [Int], inputs: [Parameter], outputs: [Parameter], types: [String: Set<ElementType>],
    others: [String: Set<ValueKind>] = [:]
  ) {
    self.op = OperatorName(name, domain: domain)
    self.versions = versions
    self.inputs = inputs
    self.outputs = outputs
    self.types = types
    self.others = others
  }

  /// The version in force for a model that imports `opset`; nil when the operator came later.
  package func version(for opset: Int) -> Int? { versions.last { $0 <= opset } }
}

/// One formal input or output.
package struct Parameter: Sendable {
  package enum Presence: Sendable {
    case required, optional
    case variadic(atLeast: Int)
  }

  package let name: String
  /// A type variable of the signature ("T"), or the name of one element type ("int64").
  package let type: String
  package let presence: Presence
  /// Variadic parameters of several types (Loop's values) are heterogeneous.
  package let isHomogeneous: Bool

  package static func required(_ name: String, _ type: String) -> Parameter {
    Parameter(name: name, type: type, presence: .required, isHomogeneous: true)
  }
  package static func optional(_ name: String, _ type: String) -> Parameter {
    Parameter(name: name, type: type, presence: .optional, isHomogeneous: true)
  }
  package static func variadic(_ name: String, _ type: String, atLeast: Int = 1, homogeneous: Bool = true) -> Parameter {
    Parameter(name: name, type: type, presence: .variadic(atLeast: atLeast), isHomogeneous: homogeneous)
  }
}

/// The sets of element types that the standard's type constraints use.
extension Set<ElementType> {
  package static let floats: Self = [.float16, .float32, .float64, .bfloat16]
  package static let floats8: Self = [.float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz]
  package static let signedIntegers: Self = [.int8, .int16, .int32, .int64]
  package static let unsignedIntegers: Self = [.uint8, .uint16, .uint32, .uint64]
  package static let integers: Self = signedIntegers.union(unsignedIntegers)
  /// Floats and integers of at least 8 bits.
  package static let numbers: Self = floats.union(integers)
  package static let complexes: Self = [.complex64, .complex128]
  package static let indices: Self = [.int32, .int64]
  /// The types that only operators of opset 28 name.
  package static let floats6: Self = [.float6e2m3, .float6e3m2]
  /// Every type, the narrow ones included, but those of 6 bits: ONNX `all_tensor_types_ir13`.
  package static let all = Set(ElementType.allCases).subtracting(floats6)
}
