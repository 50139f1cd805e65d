import OnyxGraph
import OnyxTensor

/// The discrete Fourier transform along an axis. ONNX: DFT (17, 20).
///
/// The last axis holds real numbers (extent 1) or complex ones (2). Computed in `Double` and rounded once. `onesided` leaves out
/// the half of a real signal's spectrum that mirrors the other; its inverse needs that half only and gives real numbers. As in NumPy, that
/// inverse ignores the imaginary parts of the first number and, for an even length, of the middle one, which are 0 in the spectrum of a
/// real signal.
package struct DFT: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "DFT", versions: [17, 20], inputs: [.required("input", "T1"), .optional("dft_length", "T2"), .optional("axis", "int64")],
      outputs: [.required("output", "T1")], types: ["T1": .floats, "T2": .indices]), DFT.init)

  /// Whether a spectrum becomes a signal.
  package let isInverse: Bool
  /// Whether only length / 2 + 1 numbers of a spectrum are made or taken.
  package let isOnesided: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    isInverse = try attributes.flag("inverse", default: false)
    isOnesided = try attributes.flag("onesided", default: false)
  }

  /// Whether the result is real.
  private var givesReal: Bool { isInverse && isOnesided }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.tensor(0)
    let givenAxis = try context.singleNumber(2, "axis")?.known
    let length = try context.singleNumber(1, "dft_length")
    if let length = length?.known { try Self.check(length: length) }
    guard var shape = x.shape else { return [x.resized(nil)] }
    let axis = try Self.axis(givenAxis ?? -2, rank: shape.count)
    if let parts = shape[shape.count - 1].known { try check(parts: parts) }
    if context.has(2), givenAxis == nil {
      for index in shape.indices { shape[index] = context.unknown("axis\(index)") }
    } else if context.has(1) {
      shape[axis] = try length.map { (length) throws(OnyxError) in try resultExtent(length) } ?? context.unknown("length")
    } else {
      let length = try defaultLength(shape[axis])
      if let length = length.known { try Self.check(length: length) }
      shape[axis] = try resultExtent(length)
    }
    shape[shape.count - 1] = givesReal ? 1 : 2
    return [x.resized(try shape.checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let axis = try Self.axis(context.singleInt(2, "axis") ?? -2, rank: x.shape.rank)
    let parts = x.shape[x.shape.rank - 1]
    try check(parts: parts)
    let standard = try defaultLength(Dimension(x.shape[axis])).known
    guard let length = try context.singleInt(1, "dft_length") ?? standard, let extent = try resultExtent(Dimension(length)).known else {
      throw .bug("The length of the transform is unknown in the run.")
    }
    try Self.check(length: length)
    var extents = x.shape.dimensions
    (extents[axis], extents[extents.count - 1]) = (extent, givesReal ? 1 : 2)
    let shape = try Shape(extents)
    var y = try shape.filled(with: 0.0)
    guard shape.elementCount > 0 else { return [try Tensor(floating: y, as: x.elementType, shape: shape)] }
    let values = try x.doubles()
    let transform = try FourierTransform(length: length)
    let outer = x.shape[..<axis].reduce(1, *)
    let inner = x.shape[(axis + 1)...].dropLast().reduce(1, *)
    let taken = min(x.shape[axis], givesReal ? length / 2 + 1 : length)
    var pace = WorkPace(every: 1 << 16)
    for lane in 0..<outer * inner {
      try pace.check(after: 16 * (1 + taken + extent))
      let (block, column) = (lane / inner, lane % inner)
      var line = ComplexArray(count: length)
      for k in 0..<taken {
        let place = ((block * x.shape[axis] + k) * inner + column) * parts
        line.real[k] = values[place]
        if parts == 2 { line.imaginary[k] = values[place + 1] }
      }
      if givesReal { Self.mirror(&line) }
      if isInverse { transform.inverse(&line) } else { transform.forward(&line) }
      for k in 0..<extent {
        let place = (block * extent + k) * inner + column
        if givesReal {
          y[place] = line.real[k]
        } else {
          (y[2 * place], y[2 * place + 1]) = (line.real[k], line.imaginary[k])
        }
      }
    }
    return [try Tensor(floating: y, as: x.elementType, shape: shape)]
  }

  /// Completes the first half of a spectrum to that of a real signal.
  private static func mirror(_ line: inout ComplexArray) {
    let length = line.real.count
    line.imaginary[0] = 0
    if length % 2 == 0 { line.imaginary[length / 2] = 0 }
    for k in 1..<max(1, (length + 1) / 2) {
      line.real[length - k] = line.real[k]
      line.imaginary[length - k] = -line.imaginary[k]
    }
  }

  /// The numbers along the axis of the result.
  private func resultExtent(_ length: Dimension) throws(OnyxError) -> Dimension {
    isOnesided && !isInverse ? try length.dividedDown(by: 2) + 1 : length
  }

  private func defaultLength(_ extent: Dimension) throws(OnyxError) -> Dimension { givesReal ? try (extent - 1) * 2 : extent }

  private func check(parts: Int) throws(OnyxError) {
    guard parts == 1 || parts == 2 else {
      throw .invalid("The last axis has the extent \(parts); it must be 1 (real numbers) or 2 (complex numbers).")
    }
    guard isOnesided, parts != (isInverse ? 2 : 1) else { return }
    throw .invalid(
      "The one-sided \(isInverse ? "inverse of real" : "transform of complex") numbers is not defined.",
      remedy: "Set 'onesided' to 0, or give \(isInverse ? "complex" : "real") numbers.")
  }

  private static func check(length: Int) throws(OnyxError) {
    guard length >= 1 else { throw .invalid("The length of the transform is \(length); it must be at least 1.") }
  }

  /// Counted from the front. The last axis cannot be transformed.
  private static func axis(_ axis: Int, rank: Int) throws(OnyxError) -> Int {
    guard rank >= 2 else { throw .invalid("The input has rank \(rank); DFT needs a signal axis and the axis of real and imaginary parts.") }
    let axis = try Shape.normalize(axis: axis, rank: rank)
    guard axis < rank - 1 else { throw .invalid("The last axis holds real and imaginary parts; it cannot be transformed.") }
    return axis
  }
}
