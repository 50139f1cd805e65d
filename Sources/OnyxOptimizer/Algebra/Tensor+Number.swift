import OnyxTensor

extension Tensor {
  /// A scalar of a floating or integer type.
  init(number: Double, as type: ElementType) throws(OnyxError) {
    if type.isFloating {
      self = try Tensor(floating: [number], as: type, shape: .scalar)
    } else {
      guard let whole = Int64(exactly: number) else { throw .bug("\(number) is no integer.") }
      self = try Tensor(integral: [whole], as: type, shape: .scalar)
    }
  }

  /// The one element as a number; nil for more elements and for types that are no numbers.
  var number: Double? {
    guard elementCount == 1, elementType.isFloating || elementType.isInteger else { return nil }
    return (try? doubles())?.first
  }

  /// Whether the one element is `wanted`, rounded to the element type, give or take `ulps` units in the last place.
  func isNumber(_ wanted: Double, ulps: Double) -> Bool {
    guard let number else { return false }
    guard elementType.isFloating else { return number == wanted }
    guard let rounded = (try? Tensor(number: wanted, as: elementType))?.number else { return false }
    return number == rounded || abs(number - rounded) <= ulps * elementType.ulp(of: rounded)
  }

  /// Whether every element is `wanted`. Complexity: O(elements); tensors above `limit` elements are not looked at.
  func isFilled(with wanted: Double, limit: Int = 1 << 16) -> Bool {
    guard elementCount > 0, elementCount <= limit, elementType.isFloating || elementType.isInteger else { return false }
    // Mostly the first element is another.
    if elementType == .float32, shape.rank > 0, let first = try? withElements(of: Float.self, { $0[0] }), Double(first) != wanted {
      return false
    }
    return (try? doubles())?.allSatisfy { $0 == wanted } ?? false
  }
}

extension ElementType {
  /// The distance between neighbours around `value`, for the types with which formulas are written.
  fileprivate func ulp(of value: Double) -> Double {
    switch self {
    case .float64: value.ulp
    case .float32: Double(Float(value).ulp)
    case .float16: Double(Float16(value).ulp)
    case .bfloat16: Double(Float(value).ulp) * 65536
    default: 0
    }
  }
}

/// The contents of a small constant, to find equal ones.
struct ConstantKey: Hashable {
  let type: ElementType
  let shape: Shape
  let bits: [UInt64]

  /// Constants above this are not compared: shapes, scalars and vectors of a small model's channels are below.
  static let largestElementCount = 256

  init?(_ tensor: Tensor) {
    guard tensor.elementCount <= Self.largestElementCount else { return nil }
    type = tensor.elementType
    shape = tensor.shape
    if tensor.elementType.isFloating {
      guard let values = try? tensor.doubles() else { return nil }
      bits = values.map(\.bitPattern)
    } else {
      guard let values = try? tensor.integers() else { return nil }
      bits = values.map { UInt64(bitPattern: $0) }
    }
  }
}
