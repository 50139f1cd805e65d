/// One spatial axis of a GridSample: how a normalised position meets the elements.
package struct GridSampling {
  /// How a value is made of the elements around a position.
  package enum Mode: String, CaseIterable, Sendable { case linear, nearest, cubic }
  /// What stands outside the input.
  package enum Padding: String, CaseIterable, Sendable { case zeros, border, reflection }

  let extent: Int
  let alignsCorners: Bool
  let padding: Padding

  private var lowest: Double { alignsCorners ? 0 : -0.5 }
  private var highest: Double { alignsCorners ? Double(extent) - 1 : Double(extent) - 0.5 }

  /// The position in units of elements. `Number` is the precision of the grid, at least `Float`: PyTorch and ONNX Runtime
  /// compute positions in it, and which element is the nearest depends on the rounding.
  func position<Number: BinaryFloatingPoint>(_ normalised: Number) -> Double {
    let size = Number(extent)
    return Double(alignsCorners ? (normalised + 1) / 2 * (size - 1) : ((normalised + 1) * size - 1) / 2)
  }

  private func padded(_ position: Double) -> Double {
    if position >= lowest && position <= highest { return position }
    switch padding {
    case .zeros: return position
    case .border: return min(max(position, 0), Double(extent - 1))
    case .reflection: return reflected(position)
    }
  }

  private func reflected(_ position: Double) -> Double { Self.reflected(position, between: lowest, and: highest) }

  /// Mirrors at the borders until the position lies between them.
  package static func reflected(_ position: Double, between lowest: Double, and highest: Double) -> Double {
    let range = highest - lowest
    guard range > 0 else { return lowest }
    let distance = position < lowest ? lowest - position : position - highest
    let turns = (distance / range).rounded(.down)
    let rest = distance - turns * range
    let isEven = turns.truncatingRemainder(dividingBy: 2) == 0
    return (position < lowest) == isEven ? lowest + rest : highest - rest
  }

  /// The element at an integral position; nil is 0.
  private func element(_ position: Double) -> Int? {
    if position >= 0 && position <= Double(extent - 1) { return Int(position) }
    switch padding {
    case .zeros: return nil
    case .border: return Int(clamping: position, to: 0...(extent - 1))
    case .reflection: return Int(clamping: reflected(position), to: 0...(extent - 1))
    }
  }

  /// The weighted elements that make the value at a position. Infinities and NaN lie outside: at the border if there is one.
  ///
  /// The elements around the position are moved inside one by one, not the position: so do PyTorch and ONNX Runtime. It makes a
  /// difference for `cubic`, whose weights do not vanish at the neighbours that a moved position would have.
  func taps(_ position: Double, _ mode: Mode) -> [(index: Int?, weight: Double)] {
    guard position.isFinite else { return [(padding == .zeros ? nil : position > 0 ? extent - 1 : 0, 1)] }
    if mode == .nearest { return [(element(padded(position.rounded(.toNearestOrEven)).rounded(.towardZero)), 1)] }
    let left = position.rounded(.down)
    let offsets = mode == .linear ? [0.0, 1] : [-1.0, 0, 1, 2]
    return offsets.map { offset in
      let distance = position - left - offset
      return (element(left + offset), mode == .linear ? ResizeKernel.linear(distance) : ResizeKernel.cubic(distance, -0.75))
    }
  }
}
