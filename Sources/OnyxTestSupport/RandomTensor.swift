import OnyxTensor

/// SplitMix64: equal seeds give equal numbers on every platform.
package struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in the range, from the top 53 bits of one number.
  package mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + Double(next() >> 11) * 0x1p-53 * (range.upperBound - range.lowerBound)
  }
}

extension Tensor {
  /// A tensor of uniform random elements: floats and the parts of complex numbers in `range`, integers the same rounded down
  /// and cut to what their type holds, bools either, strings of up to 8 letters.
  package static func random(
    _ type: ElementType = .float32, _ shape: Shape, in range: ClosedRange<Double> = -1...1, seed: UInt64
  ) throws(OnyxError) -> Tensor {
    var generator = SeededGenerator(seed: seed)
    let count = shape.elementCount
    switch type.domain {
    case .floating:
      return try Tensor(floating: (0..<count).map { _ in generator.uniform(in: range) }, as: type, shape: shape)
    case .signed, .unsigned:
      let bits = Double(type.bitsInFiles)
      let least = type.domain == .signed ? -Double.pow2(bits - 1) : 0
      let most = (type.domain == .signed ? Double.pow2(bits - 1) : Double.pow2(bits)) - 1
      let values = (0..<count).map { _ in
        let value = min(max(generator.uniform(in: range).rounded(.down), least), most)
        return Int64(exactly: value) ?? (value < 0 ? .min : .max)
      }
      return try Tensor(integral: values, as: type, shape: shape)
    case .bool: return try Tensor((0..<count).map { _ in generator.next() >> 63 == 1 }, shape: shape)
    case .complex:
      let values = (0..<count).map { _ in Complex128(generator.uniform(in: range), generator.uniform(in: range)) }
      return try Tensor(complex: values, as: type, shape: shape)
    case .string:
      let letters = Array("abcdefghijklmnopqrstuvwxyz")
      let strings = (0..<count).map { _ in String((0..<Int(generator.next() % 9)).map { _ in letters[Int(generator.next() % 26)] }) }
      return try Tensor(strings, shape: shape)
    }
  }
}

extension Double {
  fileprivate static func pow2(_ exponent: Double) -> Double { Double(sign: .plus, exponent: Int(exponent), significand: 1) }
}
