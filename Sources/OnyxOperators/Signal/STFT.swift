import OnyxGraph
import OnyxTensor

/// The Fourier transforms of frames of a signal: short-time Fourier transform. ONNX: STFT (17).
///
/// The signal is [batch, length, 1] for real and [batch, length, 2] for complex numbers; [batch, length], which the text does not have but
/// exported models do and ONNX Runtime takes, is real. The result has for each of
/// (length − frame length) / step + 1 frames all of its spectrum, or the half that `onesided` leaves of a real signal's. Computed in
/// `Double` and rounded once.
package struct STFT: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "STFT", versions: [17],
      inputs: [.required("signal", "T1"), .required("frame_step", "T2"), .optional("window", "T1"), .optional("frame_length", "T2")],
      outputs: [.required("output", "T1")], types: ["T1": .floats, "T2": .indices]), STFT.init)

  /// Whether only frame length / 2 + 1 numbers of each spectrum are made.
  package let isOnesided: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) { isOnesided = try attributes.flag("onesided", default: true) }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let signal = try context.tensor(0)
    let step = try context.singleNumber(1, "frame_step")
    if let step = step?.known { try Self.check(step: step) }
    let window = context.optional(2)?.shape
    if let window, window.count != 1 { throw .invalid("The input 'window' has rank \(window.count); it must have rank 1.") }
    let given = try context.singleNumber(3, "frame_length")
    if let window, let given { try Self.requireLength(of: window[0], given) }
    if let shape = signal.shape {
      guard shape.count == 2 || shape.count == 3 else {
        throw .invalid("The input 'signal' has rank \(shape.count); it must have rank 3, or 2 for real numbers.")
      }
      if shape.count == 3, let parts = shape[2].known { try check(parts: parts) }
    }
    let length =
      given ?? window?[0] ?? (context.has(2) || context.has(3) ? nil : signal.shape?[1]) ?? context.unknown("frame_length")
    let batch = signal.shape?[0] ?? context.unknown("batch")
    var frames = context.unknown("frames")
    if let step, let samples = signal.shape?[1] {
      if let samples = samples.known, let length = length.known { try Self.check(length: length, samples) }
      frames = try (samples - length).dividedDown(by: step) + 1
    }
    let bins = isOnesided ? try length.dividedDown(by: 2) + 1 : length
    return [signal.resized(try [batch, frames, bins, 2].checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let signal = try context.input(0)
    let (batch, samples, parts) = (signal.shape[0], signal.shape[1], signal.shape.rank == 3 ? signal.shape[2] : 1)
    try check(parts: parts)
    let step = try context.singleInt(1, "frame_step") ?? 0
    try Self.check(step: step)
    let window = try context.optional(2)?.doubles()
    let given = try context.singleInt(3, "frame_length")
    if let window, let given { try Self.requireLength(of: Dimension(window.count), Dimension(given)) }
    let length = given ?? window?.count ?? samples
    try Self.check(length: length, samples)
    let frames = (samples - length) / step + 1
    let bins = isOnesided ? length / 2 + 1 : length
    let shape = try Shape([batch, frames, bins, 2])
    let values = try signal.doubles()
    var y = try shape.filled(with: 0.0)
    guard batch > 0 else { return [try Tensor(floating: y, as: signal.elementType, shape: shape)] }
    let transform = try FourierTransform(length: length)
    for frame in 0..<batch * frames {
      let start = frame / frames * samples + frame % frames * step
      var line = ComplexArray(count: length)
      for k in 0..<length {
        let factor = window?[k] ?? 1
        line.real[k] = values[(start + k) * parts] * factor
        if parts == 2 { line.imaginary[k] = values[(start + k) * parts + 1] * factor }
      }
      transform.forward(&line)
      for k in 0..<bins { (y[2 * (frame * bins + k)], y[2 * (frame * bins + k) + 1]) = (line.real[k], line.imaginary[k]) }
    }
    return [try Tensor(floating: y, as: signal.elementType, shape: shape)]
  }

  private func check(parts: Int) throws(OnyxError) {
    guard parts == 1 || parts == 2 else {
      throw .invalid("The last axis has the extent \(parts); it must be 1 (real numbers) or 2 (complex numbers).")
    }
    guard isOnesided, parts == 2 else { return }
    throw .invalid("The one-sided transform of complex numbers is not defined.", remedy: "Set 'onesided' to 0.")
  }

  private static func check(step: Int) throws(OnyxError) {
    guard step >= 1 else { throw .invalid("The frame step is \(step); it must be at least 1.") }
  }

  private static func check(length: Int, _ samples: Int) throws(OnyxError) {
    guard length >= 1, length <= samples else {
      throw .invalid("The frame length is \(length); it must be between 1 and the \(samples) samples of the signal.")
    }
  }

  private static func requireLength(of window: Dimension, _ length: Dimension) throws(OnyxError) {
    try requireEqual(window, length, "The window and the frames have different lengths")
  }
}
