import OnyxTensor

/// How a tensor differs from the expected one: in type or shape, or in which elements and by how much.
public struct Mismatch: Error, Sendable, Hashable {
  /// Elements of which at least one differs.
  public struct Elements: Sendable, Hashable {
    /// How many differ.
    public let count: Int
    /// How many there are.
    public let total: Int
    /// The index of the first that differs in row-major order, one number per axis.
    public let first: [Int]
    /// That element and the expected one as text; floats as the shortest decimal that reads back as the same number of their type.
    public let actual, expected: String
    /// max|actual − expected| over the elements that are finite in both, of complex numbers over both parts; nil for bools and strings,
    /// and when no element is finite in both.
    public let largestDifference: Double?
    /// The index of the first element with that difference.
    public let largest: [Int]?
  }

  /// Type and shape: "float32[2,3]".
  public let actualType, expectedType: String
  /// nil when the types or the shapes differ, so that no elements were compared.
  public let elements: Elements?

  /// nil when the tensors agree.
  ///
  /// Element type and shape must be equal. Numbers agree when they are equal or when both are finite and
  /// |actual − expected| ≤ `atol` + `rtol` · |expected| (NumPy's rule); of complex numbers both parts must. NaN agrees with NaN and with
  /// nothing else, an infinity only with itself. Bools and strings must be equal. A negative or NaN tolerance lets only equal elements
  /// agree. Complexity: O(elements).
  public init?(_ actual: Tensor, _ expected: Tensor, rtol: Double = 1e-5, atol: Double = 1e-6) {
    guard actual.elementType == expected.elementType, actual.shape == expected.shape else {
      self.init(types: actual, expected)
      return
    }
    guard let mismatch = ElementDifferences(actual, expected, rtol: rtol, atol: atol).mismatch else { return nil }
    self = mismatch
  }

  /// Of tensors whose types or shapes differ.
  init(types actual: Tensor, _ expected: Tensor) { self.init(types: actual.typeDescription, expected.typeDescription) }

  /// Of values of which these are the types.
  init(types actual: String, _ expected: String) {
    actualType = actual
    expectedType = expected
    elements = nil
  }

  /// Of tensors with equal types and shapes.
  init(_ tensor: Tensor, _ elements: Elements) {
    actualType = tensor.typeDescription
    expectedType = tensor.typeDescription
    self.elements = elements
  }
}

extension Mismatch: CustomStringConvertible {
  /// "2 of 6 elements differ, the first at [1,1]: 5.0, expected 5.5; the largest difference is 1.0 at [1,2]".
  public var description: String {
    guard let elements else { return "the \(actualType.contains("(") ? "value" : "tensor") is \(actualType), expected \(expectedType)" }
    var text = "\(elements.count) of \(elements.total) elements differ, the first at \(Self.text(elements.first)): "
    text += "\(elements.actual), expected \(elements.expected)"
    if let difference = elements.largestDifference, let index = elements.largest {
      text += "; the largest difference is \(difference) at \(Self.text(index))"
    }
    return text
  }

  private static func text(_ index: [Int]) -> String { "[" + index.map(String.init).joined(separator: ",") + "]" }
}
