import OnyxTensor

extension Rewrite {
  /// x · 1, x / 1, x − 0, x ^ 1 and x + 0 → x
  static let removeNeutralArithmetic = Rewrite(
    "remove-neutral-arithmetic", changes: .exact,
    pattern: .anyOf(
      .value("x") * one, .value("x") / one, .op("Pow", .value("x"), one),
      .value("x") - .constant("zero") { $0.isFilled(with: 0) && !$0.hasNegativeZero },
      .value("x") + .constant("addend") { $0.isFilled(with: 0) }),
    when: [
      Clause("x + 0 turns −0 into 0; only −0 and integer zeros leave every x as it is.") { match in
        guard let addend = match.constant("addend") else { return true }
        return addend.elementType.isInteger || addend.isNegativeZero
      }
    ],
    becomes: .value("x"))

  private static let one = Expression.constant("one") { $0.isFilled(with: 1) }
}

extension Tensor {
  private var signs: [FloatingPointSign] { elementType.isFloating ? ((try? doubles()) ?? []).map(\.sign) : [] }
  fileprivate var hasNegativeZero: Bool { signs.contains(.minus) }
  fileprivate var isNegativeZero: Bool { !signs.isEmpty && !signs.contains(.plus) }
}
