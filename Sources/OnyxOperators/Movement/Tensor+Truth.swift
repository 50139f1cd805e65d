import OnyxTensor

extension Tensor {
  /// Whether each element is something: not 0, not false, not the empty string. NaN is.
  func truths() throws(OnyxError) -> [Bool] {
    switch elementType.domain {
    case .floating: try doubles().map { $0 != 0 }
    case .signed, .unsigned, .bool: try integers().map { $0 != 0 }
    case .complex: try complexes().map { $0.real != 0 || $0.imaginary != 0 }
    case .string: try strings().map { !$0.isEmpty }
    }
  }
}
