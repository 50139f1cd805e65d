import OnyxTensor

/// The differences of the elements of two tensors of one type and shape.
struct ElementDifferences {
  private let tensor: Tensor
  private var count = 0
  private var first: (position: Int, actual: String, expected: String)?
  /// max|a − e| over elements that are finite in both, with the position of the first that has it.
  private(set) var largest: (difference: Double, position: Int)?

  /// `rtol` and `atol` as `Mismatch.init(_:_:rtol:atol:)` has them.
  init(_ actual: Tensor, _ expected: Tensor, rtol: Double, atol: Double) {
    tensor = actual
    do throws(OnyxError) {
      switch actual.elementType.domain {
      case .string: compare(try actual.strings(), try expected.strings(), { $0.debugDescription })
      case .bool: compare(try actual.booleans(), try expected.booleans(), { "\($0)" })
      case .signed, .unsigned: compareIntegers(try actual.integers(), try expected.integers(), rtol, atol)
      case .floating: compareFloats(try actual.doubles(), try expected.doubles(), rtol, atol)
      case .complex: compareComplexes(try actual.complexes(), try expected.complexes(), rtol, atol)
      }
    } catch { preconditionFailure("Each element type is read by the form of its domain: \(error)") }
  }

  /// nil when all elements agree.
  var mismatch: Mismatch? {
    guard let first else { return nil }
    return Mismatch(
      tensor,
      Mismatch.Elements(
        count: count, total: tensor.elementCount, first: index(first.position), actual: first.actual, expected: first.expected,
        largestDifference: largest?.difference, largest: largest.map { index($0.position) }))
  }

  /// Row-major. Only tensors with elements have a position, so no extent is 0.
  private func index(_ position: Int) -> [Int] {
    var (rest, index) = (position, [Int]())
    for extent in tensor.shape.reversed() {
      index.append(rest % extent)
      rest /= extent
    }
    return index.reversed()
  }

  private mutating func compare<T: Equatable>(_ actual: [T], _ expected: [T], _ text: (T) -> String) {
    for position in actual.indices where actual[position] != expected[position] {
      differ(position, text(actual[position]), text(expected[position]))
    }
  }

  /// The difference of 64-bit integers is exact in 64 bits without a sign; only its conversion rounds, and never to 0.
  private mutating func compareIntegers(_ actual: [Int64], _ expected: [Int64], _ rtol: Double, _ atol: Double) {
    let isUnsigned = tensor.elementType == .uint64
    func text(_ value: Int64) -> String { isUnsigned ? "\(UInt64(bitPattern: value))" : "\(value)" }
    for (position, (a, e)) in zip(actual, expected).enumerated() {
      let isLarger = isUnsigned ? UInt64(bitPattern: a) > UInt64(bitPattern: e) : a > e
      let difference = Double(UInt64(bitPattern: isLarger ? a &- e : e &- a))
      note(difference, position)
      let magnitude = isUnsigned ? Double(UInt64(bitPattern: e)) : Double(e.magnitude)
      if a != e, !(difference <= atol + rtol * magnitude) { differ(position, text(a), text(e)) }
    }
  }

  private mutating func compareFloats(_ actual: [Double], _ expected: [Double], _ rtol: Double, _ atol: Double) {
    for (position, (a, e)) in zip(actual, expected).enumerated() {
      noteFinite(a, e, position)
      if !Self.isClose(a, e, rtol, atol) { differ(position, text(a), text(e)) }
    }
  }

  private mutating func compareComplexes(_ actual: [Complex128], _ expected: [Complex128], _ rtol: Double, _ atol: Double) {
    for (position, (a, e)) in zip(actual, expected).enumerated() {
      noteFinite(a.real, e.real, position)
      noteFinite(a.imaginary, e.imaginary, position)
      if Self.isClose(a.real, e.real, rtol, atol), Self.isClose(a.imaginary, e.imaginary, rtol, atol) { continue }
      differ(position, "(\(text(a.real)), \(text(a.imaginary)))", "(\(text(e.real)), \(text(e.imaginary)))")
    }
  }

  private static func isClose(_ actual: Double, _ expected: Double, _ rtol: Double, _ atol: Double) -> Bool {
    if actual == expected || (actual.isNaN && expected.isNaN) { return true }
    return actual.isFinite && expected.isFinite && (actual - expected).magnitude <= atol + rtol * expected.magnitude
  }

  private mutating func differ(_ position: Int, _ actual: String, _ expected: String) {
    count += 1
    if first == nil { first = (position, actual, expected) }
  }

  private mutating func noteFinite(_ actual: Double, _ expected: Double, _ position: Int) {
    if actual.isFinite, expected.isFinite { note((actual - expected).magnitude, position) }
  }

  private mutating func note(_ difference: Double, _ position: Int) {
    if largest.map({ difference > $0.difference }) ?? true { largest = (difference, position) }
  }

  private func text(_ value: Double) -> String {
    switch tensor.elementType {
    case .float64, .complex128: "\(value)"
    case .float16: "\(Float16(value))"
    default: "\(Float(value))"
    }
  }
}
