import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// What `onnx.defs` says of the newest form of an operator, on one line:
/// "Name; versions; inputs; outputs; type variables", with parameters as name:type, "?" for optional, "*" for variadic.
struct SchemaRow: Sendable, CustomTestStringConvertible {
  let text: String
  init(_ text: String) { self.text = text }

  var op: String { String(text.prefix { $0 != ";" }) }
  var testDescription: String { op }

  /// Records an issue unless the catalog's signature says the same.
  func check() throws {
    let signature = try #require(Catalog.definition(of: OperatorName(op)), "\(op) is not in the catalog").signature
    #expect(Self.line(signature) == text)
  }

  private static func line(_ signature: Signature) -> String {
    let types = signature.types.keys.sorted().map { name in
      let allowed = signature.types[name]?.sorted { $0.rawValue < $1.rawValue } ?? []
      return "\(name)=\(allowed.map(\.description).joined(separator: ","))"
    }
    return [
      signature.op.name, signature.versions.map(String.init).joined(separator: ","), list(signature.inputs), list(signature.outputs),
      types.joined(separator: " "),
    ].joined(separator: "; ")
  }

  private static func list(_ parameters: [Parameter]) -> String {
    parameters.map { parameter in
      let mark =
        switch parameter.presence {
        case .required: ""
        case .optional: "?"
        case .variadic: "*"
        }
      return "\(parameter.name):\(parameter.type)\(mark)"
    }.joined(separator: " ")
  }
}
