import OnyxTensor

/// One extent of a symbolic shape: a polynomial with integer coefficients over named symbols.
///
/// Equal polynomials are equal dimensions; unequal ones may still be equal at run time. What no polynomial can say
/// (a quotient that leaves a remainder) becomes a symbol that stands for the expression, so equal expressions stay equal.
package struct Dimension: Sendable, Hashable {
  private let constant: Int
  /// Products of symbols (sorted, with repetition, none empty) and their coefficients, none zero. Most dimensions have none, and take no
  /// memory.
  private let products: [[Symbol]: Int]

  package init(_ value: Int) { (constant, products) = (value, [:]) }
  /// An extent that a model or a caller names.
  package init(symbol: String) { self.init(Symbol(symbol)) }
  /// An extent that a rule names: no name in a model is equal to it.
  package init(derived: String) { self.init(Symbol(derived, isDerived: true)) }
  /// An extent that a rule makes of others and calls `derived`, which tells the function and may tell the operands.
  package init(derived: String, of operands: [Dimension]) { self.init(Symbol(derived, of: operands)) }
  package init(_ symbol: Symbol) { (constant, products) = (0, [[symbol]: 1]) }

  private init(terms: [[Symbol]: Int]) {
    constant = terms[[], default: 0]
    products = terms.filter { $0.value != 0 && !$0.key.isEmpty }
  }

  /// The products and their coefficients, none zero; the empty product is the constant.
  private var terms: [[Symbol]: Int] {
    if constant == 0 { return products }
    var terms = products
    terms[[]] = constant
    return terms
  }

  /// The value when no symbol is left.
  package var known: Int? { products.isEmpty ? constant : nil }

  package var symbols: Set<Symbol> { Set(products.keys.joined()) }

  /// A value the dimension is never below, taking every symbol as an extent (at least 0); nil when a symbol lowers it.
  package var lowerBound: Int? { products.values.allSatisfy { $0 > 0 } ? constant : nil }

  /// Whether no extents of the symbols make the dimension negative.
  package var isNeverNegative: Bool { lowerBound.map { $0 >= 0 } ?? false }
}

extension Dimension {
  package static func + (left: Dimension, right: Dimension) throws(OnyxError) -> Dimension {
    if let a = left.known, let b = right.known {
      let (sum, overflow) = a.addingReportingOverflow(b)
      guard !overflow else { throw Self.overflow }
      return Dimension(sum)
    }
    var terms = left.terms
    for (product, coefficient) in right.terms { try accumulate(&terms, product, coefficient) }
    guard terms.count <= mostTerms else { throw tooLarge }
    return Dimension(terms: terms)
  }

  package static func - (left: Dimension, right: Dimension) throws(OnyxError) -> Dimension { try left + right * Dimension(-1) }

  package static func * (left: Dimension, right: Dimension) throws(OnyxError) -> Dimension {
    if let a = left.known, let b = right.known {
      let (product, overflow) = a.multipliedReportingOverflow(by: b)
      guard !overflow else { throw Self.overflow }
      return Dimension(product)
    }
    let degree = (left.products.keys.map(\.count).max() ?? 0) + (right.products.keys.map(\.count).max() ?? 0)
    guard degree <= mostFactors, left.products.count * right.products.count <= mostTerms else { throw tooLarge }
    var terms: [[Symbol]: Int] = [:]
    for (a, x) in left.terms {
      for (b, y) in right.terms {
        let (coefficient, overflow) = x.multipliedReportingOverflow(by: y)
        guard !overflow else { throw Self.overflow }
        try accumulate(&terms, (a + b).sorted(), coefficient)
      }
    }
    return Dimension(terms: terms)
  }

  private static func accumulate(_ terms: inout [[Symbol]: Int], _ product: [Symbol], _ coefficient: Int) throws(OnyxError) {
    let (sum, overflow) = terms[product, default: 0].addingReportingOverflow(coefficient)
    guard !overflow else { throw Self.overflow }
    terms[product] = sum
  }

  private static var overflow: OnyxError { .invalid("A shape computation overflows 64 bits.") }

  /// Terms of a sum and factors of a term: a short model can square a size again and again.
  private static let mostTerms = 512, mostFactors = 64
  private static var tooLarge: OnyxError { .unsupported("A shape computation has too many terms.") }

  /// The quotient rounded down (towards negative infinity). Throws for a divisor of 0.
  package func dividedDown(by divisor: Dimension) throws(OnyxError) -> Dimension {
    if let exact = try dividedExactly(by: divisor) { return exact }
    guard let value = known, let by = divisor.known else { return made("floor", by: divisor) }
    let (quotient, remainder) = try Self.divide(value, by)
    return Dimension(remainder != 0 && (value < 0) != (by < 0) ? quotient - 1 : quotient)
  }

  /// The quotient rounded up. Throws for a divisor of 0.
  package func dividedUp(by divisor: Dimension) throws(OnyxError) -> Dimension {
    if let exact = try dividedExactly(by: divisor) { return exact }
    guard let value = known, let by = divisor.known else { return made("ceil", by: divisor) }
    let (quotient, remainder) = try Self.divide(value, by)
    return Dimension(remainder != 0 && (value < 0) == (by < 0) ? quotient + 1 : quotient)
  }

  private func made(_ function: String, by divisor: Dimension) -> Dimension {
    Dimension(derived: "\(function)(\(grouped)/\(divisor.grouped))", of: [self, divisor])
  }

  /// `by` is not 0. The most negative number divided by -1 does not fit.
  private static func divide(_ value: Int, _ by: Int) throws(OnyxError) -> (quotient: Int, remainder: Int) {
    guard value != .min || by != -1 else { throw overflow }
    return value.quotientAndRemainder(dividingBy: by)
  }

  /// The quotient when the divisor is a single term that divides every term; nil when there is a remainder.
  package func dividedExactly(by divisor: Dimension) throws(OnyxError) -> Dimension? {
    if let value = known, let by = divisor.known, by != 0 {
      let (quotient, overflow) = value.dividedReportingOverflow(by: by)
      return overflow || value.remainderReportingOverflow(dividingBy: by).partialValue != 0 ? nil : Dimension(quotient)
    }
    guard let (factors, scale) = divisor.terms.first else { throw .invalid("A shape computation divides by zero.") }
    guard divisor.terms.count == 1 else { return self == divisor ? Dimension(1) : nil }
    var quotient: [[Symbol]: Int] = [:]
    for (product, coefficient) in terms {
      var rest = product
      for factor in factors {
        guard let position = rest.firstIndex(of: factor) else { return nil }
        rest.remove(at: position)
      }
      let (value, overflow) = coefficient.dividedReportingOverflow(by: scale)
      guard !overflow, coefficient.remainderReportingOverflow(dividingBy: scale).partialValue == 0 else { return nil }
      quotient[rest] = value
    }
    return Dimension(terms: quotient)
  }

  /// The dimension with every symbol of a model that `values` names replaced by its value.
  package func substituting(_ values: [String: Int]) throws(OnyxError) -> Dimension {
    try replacingSymbols { symbol in (symbol.isPlain ? values[symbol.name].map { Dimension($0) } : nil) ?? Dimension(symbol) }
  }
}

extension Dimension {
  /// The dimension with every symbol replaced by what `dimension` says of it. Throws for an overflow.
  package func replacingSymbols(_ dimension: (Symbol) -> Dimension) throws(OnyxError) -> Dimension {
    if known != nil { return self }
    var result = Dimension(0)
    for (product, coefficient) in terms {
      var term = Dimension(coefficient)
      for symbol in product { term = try term * dimension(symbol) }
      result = try result + term
    }
    return result
  }
}

extension Dimension: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  package init(integerLiteral value: Int) { self.init(value) }
  package init(stringLiteral value: String) { self.init(symbol: value) }
}

extension Dimension: CustomStringConvertible {
  /// "2*batch+1"; longer products first, then by name, the constant last.
  package var description: String {
    if terms.isEmpty { return "0" }
    var text = ""
    let ordered = terms.sorted { ($0.key.count, $1.key.text) > ($1.key.count, $0.key.text) }
    for (product, coefficient) in ordered {
      let sign = coefficient < 0 ? "-" : (text.isEmpty ? "" : "+")
      let factors = (coefficient.magnitude == 1 && !product.isEmpty ? [] : ["\(coefficient.magnitude)"]) + product.map(\.description)
      text += sign + factors.joined(separator: "*")
    }
    return text
  }

  private var grouped: String { terms.count > 1 ? "(\(self))" : "\(self)" }
}

extension [Dimension.Symbol] {
  fileprivate var text: String { map(\.description).joined() }
}
