import OnyxTensor

extension Tensor {
  /// Whether each element is something: not 0, not false, not the empty string. NaN is.
  func truths() throws(OnyxError) -> [Bool] {
    switch elementType.domain {
    case .floating: try doubles().mapped { $0 != 0 }
    case .signed, .unsigned, .bool: try integers().mapped { $0 != 0 }
    case .complex: try complexes().map { $0.real != 0 || $0.imaginary != 0 }
    case .string: try strings().map { !$0.isEmpty }
    }
  }
}

extension Tensor {
  /// The number of elements that are something.
  func truthCount() throws(OnyxError) -> Int {
    switch elementType {
    case .bool: try count(Bool.self) { $0 }
    case .int8: try count(Int8.self) { $0 != 0 }
    case .uint8: try count(UInt8.self) { $0 != 0 }
    case .int32: try count(Int32.self) { $0 != 0 }
    case .int64: try count(Int64.self) { $0 != 0 }
    case .float32: try count(Float.self) { $0 != 0 }
    case .float64: try count(Double.self) { $0 != 0 }
    case .float16: try count(Float16.self) { $0 != 0 }
    default: try truths().count { $0 }
    }
  }

  private func count<T: TensorElement>(_ type: T.Type, _ isSomething: (T) -> Bool) throws(OnyxError) -> Int {
    try withElements(of: type) { (elements) throws(OnyxError) in
      var count = 0
      for index in elements.indices { count += isSomething(elements[index]) ? 1 : 0 }
      return count
    }
  }
}
