import OnyxTensor

/// How two tensors may differ.
package struct Tolerance: Sendable {
  /// With `absolute`: |a − e| ≤ absolute + relative·|e|, element by element, as ONNX's own runner of backend cases has it;
  /// like there bfloat16 is given two units in the last place at least.
  /// Without: |a − e| ≤ relative·max|e|, the largest over the tensor's finite elements.
  package let relative: Double?
  package let absolute: Double?

  package init(relative: Double? = nil, absolute: Double? = nil) {
    self.relative = relative
    self.absolute = absolute
  }

  /// The relative bound in force: given, or by the precision of the element type.
  func relative(for type: ElementType) -> Double {
    if let relative { return type == .bfloat16 && absolute != nil ? max(relative, 0x1p-6) : relative }
    return switch type {
    case .float32: 1e-5
    case .float64: 1e-7
    case .float16: 2e-3
    case .bfloat16: 1.6e-2
    default: type.isFloating ? 0.13 : 0
    }
  }
}

/// The difference of a tensor from the expected one.
package struct Comparison: Sendable {
  /// max|a − e| over elements that are finite in both.
  package private(set) var maxAbsolute = 0.0
  /// `maxAbsolute` over max|e|.
  package private(set) var maxRelative = 0.0
  /// Why the tensors differ; nil when they agree.
  package private(set) var mismatch: Mismatch?

  private init() {}

  /// Values of one kind agree when they hold equally many tensors and each agrees; keys of maps are compared as they stand.
  package init(_ actual: Value, expected: Value, tolerance: Tolerance) throws(OnyxError) {
    if case .tensor(let actual) = actual, case .tensor(let expected) = expected {
      try self.init(actual, expected: expected, tolerance: tolerance)
      return
    }
    self.init()
    let (actualParts, expectedParts) = (actual.tensors, expected.tensors)
    guard actual.kind == expected.kind, actualParts.count == expectedParts.count else {
      mismatch = Mismatch(types: actual.description, expected.description)
      return
    }
    for (a, e) in zip(actualParts, expectedParts) where mismatch == nil {
      let part = try Comparison(a, expected: e, tolerance: tolerance)
      maxAbsolute = max(maxAbsolute, part.maxAbsolute)
      maxRelative = max(maxRelative, part.maxRelative)
      mismatch = part.mismatch
    }
  }

  /// Types and shapes must agree; integers, bools and strings must be equal; NaN equals NaN; infinities must be equal.
  package init(_ actual: Tensor, expected: Tensor, tolerance: Tolerance) throws(OnyxError) {
    guard actual.elementType == expected.elementType, actual.shape == expected.shape else {
      mismatch = Mismatch(types: actual, expected)
      return
    }
    let (isReal, isComplex) = (expected.elementType.domain == .floating, expected.elementType.domain == .complex)
    guard isReal || isComplex else {
      mismatch = ElementDifferences(actual, expected, rtol: 0, atol: 0).mismatch
      return
    }
    let magnitudes = isReal ? try expected.doubles() : try expected.complexes().flatMap { [$0.real, $0.imaginary] }
    let scale = magnitudes.reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 }
    let relative = tolerance.relative(for: isReal ? expected.elementType : .float32)
    let differences = ElementDifferences(
      actual, expected, rtol: tolerance.absolute == nil ? 0 : relative, atol: tolerance.absolute ?? (relative * scale))
    maxAbsolute = differences.largest?.difference ?? 0
    maxRelative = scale > 0 ? maxAbsolute / scale : maxAbsolute
    mismatch = differences.mismatch
  }
}

extension Value {
  /// Every tensor inside, in order.
  fileprivate var tensors: [Tensor] {
    switch self {
    case .tensor(let tensor): [tensor]
    case .sequence(_, let values): values.flatMap(\.tensors)
    case .optional(_, let value): value?.tensors ?? []
    case .map(let map): [map.keys, map.values]
    }
  }
}
