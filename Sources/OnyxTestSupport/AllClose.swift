import OnyxTensor

/// nil when the tensors agree; otherwise a sentence about the first element that does not.
///
/// Type and shape must be equal. Numbers agree when |actual - expected| ≤ atol + rtol * |expected| (numpy's rule) or when
/// they are equal; NaN agrees with NaN. Strings and bools must be equal. Meant for `#expect(allClose(y, z) == nil)`.
package func allClose(_ actual: Tensor, _ expected: Tensor, rtol: Double = 1e-5, atol: Double = 1e-6) -> String? {
  guard actual.elementType == expected.elementType, actual.shape == expected.shape else {
    return "the tensor is \(actual.typeDescription), expected \(expected.typeDescription)"
  }
  do {
    switch expected.elementType.domain {
    case .string: return differences(try actual.strings(), try expected.strings(), expected.shape) { $0 == $1 }
    case .bool: return differences(try actual.booleans(), try expected.booleans(), expected.shape) { $0 == $1 }
    case .complex:
      return differences(try actual.complexes(), try expected.complexes(), expected.shape) {
        isClose($0.real, $1.real, rtol, atol) && isClose($0.imaginary, $1.imaginary, rtol, atol)
      }
    case .signed where rtol == 0 && atol == 0, .unsigned where rtol == 0 && atol == 0:
      return differences(try actual.integers(), try expected.integers(), expected.shape) { $0 == $1 }
    case .signed, .unsigned, .floating:
      return differences(try actual.doubles(), try expected.doubles(), expected.shape) { isClose($0, $1, rtol, atol) }
    }
  } catch { return "the elements cannot be read: \(error)" }
}

private func isClose(_ actual: Double, _ expected: Double, _ rtol: Double, _ atol: Double) -> Bool {
  if actual == expected || (actual.isNaN && expected.isNaN) { return true }
  return actual.isFinite && expected.isFinite && (actual - expected).magnitude <= atol + rtol * expected.magnitude
}

private func differences<T>(_ actual: [T], _ expected: [T], _ shape: Shape, _ agree: (T, T) -> Bool) -> String? {
  let wrong = expected.indices.filter { !agree(actual[$0], expected[$0]) }
  guard let first = wrong.first else { return nil }
  let position = zip(shape.strides, shape).map { (first / $0) % $1 }
  let index = position.map(String.init).joined(separator: ",")
  return "\(wrong.count) of \(expected.count) elements differ, the first at [\(index)]: \(actual[first]), expected \(expected[first])"
}
