/// Reading and making tensors through the wide type of their domain. The scalar references of the operators compute here:
/// floats in `Double`, integers and bools in the 64 bits of two's complement, complex numbers in `Complex128`.
extension Tensor {
  /// The elements as `Double`. Floats are exact, 64-bit integers are rounded. Throws for complex and string tensors.
  package func doubles() throws(OnyxError) -> [Double] {
    try WorkLimits.check()
    if let type = elementType.floatingElement { return try wideFloats(type) }
    let isUnsigned = elementType == .uint64
    return try integers().map { isUnsigned ? Double(UInt64(bitPattern: $0)) : Double($0) }
  }

  /// The elements of an integer or bool tensor; `uint64` keeps its bits.
  package func integers() throws(OnyxError) -> [Int64] {
    try WorkLimits.check()
    guard let type = elementType.integralElement else { throw .invalid("A tensor of \(elementType) was given where integers are needed.") }
    return try wideIntegers(type)
  }

  /// The elements of a tensor that holds sizes, axes or indices. Throws when a value does not fit `Int`.
  package func ints() throws(OnyxError) -> [Int] {
    let values = try integers()
    if elementType == .uint64, values.contains(where: { $0 < 0 }) { throw .invalid("A size or index is past 2^63.") }
    return values.map(Int.init)
  }

  /// The elements of a bool tensor. Throws `usage` for any other type.
  package func booleans() throws(OnyxError) -> [Bool] { try elements(as: Bool.self) }

  /// The elements as complex numbers; real numbers have the imaginary part 0. Throws for string tensors.
  package func complexes() throws(OnyxError) -> [Complex128] {
    switch elementType {
    case .complex64: try elements(as: Complex64.self).map { Complex128(Double($0.real), Double($0.imaginary)) }
    case .complex128: try elements(as: Complex128.self)
    default: try doubles().map { Complex128($0, 0) }
    }
  }

  /// A tensor of a floating type, each element rounded once to nearest even.
  package init(floating values: [Double], as type: ElementType, shape: Shape) throws(OnyxError) {
    guard let element = type.floatingElement else { throw .bug("\(type) is no floating type.") }
    self = try Self.rounded(values, element, shape)
  }

  /// A tensor of an integer or bool type; the low bits of each value are kept.
  package init(integral values: [Int64], as type: ElementType, shape: Shape) throws(OnyxError) {
    guard let element = type.integralElement else { throw .bug("\(type) is no integer type.") }
    self = try Self.wrapped(values, element, shape)
  }

  /// A tensor of a complex type; for `complex64` each part is rounded once to nearest even.
  package init(complex values: [Complex128], as type: ElementType, shape: Shape) throws(OnyxError) {
    self =
      type == .complex64
      ? try Tensor(values.map { Complex64(Float($0.real), Float($0.imaginary)) }, shape: shape) : try Tensor(values, shape: shape)
  }

  private func wideFloats<T: FloatingElement>(_ type: T.Type) throws(OnyxError) -> [Double] {
    try withElements(of: type) { (elements) throws(OnyxError) in
      try Self.inPortions(elements.count) { T.widened($0.isWhole ? elements : elements.extracting($0.range)) }
    }
  }

  private func wideIntegers<T: IntegralElement>(_ type: T.Type) throws(OnyxError) -> [Int64] {
    try withElements(of: type) { (elements) throws(OnyxError) in
      try Self.inPortions(elements.count) { T.widened($0.isWhole ? elements : elements.extracting($0.range)) }
    }
  }

  private static func rounded<T: FloatingElement>(_ values: [Double], _ type: T.Type, _ shape: Shape) throws(OnyxError) -> Tensor {
    try Tensor(try inPortions(values.count) { T.narrowed($0.isWhole ? values : Array(values[$0.range])) }, shape: shape)
  }

  private static func wrapped<T: IntegralElement>(_ values: [Int64], _ type: T.Type, _ shape: Shape) throws(OnyxError) -> Tensor {
    try Tensor(try inPortions(values.count) { T.narrowed($0.isWhole ? values : Array(values[$0.range])) }, shape: shape)
  }

  /// A part of many elements.
  private struct Portion {
    let range: Range<Int>
    let isWhole: Bool
  }

  /// What `convert` makes of so many elements: of few at once, of more by portions of about a tenth of a millisecond, between which work
  /// can be ended. Throws `budgetExceeded` then.
  private static func inPortions<R>(_ count: Int, _ convert: (Portion) -> [R]) throws(OnyxError) -> [R] {
    let length = 1 << 16
    guard count > length else { return convert(Portion(range: 0..<count, isWhole: true)) }
    var results: [R] = []
    results.reserveCapacity(count)
    for start in stride(from: 0, to: count, by: length) {
      try WorkLimits.check()
      results += convert(Portion(range: start..<start + min(length, count - start), isWhole: false))
    }
    return results
  }
}
