import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// QuantizeLinear(Conv(DequantizeLinear(x), DequantizeLinear(w), b)) → QLinearConv. The sum is exact instead of rounded, and a
  /// float bias is rounded to a whole number of x.scale · w.scale.
  static let fuseQuantizedConv = Rewrite(
    "fuse-quantized-conv", changes: .rounding, inner: .mayStay,
    pattern: .quantized(.op("Conv", .dequantized("x"), .dequantized("w"), .optional("bias"), named: "conv")),
    when: [
      .oneQuantization("x", "y"), .readOnce("conv"),
      Clause("The weights must be constant bytes with a scale for all or for each filter.") { match in
        guard match.byteType("w") != nil, match.constant("w") != nil, let filters = match.shape("w")?.first?.known,
          let scales = match.scales("w"),
          let points = match.zeroPoints("w"), let node = match.node("w.node")
        else { return false }
        let rank = match.shape("w")?.count ?? 0
        let axis = node.int("axis", default: 1)
        return [1, filters].contains(scales.count) && [1, scales.count].contains(points.count)
          && (scales.count == 1 || axis == 0 || axis == -rank) && scales.allSatisfy { $0.isFinite && $0 > 0 }
      },
      Clause("The bias must be a constant that is fine enough in units of the product of the scales.") { wholeBias($0) != nil },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let conv = match.node("conv"), let bias = wholeBias(match) else { throw .bug("A checked convolution is gone.") }
    var inputs = try match.parameters("x", in: &patch) + match.parameters("w", in: &patch) + match.outputParameters(in: &patch)
    // A zero point for all beside a scale for each is allowed, and the other way round is not needed.
    if !bias.isEmpty { inputs.append(patch.constant(try Tensor(bias, shape: try Shape([bias.count])))) }
    return patch.node(OperatorName("QLinearConv"), inputs, conv.attributes, like: conv)
  }

  /// The bias in units of x.scale · w.scale: as the file has it in int32, or rounded from floats; empty for none, nil when the
  /// units are too coarse (above 1/64 of the output's step) or the numbers too large.
  private static func wholeBias(_ match: Match) -> [Int32]? {
    guard let bias = match["bias"] else { return [] }
    guard let xScale = match.scales("x")?.first, let wScales = match.scales("w"), let yScale = match.scales("y")?.first,
      let filters = match.shape("w")?.first?.known
    else { return nil }
    let units = (0..<filters).map { xScale * wScales[wScales.count == 1 ? 0 : $0] }
    if let whole = int32Bias(match, bias, units) { return whole }
    guard units.allSatisfy({ $0 <= yScale / 64 }), let values = floatBias(match, bias), values.count == filters else { return nil }
    var numbers: [Int32] = []
    for (value, unit) in zip(values, units) {
      let quotient = (value / Double(unit)).rounded(.toNearestOrEven)
      guard quotient.magnitude < 0x1p30 else { return nil }
      numbers.append(Int32(quotient))
    }
    return numbers
  }

  private static func floatBias(_ match: Match, _ bias: ValueID) -> [Double]? {
    if let constant = match.workspace.constant(bias) { return try? constant.doubles() }
    guard let (numbers, scales) = dequantizedBias(match, bias) else { return nil }
    return numbers.indices.map { Double(numbers[$0]) * Double(scales[scales.count == 1 ? 0 : $0]) }
  }

  /// The numbers of DequantizeLinear(int32) when its scales are the units, up to rounding.
  private static func int32Bias(_ match: Match, _ bias: ValueID, _ units: [Float]) -> [Int32]? {
    guard let (numbers, scales) = dequantizedBias(match, bias), numbers.count == units.count, [1, units.count].contains(scales.count) else {
      return nil
    }
    let agree = units.indices.allSatisfy { (scales[scales.count == 1 ? 0 : $0] - units[$0]).magnitude <= 2 * units[$0].ulp }
    return agree ? numbers : nil
  }

  private static func dequantizedBias(_ match: Match, _ bias: ValueID) -> (numbers: [Int32], scales: [Float])? {
    guard let (_, node) = match.workspace.maker(of: bias), node.op == OperatorName("DequantizeLinear"),
      node.int("block_size", default: 0) == 0,
      let source = input(0, node), let numbers = match.workspace.constant(source).flatMap({ try? $0.elements(as: Int32.self) }),
      let scale = input(1, node), let scales = match.workspace.constant(scale).flatMap({ try? $0.elements(as: Float.self) })
    else { return nil }
    if let zero = input(2, node) {
      guard let points = match.workspace.constant(zero).flatMap({ try? $0.integers() }), points.allSatisfy({ $0 == 0 }) else { return nil }
    }
    return scales.count == 1 || scales.count == numbers.count ? (numbers, scales) : nil
  }

  private static func input(_ index: Int, _ node: Node) -> ValueID? { node.inputs.indices.contains(index) ? node.inputs[index] : nil }
}
