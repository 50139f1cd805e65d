import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Attention over branches: SK and split attention. Made by the optimizer only; domain `onyx`, version 1.
///
/// Inputs: W1, B1?, W2, B2?, X₀ … Xₘ₋₁. The branches have one shape, [N, C, H, W], or [N, ⌈C/16⌉, H, W, 16] when the attribute
/// `channels` gives C; then lanes past C hold finite numbers, in Y too. W1 is [H, C], W2 [m·C, H], B1 [H], B2 [m·C].
///
/// p = mean over the pixels of Σ X; o = W2 · hidden_activation(W1 · p + B1) + B2; aᵢ[c] = softmax over i of o[i·C + c];
/// Y = Σ aᵢ · Xᵢ.
package struct SplitAttention: TensorOperator {
  /// The row of the catalog.
  package static let definition = OperatorDefinition(
    Signature(
      "SplitAttention", domain: "onyx", versions: [1],
      inputs: [.required("W1", "T"), .optional("B1", "T"), .required("W2", "T"), .optional("B2", "T"), .variadic("X", "T", atLeast: 2)],
      outputs: [.required("Y", "T")], types: ["T": .floats]), SplitAttention.init)

  /// Positions of the inputs; branches follow.
  package enum Input: Int, Sendable, CaseIterable { case w1, b1, w2, b2, branches }

  /// Applied to the hidden layer.
  package let hiddenActivation: FusedActivation
  /// The channels of blocked branches; nil when they are plain.
  package let channels: Int?

  package init(hiddenActivation: FusedActivation = .none, channels: Int? = nil) {
    self.hiddenActivation = hiddenActivation
    self.channels = channels
  }

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let channels = try attributes.int("channels")
    if let channels, channels < 1 { throw .invalid("The attribute 'channels' is \(channels); it must be at least 1.") }
    hiddenActivation = try FusedActivation(&attributes, "hidden_activation")
    self.channels = channels
  }

  package var attributes: [String: Attribute] {
    var result = hiddenActivation == .none ? [:] : hiddenActivation.attributes(named: "hidden_activation")
    if let channels { result["channels"] = .int(Int64(channels)) }
    return result
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(Input.w1.rawValue)
    let first = Input.branches.rawValue
    guard context.inputs.count >= first + 2 else { throw .invalid("At least two branches must be given.") }
    guard let x = try context.shape(first) else { return [Inferred(element, nil)] }
    guard x.count == (channels == nil ? 4 : 5) else { throw .invalid("The branches have rank \(x.count).") }
    for branch in first + 1..<context.inputs.count { try check(context, branch, is: x, "branch \(branch - first)") }
    let depth = channels.map { Dimension($0) } ?? x[1]
    if channels != nil {
      let blocks = try ChannelBlocks.unblock(x, channels: depth)
      try check(blocks[1], is: depth, "channels")
    }
    let hidden = try context.shape(Input.w1.rawValue)?.first
    let scores = try depth * Dimension(context.inputs.count - first)
    try check(context, Input.w1.rawValue, is: [hidden, depth], "input 'W1'")
    try check(context, Input.b1.rawValue, is: [hidden], "input 'B1'")
    try check(context, Input.w2.rawValue, is: [scores, hidden], "input 'W2'")
    try check(context, Input.b2.rawValue, is: [scores], "input 'B2'")
    return [Inferred(element, x)]
  }

  private func check(_ given: Dimension, is wanted: Dimension, _ what: String) throws(OnyxError) {
    guard given.known == nil || wanted.known == nil || given == wanted else { throw .invalid("The \(what) are \(given), not \(wanted).") }
  }

  /// `nil` extents may be anything; unknown ones are taken to agree.
  private func check(_ context: InferenceContext, _ index: Int, is wanted: [Dimension?], _ what: String) throws(OnyxError) {
    guard let given = context.optional(index)?.shape else { return }
    let agrees = given.count == wanted.count && zip(given, wanted).allSatisfy { $0.known == nil || $1?.known == nil || $0 == $1 }
    guard agrees else {
      throw .invalid(
        "The \(what) has the shape \(given); it must be [\(wanted.map { $0.map { "\($0)" } ?? "?" }.joined(separator: ", "))].")
    }
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    guard inputs.count > Input.branches.rawValue, let w1 = inputs[Input.w1.rawValue]?.shape, let w2 = inputs[Input.w2.rawValue]?.shape,
      let batch = outputs.first??.shape?.first
    else { return nil }
    return try? (w1.product() + w2.product()) * batch
  }
}

extension SplitAttention {
  /// Sums in `Double`; each step rounded to the element type, as the nodes do that the block stands for.
  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let type = try context.input(Input.branches.rawValue).elementType
    var branches: [[Double]] = []
    var shape = Shape.scalar
    for index in Input.branches.rawValue..<context.inputs.count {
      var x = try context.input(index)
      if let channels { x = try ChannelBlocks.unblock(x, channels: channels) }
      shape = x.shape
      branches.append(try x.doubles())
    }
    let (batch, depth, plane) = (shape[0], shape[1], shape[2] * shape[3])
    func rounded(_ values: [Double], _ activation: FusedActivation = .none) throws(OnyxError) -> [Double] {
      try activation.evaluate(try Tensor(floating: values, as: type, shape: try Shape([values.count]))).doubles()
    }
    var y = [Double](repeating: 0, count: shape.elementCount)
    for image in 0..<batch {
      let pooled = (0..<depth).map { channel in
        let pixels = (image * depth + channel) * plane..<(image * depth + channel + 1) * plane
        return pixels.reduce(0.0) { sum, pixel in sum + branches.reduce(0) { $0 + $1[pixel] } } / Double(plane)
      }
      let hidden = try rounded(try layer(context, .w1, .b1, try rounded(pooled)), hiddenActivation)
      let scores = try rounded(try layer(context, .w2, .b2, hidden))
      for channel in 0..<depth {
        let row = branches.indices.map { scores[$0 * depth + channel] }
        let top = row.max() ?? 0
        let weights = row.map { exp($0 - top) }
        let total = weights.reduce(0, +)
        let factors = try rounded(weights.map { $0 / total })
        for pixel in (image * depth + channel) * plane..<(image * depth + channel + 1) * plane {
          y[pixel] = zip(branches, factors).reduce(0) { $0 + $1.0[pixel] * $1.1 }
        }
      }
    }
    let plain = try Tensor(floating: y, as: type, shape: shape)
    return [channels == nil ? plain : try ChannelBlocks.block(plain)]
  }

  private func layer(_ context: EvaluationContext, _ weights: Input, _ bias: Input, _ x: [Double]) throws(OnyxError) -> [Double] {
    let w = try context.input(weights.rawValue)
    let (values, biases) = (try w.doubles(), try context.optional(bias.rawValue)?.doubles())
    return (0..<w.shape[0]).map { (row: Int) -> Double in
      var sum: Double = biases?[row] ?? 0
      for index in x.indices { sum += values[row * x.count + index] * x[index] }
      return sum
    }
  }
}
