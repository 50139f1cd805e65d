import OnyxTensor

/// The data of a tensor object, read strictly: a number that its type cannot hold is an error.
struct JSONElements {
  let type: ElementType
  let data: [JSONValue]

  func tensor(_ shape: Shape) throws(OnyxError) -> Tensor {
    switch type.domain {
    case .floating: return try Tensor(floating: try read(double), as: type, shape: shape)
    case .signed, .unsigned: return try Tensor(integral: try read(integer), as: type, shape: shape)
    case .bool: return try Tensor(try read(bool), shape: shape)
    case .string: return try Tensor(try read(string), shape: shape)
    case .complex:
      let parts = try read(double)
      let numbers = stride(from: 0, to: parts.count - 1, by: 2).map { Complex128(parts[$0], parts[$0 + 1]) }
      return try Tensor(complex: numbers, as: type, shape: shape)
    }
  }

  private func read<T>(_ element: (JSONValue) -> T?) throws(OnyxError) -> [T] {
    var result: [T] = []
    result.reserveCapacity(data.count)
    for (index, value) in data.enumerated() {
      guard let element = element(value) else { throw .invalid("The datum \(index) of a tensor object is no \(type).") }
      result.append(element)
    }
    return result
  }

  private func double(_ value: JSONValue) -> Double? {
    switch value {
    case .number(let text): Double(text)
    case .string("NaN"): .nan
    case .string("Infinity"): .infinity
    case .string("-Infinity"): -.infinity
    default: nil
    }
  }

  private func integer(_ value: JSONValue) -> Int64? {
    guard case .number(let text) = value else { return nil }
    if type == .uint64 { return UInt64(text).map { Int64(bitPattern: $0) } }
    guard let number = Int64(text) else { return nil }
    let bits = Int64(type.bitsInFiles)
    let least = type.domain == .signed ? -1 << (bits - 1) : 0
    let most = bits == 64 ? Int64.max : (1 << (type.domain == .signed ? bits - 1 : bits)) - 1
    return number >= least && number <= most ? number : nil
  }

  private func bool(_ value: JSONValue) -> Bool? {
    guard case .bool(let bool) = value else { return nil }
    return bool
  }

  private func string(_ value: JSONValue) -> String? {
    guard case .string(let string) = value else { return nil }
    return string
  }
}
