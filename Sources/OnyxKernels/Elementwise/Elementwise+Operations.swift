import CKernels

/// A function of two elements with vector kernels: an index into the lists of `ONYX_BINARY`, `ONYX_BINARY_ADD` for one.
///
/// SAFETY: an index is one of the constants of the C list, whose length is `ONYX_BINARY_COUNT`; names are C literals.
package struct BinaryOperation: Sendable, Hashable, CaseIterable, CustomStringConvertible {
  package let rawValue: Int

  package init(_ rawValue: Int) { self.rawValue = rawValue }

  package static let allCases = (0..<ONYX_BINARY_COUNT).map { BinaryOperation($0) }

  package static var add: BinaryOperation { BinaryOperation(ONYX_BINARY_ADD) }
  package static var multiply: BinaryOperation { BinaryOperation(ONYX_BINARY_MULTIPLY) }
  package static var divide: BinaryOperation { BinaryOperation(ONYX_BINARY_DIVIDE) }

  /// The operator of ONNX.
  package var name: String { unsafe String(cString: onyx_binary_functions()[rawValue].name) }
  package var description: String { name }

  /// Least elements worth a thread.
  var grain: Int { unsafe Int(onyx_binary_functions()[rawValue].grain) }
}

/// A function of one element with vector kernels: an index into the lists of `ONYX_UNARY`, `ONYX_UNARY_RELU` for one.
///
/// SAFETY: an index is one of the constants of the C list, whose length is `ONYX_UNARY_COUNT`; names are C literals.
package struct UnaryOperation: Sendable, Hashable, CaseIterable, CustomStringConvertible {
  package let rawValue: Int

  package init(_ rawValue: Int) { self.rawValue = rawValue }

  /// The function of this name; nil when there is none with vector kernels.
  package init?(named name: String) {
    guard let found = Self.byName[name] else { return nil }
    self = found
  }

  package static let allCases = (0..<ONYX_UNARY_COUNT).map { UnaryOperation($0) }
  private static let byName = Dictionary(uniqueKeysWithValues: allCases.filter { !$0.name.isEmpty }.map { ($0.name, $0) })

  package static var clip: UnaryOperation { UnaryOperation(ONYX_UNARY_CLIP) }
  package static var affine: UnaryOperation { UnaryOperation(ONYX_UNARY_AFFINE) }
  package static var log: UnaryOperation { UnaryOperation(ONYX_UNARY_LOG) }
  package static var sqrt: UnaryOperation { UnaryOperation(ONYX_UNARY_SQRT) }

  /// The operator of ONNX, or "GeluTanh"; empty when the function serves no operator alone.
  package var name: String { unsafe String(cString: onyx_unary_functions()[rawValue].name) }
  package var description: String { name }

  /// Least elements worth a thread.
  var grain: Int { unsafe Int(onyx_unary_functions()[rawValue].grain) }
}
