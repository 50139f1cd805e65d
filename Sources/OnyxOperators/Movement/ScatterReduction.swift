import OnyxTensor

/// How an update meets the element it is written to: the attribute `reduction` of ScatterElements and ScatterND.
///
/// Sums and products are accumulated in the wide type of the domain and rounded once, where a kernel may round at each update. Max and min
/// of a NaN are NaN.
package enum ScatterReduction: String, CaseIterable, Sendable {
  case none, add, mul, max, min

  /// `data` with update `i` written into element `targets[i]`, in order. Every target is inside `data`.
  func apply(_ updates: Tensor, to data: Tensor, at targets: [Int]) throws(OnyxError) -> Tensor {
    guard self != .none else { return try replaced(updates, data, targets) }
    let type = data.elementType
    switch type.domain {
    case .floating:
      let result = try combined(try data.doubles(), try updates.doubles(), targets, float)
      return try Tensor(floating: result, as: type, shape: data.shape)
    case .signed, .bool:
      let result = try combined(try data.integers(), try updates.integers(), targets) { self.integer($0, $1) }
      return try Tensor(integral: result, as: type, shape: data.shape)
    case .unsigned:
      let old = try data.integers().map { UInt64(bitPattern: $0) }
      let result = try combined(old, try updates.integers().map { UInt64(bitPattern: $0) }, targets) { self.integer($0, $1) }
      return try Tensor(integral: result.map { Int64(bitPattern: $0) }, as: type, shape: data.shape)
    case .complex:
      guard self == .add || self == .mul else { throw .unsupported("The reduction '\(rawValue)' is not defined for complex numbers.") }
      return try Tensor(complex: try combined(try data.complexes(), try updates.complexes(), targets, complex), as: type, shape: data.shape)
    case .string:
      throw .unsupported(
        "The reduction '\(rawValue)' is not defined for strings.", remedy: "Strings can be scattered with reduction 'none'.")
    }
  }

  private func replaced(_ updates: Tensor, _ data: Tensor, _ targets: [Int]) throws(OnyxError) -> Tensor {
    try ReferenceMemory.check(data.elementCount)
    var source = Array(0..<data.elementCount)
    var pace = WorkPace(every: 1 << 16)
    for (update, target) in targets.enumerated() {
      try pace.check()
      source[target] = data.elementCount + update
    }
    return try Tensor.joined([data, updates]).gathering(source, shape: data.shape)
  }

  private func combined<T>(_ data: [T], _ updates: [T], _ targets: [Int], _ combine: (T, T) -> T) throws(OnyxError) -> [T] {
    var result = data
    var pace = WorkPace(every: 1 << 16)
    for (update, target) in zip(updates, targets) {
      try pace.check()
      result[target] = combine(result[target], update)
    }
    return result
  }

  private func float(_ old: Double, _ new: Double) -> Double {
    switch self {
    case .none: new
    case .add: old + new
    case .mul: old * new
    case .max: old.isNaN || new.isNaN ? .nan : Swift.max(old, new)
    case .min: old.isNaN || new.isNaN ? .nan : Swift.min(old, new)
    }
  }

  private func integer<T: FixedWidthInteger>(_ old: T, _ new: T) -> T {
    switch self {
    case .none: new
    case .add: old &+ new
    case .mul: old &* new
    case .max: Swift.max(old, new)
    case .min: Swift.min(old, new)
    }
  }

  private func complex(_ old: Complex128, _ new: Complex128) -> Complex128 {
    self == .add
      ? Complex128(old.real + new.real, old.imaginary + new.imaginary)
      : Complex128(old.real * new.real - old.imaginary * new.imaginary, old.real * new.imaginary + old.imaginary * new.real)
  }
}
