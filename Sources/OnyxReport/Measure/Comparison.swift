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
  package private(set) var mismatch: String?

  /// Types and shapes must agree; integers, bools and strings must be equal; NaN equals NaN; infinities must be equal.
  package init(_ actual: Tensor, expected: Tensor, tolerance: Tolerance) throws(OnyxError) {
    guard actual.elementType == expected.elementType, actual.shape == expected.shape else {
      mismatch = "got \(actual.typeDescription), expected \(expected.typeDescription)"
      return
    }
    switch actual.elementType.domain {
    case .floating: compareFloats(try actual.doubles(), try expected.doubles(), actual.elementType, tolerance)
    case .signed, .unsigned, .bool: compareExactly(try actual.integers(), try expected.integers(), "\(actual.elementType)")
    case .string: compareExactly(try actual.strings(), try expected.strings(), "string")
    case .complex:
      let (a, e) = (try actual.complexes(), try expected.complexes())
      compareFloats(a.flatMap { [$0.real, $0.imaginary] }, e.flatMap { [$0.real, $0.imaginary] }, .float32, tolerance)
    }
  }

  private mutating func compareExactly<T: Equatable>(_ actual: [T], _ expected: [T], _ type: String) {
    let wrong = actual.indices.filter { actual[$0] != expected[$0] }
    guard let first = wrong.first else { return }
    mismatch = "\(wrong.count) of \(actual.count) elements differ; element \(first) is \(actual[first]), expected \(expected[first])"
  }

  private mutating func compareFloats(_ actual: [Double], _ expected: [Double], _ type: ElementType, _ tolerance: Tolerance) {
    let scale = expected.reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 }
    let relative = tolerance.relative(for: type)
    var firstBad: Int?
    var bad = 0
    for (index, (a, e)) in zip(actual, expected).enumerated() {
      if a == e || a.isNaN && e.isNaN { continue }
      let difference = (a - e).magnitude
      let bound = tolerance.absolute.map { $0 + relative * e.magnitude } ?? relative * scale
      if difference.isFinite { maxAbsolute = max(maxAbsolute, difference) }
      if !(difference <= bound) {
        bad += 1
        if firstBad == nil { firstBad = index }
      }
    }
    maxRelative = scale > 0 ? maxAbsolute / scale : maxAbsolute
    if let index = firstBad {
      mismatch =
        "\(bad) of \(actual.count) elements differ; element \(index) is \(actual[index]), expected \(expected[index]) (largest "
        + "relative error \(maxRelative))"
    }
  }
}
