import Onyx
import OnyxInsight
import OnyxTensor

/// Seeded numbers for inputs that no file gives: floats normal or uniform, integers 0 or 1, bools, empty strings.
struct InputGenerator {
  private var state: UInt64
  private let range: ClosedRange<Double>?

  init(seed: UInt64, range: ClosedRange<Double>?) {
    state = seed
    self.range = range
  }

  /// The type of the tensor that is generated for an input: dynamic dimensions have the sizes given, or 1.
  static func type(of input: TensorSpecification, _ sizes: [String: Int]) throws(OnyxError) -> (element: ElementType, shape: Shape) {
    guard let element = input.elementType, let extents = input.shape else {
      throw .usage("The type of the input '\(input.name)' is not known.", remedy: "Give a tensor for it: --input \(input.name)=FILE.")
    }
    let shape = try Shape(
      extents.map { extent in
        switch extent {
        case .fixed(let size): size
        case .symbolic(let name): sizes[name] ?? 1
        }
      })
    return (element, shape)
  }

  /// A tensor of the input's type, as `type(of:_:)` says it. `Session.admit` has found that it fits.
  mutating func tensor(for input: TensorSpecification, _ sizes: [String: Int]) throws(OnyxError) -> Tensor {
    let (element, shape) = try Self.type(of: input, sizes)
    switch element.domain {
    case .floating:
      return try Tensor(floating: element, shape: shape) { (piece: inout [Double]) throws(OnyxError) in
        for index in piece.indices { piece[index] = number() }
      }
    case .signed, .unsigned, .bool:
      return try Tensor(integral: element, shape: shape) { (piece: inout [Int64]) throws(OnyxError) in
        for index in piece.indices { piece[index] = integer() }
      }
    case .complex:
      return try element == .complex64
        ? Tensor(shape: shape, of: Complex64.self) { (elements) throws(OnyxError) in
          for index in elements.indices { elements[index] = Complex64(Float(number()), Float(number())) }
        }
        : Tensor(shape: shape, of: Complex128.self) { (elements) throws(OnyxError) in
          for index in elements.indices { elements[index] = Complex128(number(), number()) }
        }
    case .string: return try .zeros(.string, shape: shape)
    }
  }

  private mutating func integer() -> Int64 {
    guard let range else { return Int64(next() & 1) }
    return Int64(max(min(uniform() * (range.upperBound - range.lowerBound + 1) + range.lowerBound, 9e18), -9e18).rounded(.down))
  }

  /// Box–Muller for the normal distribution.
  private mutating func number() -> Double {
    if let range { return range.lowerBound + uniform() * (range.upperBound - range.lowerBound) }
    let radius = (-2 * logarithm(1 - uniform())).squareRoot()
    return radius * cosine(2 * .pi * uniform())
  }

  private mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// SplitMix64 (Steele, Lea, Flood 2014).
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
