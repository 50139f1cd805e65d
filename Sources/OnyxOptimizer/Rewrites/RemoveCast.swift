import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Cast(x) → x, CastLike(x, y) → x when the types are the same.
  static let removeCast = Rewrite(
    "remove-cast", changes: .exact,
    pattern: .anyOf(.op("Cast", .value("x")), .op("CastLike", .value("x"), .value("like"))),
    when: [
      Clause("The element types must be the same.") { match in
        match.elementType(of: "x") != nil && match.elementType(of: "x") == match.result?.elementType
      }
    ],
    becomes: .value("x"))
}
