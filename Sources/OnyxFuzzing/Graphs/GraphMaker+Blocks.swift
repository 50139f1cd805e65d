import OnyxGraph
import OnyxTensor

/// Whole blocks that fusions look for, and bodies of If, Loop and Scan.
extension GraphMaker {
  mutating func addBlock() throws(OnyxError) {
    if chance(2) { try addGate() } else { try addAttention() }
  }

  /// Squeeze and excitation: a gate per channel.
  private mutating func addGate() throws(OnyxError) {
    guard let x = some({ $0.isFloat && $0.rank == 4 && $0.count > 0 && $0.bound < 50 }) else { return }
    let channels = x.shape[1]
    guard let mean = try add("GlobalAveragePool", [x], roundings: 8)?.first,
      let hidden = try add(
        "Conv", [mean, constant([4, channels, 1, 1], -0.5...0.5, type: x.type)], bound: 0.5 * Double(channels) * x.bound,
        gain: 0.5 * Double(channels), roundings: 8)?.first,
      let active = try add("Relu", [hidden])?.first,
      let scores = try add(
        "Conv", [active, constant([channels, 4, 1, 1], -0.5...0.5, type: x.type)], bound: 2 * hidden.bound, gain: 2, roundings: 8)?.first,
      let gate = try add(pick(["Sigmoid", "HardSigmoid"]), [scores], bound: 1, gain: 1, roundings: 8)?.first
    else { return }
    try add("Mul", [x, gate], error: x.error + gate.error * x.bound + 2 * x.bound * Self.roundoff(x.type))
  }

  /// Softmax(q kᵀ · scale + mask) v of one or several heads.
  private mutating func addAttention() throws(OnyxError) {
    guard let x = some({ $0.isFloat && $0.rank == 3 && $0.count > 0 && $0.bound < 10 && $0.shape[2] % 2 == 0 }) else { return }
    let (batch, tokens, width) = (x.shape[0], x.shape[1], x.shape[2])
    let heads = pick([1, 2])
    var parts: [Known] = []
    for _ in 0..<3 {
      let weights = try constant([width, width], -0.2...0.2, type: x.type)
      guard
        var part = try add("MatMul", [x, weights], bound: 0.2 * Double(width) * x.bound, gain: 0.2 * Double(width), roundings: 8)?.first
      else { return }
      if chance(2) {
        part = try add("Add", [part, constant([width], -0.2...0.2, type: x.type)], bound: part.bound + 0.2, roundings: 1)?.first ?? part
      }
      guard let split = try add("Reshape", [part, ints([batch, tokens, heads, width / heads])])?.first,
        let turned = try add("Transpose", [split], ["perm": .ints([0, 2, 1, 3])])?.first
      else { return }
      parts.append(turned)
    }
    guard let keys = try add("Transpose", [parts[1]], ["perm": .ints([0, 1, 3, 2])])?.first, let product = try multiply(parts[0], keys),
      var scores = try add("Mul", [product, scalar(1 / Double(width / heads).squareRoot(), type: x.type)], roundings: 2)?.first
    else { return }
    if chance(2) {
      scores =
        try add("Add", [scores, constant([tokens, tokens], -3...0, type: x.type)], bound: scores.bound + 3, roundings: 1)?.first ?? scores
    }
    guard let weights = try add("Softmax", [scores], ["axis": .int(-1)], bound: 1, gain: 2, roundings: 16 + scores.bound)?.first,
      let mixed = try multiply(weights, parts[2]), let back = try add("Transpose", [mixed], ["perm": .ints([0, 2, 1, 3])])?.first,
      let joined = try add("Reshape", [back, ints([batch, tokens, width])])?.first
    else { return }
    if chance(2) { try add("Add", [joined, x], bound: joined.bound + x.bound, gain: 2, roundings: 1) }
  }

  mutating func addBody() throws(OnyxError) {
    guard let x = some({ $0.isFloat && $0.bound < 100 }) else { return }
    switch below(3) {
    case 0: try addIf(x)
    case 1: try addLoop(x)
    default: try addScan(x)
    }
  }

  private mutating func body(_ name: String, _ make: (inout GraphBuilder) throws(OnyxError) -> Void) throws(OnyxError) -> Attribute {
    var inner = GraphBuilder(name, opset: builder.opset)
    try make(&inner)
    return .graph(inner.graph)
  }

  private func captured(_ x: Known, in inner: inout Graph) -> ValueID {
    let id = inner.addValue("captured", type: .tensor(x.type, shape: x.shape.map { Dimension($0) }))
    inner.captures.append(Capture(outer: x.id, inner: id))
    return id
  }

  private mutating func addIf(_ x: Known) throws(OnyxError) {
    let condition: Known
    if chance(2), let y = some({ $0.error == 0 && $0.isFloat && $0.count > 0 }),
      let sum = try add("ReduceMax", [y], ["keepdims": .int(0)])?.first,
      let bit = try add("Greater", [sum, scalar(1, type: y.type)], bound: 1)?.first
    {
      condition = bit
    } else {
      condition = Known(id: builder.constant(try Tensor(scalar: chance(2))), type: .bool, shape: [], bound: 1, error: 0)
    }
    let ops = [pick(["Neg", "Relu", "Abs"]), pick(["Neg", "Identity", "Abs"])]
    var branches: [Graph] = []
    for op in ops {
      var graph = Graph(name: op)
      let id = captured(x, in: &graph)
      let result = graph.addValue("result")
      graph.nodes.append(Node(name: op, op: OperatorName(op), opset: builder.opset, inputs: [id], outputs: [result]))
      graph.outputs = [result]
      branches.append(graph)
    }
    try addCapturing(
      "If", [condition], ["then_branch": .graph(branches[0]), "else_branch": .graph(branches[1])], x, bound: x.bound, error: x.error)
  }

  /// carried ← carried · ½ + x, a few times; each sum is kept.
  private mutating func addLoop(_ x: Known) throws(OnyxError) {
    let times = 1 + below(4)
    let half = try Tensor(floating: [0.5], as: x.type, shape: .scalar)
    var graph = GraphBuilder("body", opset: builder.opset)
    _ = graph.input("iteration", .int64, [])
    let on = graph.input("on", .bool, [])
    let carried = graph.input("carried", x.type, x.shape.map { Dimension($0) })
    let go = graph.node("Identity", on)
    let scaled = graph.node("Mul", carried, graph.constant(half))
    var inner = graph.graph
    let id = captured(x, in: &inner)
    let sum = inner.addValue("sum")
    let kept = inner.addValue("kept")
    inner.nodes.append(Node(name: "sum", op: OperatorName("Add"), opset: builder.opset, inputs: [scaled, id], outputs: [sum]))
    inner.nodes.append(Node(name: "kept", op: OperatorName("Neg"), opset: builder.opset, inputs: [sum], outputs: [kept]))
    inner.outputs = [go, sum, kept]
    let count = try scalar(Double(times), type: .int64)
    let error = 2 * x.error + Double(4 * times) * x.bound * Self.roundoff(x.type)
    try addCapturing("Loop", [count, nil, x], ["body": .graph(inner)], x, rows: times, bound: 2 * x.bound, error: error)
  }

  /// Running sums along the first axis.
  private mutating func addScan(_ x: Known) throws(OnyxError) {
    guard x.rank > 1, x.shape[0] > 0, x.shape[0] < 20 else { return }
    let row = x.shape.dropFirst().map { Dimension($0) }
    var graph = GraphBuilder("body", opset: builder.opset)
    let state = graph.input("state", x.type, row)
    let element = graph.input("row", x.type, row)
    let sum = graph.node("Add", state, element)
    let copy = graph.node("Identity", sum)
    graph.output(sum, copy)
    let zero = try constant(Array(x.shape.dropFirst()), 0...0, type: x.type)
    let rows = Double(x.shape[0])
    try add(
      "Scan", [zero, x], ["body": .graph(graph.graph), "num_scan_inputs": .int(1)], outputs: 2, bound: rows * x.bound, gain: rows,
      roundings: rows)
  }

  /// As `add`, for a node whose bodies capture `x` and whose first result is like it; the second, if there are `rows`, is as many of them.
  private mutating func addCapturing(
    _ op: String, _ inputs: [Known?], _ attributes: [String: Attribute], _ x: Known, rows: Int? = nil, bound: Double, error: Double
  ) throws(OnyxError) {
    guard bound <= 2000, error <= 0.02 * max(1, bound) else { return }
    let ids = builder.nodes(op, inputs.map { $0?.id }, outputs: rows == nil ? 1 : 2, attributes: attributes)
    for input in inputs { if let input { read.insert(input.id) } }
    read.insert(x.id)
    for (number, id) in ids.enumerated() {
      pool.append(Known(id: id, type: x.type, shape: (number == 1 ? [rows ?? 0] : []) + x.shape, bound: bound, error: error))
    }
  }
}
