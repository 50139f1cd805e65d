import OnyxGraph
import OnyxTensor

/// A block that weighs the channels and the pixels of a feature map by numbers pooled from it: SE, cSE, sSE, scSE, ESE, ECA,
/// CBAM and its halves. Made by the optimizer only; domain `onyx`, version 1.
///
/// Inputs: X, W1?, B1?, W2?, B2?, WS?, BS?, Z?. X is
/// - [N, C, H, W]; or [N, H, W, C] with `layout` = last;
/// - [N, ⌈C/16⌉, H, W, 16] when the attribute `channels` gives C. Lanes past C hold finite numbers, in Y too.
///
/// The channel part, when `gate` is not none: `pooling` gives one vector of C numbers for each image (avg, max), or two (both).
/// Each goes through the gate function o:
/// - mlp: output_activation(W2 · hidden_activation(W1 · p + B1) + B2), W1 [H, C], W2 [C, H], B1 [H], B2 [C]
/// - fc: output_activation(W1 · p + B1), W1 [C, C], B1 [C]
/// - conv1d: output_activation(W1 ∗ p + B1) along the channels with zeros outside, W1 [k] with odd k, B1 [1]
///
/// and s = gate_activation(Σ o). The spatial part, when `spatial` is not none, reads u, which is x·s (`join` = sequential) or
/// x (parallel, or without a channel part), and gives one number for each pixel, g = spatial_activation(m + BS):
/// - conv: m = WS ∗ [maximum, mean over the channels of u], WS [1, 2, kh, kw] with odd sides, zeros outside, BS [1]
/// - point: m = Σ WS[c] · u[c], WS [1, C, 1, 1], BS [1]
///
/// `result` = scaled: Y = activation(x·s·g + Z), or activation(x·s + x·g + Z) for parallel; Z has the shape of X.
/// `result` = gate: Y = s, of X's shape with sides of 1; then without a spatial part, Z and activation.
/// An activation is a name of `FusedActivation` with the numbers of the attribute of that name and `_params`.
package struct AttentionBlock: TensorOperator {
  /// The row of the catalog.
  package static let definition = OperatorDefinition(
    Signature(
      "AttentionBlock", domain: "onyx", versions: [1],
      inputs: [.required("X", "T")] + ["W1", "B1", "W2", "B2", "WS", "BS", "Z"].map { .optional($0, "T") },
      outputs: [.required("Y", "T")], types: ["T": .floats]), AttentionBlock.init)

  package enum Pooling: String, Sendable, CaseIterable { case avg, max, both, none }
  package enum Gate: String, Sendable, CaseIterable { case none, mlp, fc, conv1d }
  package enum Spatial: String, Sendable, CaseIterable { case none, conv, point }
  package enum Join: String, Sendable, CaseIterable { case sequential, parallel }
  package enum Result: String, Sendable, CaseIterable { case scaled, gate }
  /// Where the channels of a plain X stand.
  package enum Layout: String, Sendable, CaseIterable { case first, last }

  /// Positions of the inputs.
  package enum Input: Int, Sendable, CaseIterable {
    case x, w1, b1, w2, b2, ws, bs, z

    var name: String { "\(self)".uppercased() }
  }

  package var pooling = Pooling.none
  package var gate = Gate.none
  package var hiddenActivation = FusedActivation.none
  package var outputActivation = FusedActivation.none
  package var gateActivation = FusedActivation.sigmoid
  package var spatial = Spatial.none
  package var spatialActivation = FusedActivation.sigmoid
  package var join = Join.sequential
  package var result = Result.scaled
  package var activation = FusedActivation.none
  package var layout = Layout.first
  /// The channels of a blocked X; nil when X is plain.
  package var channels: Int?

  /// A block without parts, to be filled in.
  package init() {}

  /// Vectors that the gate function sees.
  package var branches: Int { pooling == .both ? 2 : pooling == .none ? 0 : 1 }

  /// Whether u is x·s: the spatial part waits for the gates.
  package var scalesBeforeMaps: Bool { join == .sequential && gate != .none }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    try checkPresence { context.has($0.rawValue) }
    let element = try context.elementType(0)
    guard let x = try context.shape(0) else { return [Inferred(element, nil)] }
    let channels = try checkLayout(x)
    try checkWeights(channels, context)
    if let z = context.optional(Input.z.rawValue)?.shape { try check(z, is: x, .z) }
    if result == .scaled { return [Inferred(element, x)] }
    var y = x
    for axis in sides { y[axis] = 1 }
    return [Inferred(element, y)]
  }

  /// The axes of X that are height and width.
  private var sides: Range<Int> { channels == nil && layout == .last ? 1..<3 : 2..<4 }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    func shape(_ input: Input) -> [Dimension]? { inputs.indices.contains(input.rawValue) ? inputs[input.rawValue]?.shape : nil }
    guard let x = shape(.x), x.count == (channels == nil ? 4 : 5) else { return nil }
    let depth = channels.map { Dimension($0) } ?? x[layout == .first ? 1 : 3]
    var total: Dimension? = 0
    func add(_ factors: [Dimension]?) { total = factors.flatMap { factors in total.flatMap { try? $0 + factors.product() } } }
    switch gate {
    case .none: break
    case .mlp: for weights in [Input.w1, .w2] { add(shape(weights).map { $0 + [x[0], Dimension(branches)] }) }
    case .fc: add(shape(.w1).map { $0 + [x[0], Dimension(branches)] })
    case .conv1d: add(shape(.w1).map { $0 + [depth, x[0], Dimension(branches)] })
    }
    if spatial != .none { add(shape(.ws).map { $0 + [x[0]] + x[sides] }) }
    return total
  }
}
