import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import OnyxTestSupport

/// Small valid graphs of operators that rewrites look at, the same for the same seed. No operator is steep or jumps, so
/// roundings stay small.
struct RandomGraph {
  private var generator: SeededGenerator
  private var builder: GraphBuilder
  /// Values of rank 1 … 4 that can be read.
  private var pool: [(id: ValueID, known: Inferred)] = []

  static func make(seed: UInt64, nodes: Int) throws -> Graph {
    var random = RandomGraph(generator: SeededGenerator(seed: seed), builder: GraphBuilder("random\(seed)", opset: Catalog.newestOpset))
    let shapes: [[Dimension]] = [["batch", 4], [2, 3], ["batch", 2, 4, 4], [3]]
    for (index, shape) in shapes.enumerated() {
      let id = random.builder.input("x\(index)", .float32, shape)
      random.pool.append((id, Inferred(.float32, shape)))
      random.concrete[id] = Inferred(.float32, shape.map { $0.known == nil ? Dimension(batch) : $0 })
    }
    for _ in 0..<nodes { try random.addStep() }
    for value in random.pool.suffix(3).filter({ !random.builder.graph.inputs.contains($0.id) }) { random.builder.output(value.id) }
    return random.builder.graph
  }

  private mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: choices.indices, using: &generator)] }

  private mutating func number() throws -> ValueID { builder.constant(try floats([pick([0, -0.0, 1, 0.5, 2, 3, 6])], pick([[], [1]]))) }
  private mutating func ints(_ values: [Int]) throws -> ValueID { builder.constant(try Tensor(values)) }

  /// Adds the node when its operator accepts the inputs, and makes its output readable.
  @discardableResult
  private mutating func add(_ op: String, _ inputs: [ValueID?], _ attributes: [String: Attribute] = [:]) throws -> ValueID? {
    let known = inputs.map { id in id.flatMap { knowledge(of: $0) } }
    let sizes = inputs.map { id in id.flatMap { id in builder.graph.initializers[id].map { Inferred(constant: $0) } ?? concrete[id] } }
    let node = Node(op: OperatorName(op), opset: Catalog.newestOpset, inputs: inputs, outputs: [ValueID(0)], attributes: attributes)
    let context = InferenceContext(inputs: known, outputCount: 1, symbolPrefix: "n\(builder.graph.nodes.count)")
    guard let result = try? Catalog.make(node).infer(context).first, let shape = result.shape, shape.count <= 4 else { return nil }
    // What is valid for every batch as far as symbols tell must be valid for the batch of the run.
    guard let run = try? Catalog.make(node).infer(InferenceContext(inputs: sizes, outputCount: 1)).first else { return nil }
    guard run.value != nil || (run.type.knownShape?.elementCount ?? 0) <= 4096 else { return nil }
    let output = builder.nodes(op, inputs, outputs: 1, attributes: attributes)[0]
    others[output] = result
    concrete[output] = run
    if result.elementType == .float32 { pool.append((output, result)) }
    return output
  }

  static let batch = 3
  /// What is known of each value when the batch is.
  private var concrete: [ValueID: Inferred] = [:]
  /// What is known of integer values, which only shapes read.
  private var others: [ValueID: Inferred] = [:]

  private func knowledge(of id: ValueID) -> Inferred? {
    if let tensor = builder.graph.initializers[id] { return Inferred(constant: tensor) }
    return pool.first { $0.id == id }?.known ?? others[id]
  }

  private mutating func addStep() throws {
    // Recent values more often, so that chains grow.
    let recent = pool.suffix(4)
    let (x, known) = Bool.random(using: &generator) ? pick(Array(recent)) : pick(pool)
    let shape = known.shape ?? []
    switch Int.random(in: 0..<10, using: &generator) {
    case 0...1: try addUnary(x)
    case 2...3: try addBinary(x, shape)
    case 4...5: try addMovement(x, shape)
    case 6: try addView(x, shape)
    case 7: try addReduction(x, shape)
    case 8: try addFormula(x)
    default: try addProduct(x, shape)
    }
  }

  private mutating func addUnary(_ x: ValueID) throws {
    let op = pick(["Neg", "Abs", "Relu", "Sigmoid", "Tanh", "Identity", "Identity", "HardSwish", "LeakyRelu", "Dropout", "Clip", "Cast"])
    switch op {
    case "Clip":
      try add(op, [x, pick([nil, try number()]), pick([nil, try number()])].dropLast(Int.random(in: 0...1, using: &generator)))
    case "Cast": try add(op, [x], ["to": .int(1)])
    default: try add(op, [x])
    }
  }

  private mutating func addBinary(_ x: ValueID, _ shape: [Dimension]) throws {
    let partners = pool.filter { $0.known.shape == shape }.map(\.id)
    let y = Bool.random(using: &generator) ? try number() : pick(partners)
    let op = pick(["Add", "Sub", "Mul", "Max", "Min"])
    try add(op, Bool.random(using: &generator) ? [x, y] : [y, x])
  }

  private mutating func addMovement(_ x: ValueID, _ shape: [Dimension]) throws {
    let axis = Int.random(in: 0..<max(shape.count, 1), using: &generator)
    switch pick(["Transpose", "Concat", "Slice", "Pad", "Expand", "Tile"]) {
    case "Transpose": try add("Transpose", [x], ["perm": .ints(Array(shape.indices).shuffled(using: &generator).map(Int64.init))])
    case "Concat": try add("Concat", Array(repeating: x, count: Int.random(in: 1...2, using: &generator)), ["axis": .int(Int64(axis))])
    case "Slice":
      let (start, step) = pick([(0, 1), (1, 1), (Int.max, -1)])
      try add("Slice", [x, ints([start]), ints([step > 0 ? Int.max : -Int.max]), ints([axis]), ints([step])])
    case "Pad":
      let amount = Int.random(in: 0...1, using: &generator)
      try add("Pad", [x, ints(shape.indices.map { $0 == axis ? amount : 0 } + shape.map { _ in 0 })])
    case "Expand": try add("Expand", [x, Bool.random(using: &generator) ? ints(shape.map { _ in 1 }) : add("Shape", [x])])
    default: try add("Tile", [x, ints(shape.indices.map { $0 == axis ? pick([1, 1, 2]) : 1 })])
    }
  }

  private mutating func addView(_ x: ValueID, _ shape: [Dimension]) throws {
    let axis = Int.random(in: 0..<max(shape.count, 1), using: &generator)
    switch pick(["Reshape", "Flatten", "Unsqueeze", "Squeeze", "shape", "computed"]) {
    case "Reshape": try add("Reshape", [x, ints(pick([[-1], [0, -1], [-1, 2], [1, -1, 2]]))])
    case "Flatten": try add("Flatten", [x], ["axis": .int(Int64(axis))])
    case "Unsqueeze": try add("Unsqueeze", [x, ints([axis])])
    case "Squeeze": try add("Squeeze", [x])
    case "shape":
      let size = try shape.product()
      let partners = pool.filter { (try? $0.known.shape?.product()) == size }
      if let target = try add("Shape", [pick(partners).id]) { try add("Reshape", [x, target]) }
    default:
      guard let sizes = try add("Shape", [x]), let first = try add("Gather", [sizes, ints([0])]) else { return }
      if let target = try add("Concat", [first, ints([-1, 2])], ["axis": .int(0)]) { try add("Reshape", [x, target]) }
    }
  }

  private mutating func addReduction(_ x: ValueID, _ shape: [Dimension]) throws {
    let axes = pick([[-1], [0], Array(2..<max(shape.count, 2)), Array(shape.indices)])
    guard !axes.isEmpty else { return }
    try add(pick(["ReduceMean", "ReduceMax", "ReduceMin"]), [x, ints(axes)], ["keepdims": .int(pick([0, 1, 1]))])
  }

  private mutating func addFormula(_ x: ValueID) throws {
    var values = ["x": x]
    let e = Expression.value("x")
    let formula: Expression = pick([
      e * .op("Sigmoid", e), e * 0.5 * (1 + .op("Erf", e / .number(2.0.squareRoot(), ulps: 0))), .op("Clip", e + 3, 0, 6) / 6,
      e * (.op("Clip", e + 3, 0, 6) / 6), .op("Relu", .op("Clip", e, -1, 1)), e * 1 + 0, .op("Transpose", .op("Transpose", e)),
    ])
    let output = try formula.build(into: &builder, values: &values, scalars: .float32)
    if let known = pool.first(where: { $0.id == x })?.known {
      pool.append((output, Inferred(known.type)))
      concrete[output] = concrete[x].map { Inferred($0.type) }
    }
  }

  private mutating func addProduct(_ x: ValueID, _ shape: [Dimension]) throws {
    let seed = generator.next()
    if shape.count == 2, let depth = shape[1].known {
      let product = try add("MatMul", [x, builder.constant(random([depth, 4], seed: seed, -0.5...0.5))])
      if let product, Bool.random(using: &generator) { try add("Add", [product, builder.constant(random([4], seed: seed))]) }
    } else if shape.count == 4, let channels = shape[1].known {
      if generator.next() % 3 == 0 { return try addAttention(x, channels, seed) }
      if seed % 3 == 1 { return try addNetwork(x, channels, seed) }
      let product = try add("Conv", [x, builder.constant(random([2, channels, 1, 1], seed: seed, -0.5...0.5))])
      guard let product else { return }
      let vector = { (range: ClosedRange<Double>) throws in try random([2], seed: seed, range) }
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: try add("Add", [product, builder.constant(random([2, 1, 1], seed: seed))])
      case 1: try add("Mul", [product, builder.constant(random([1, 2, 1, 1], seed: seed))])
      case 2:
        let parameters = try [vector(-1...1), vector(-1...1), vector(-1...1), vector(0.5...2)].map { builder.constant($0) }
        try add("BatchNormalization", [product] + parameters)
      default: try add(pick(["Relu", "Sigmoid", "Tanh"]), [product])
      }
    }
  }

  /// Convolutions of enough filters for channel blocks, with what networks have between them.
  private mutating func addNetwork(_ x: ValueID, _ channels: Int, _ seed: UInt64) throws {
    let pads: [String: Attribute] = ["pads": .ints([1, 1, 1, 1])]
    let stem = try random(try Shape([16, channels, 3, 3]), seed: seed, -0.2...0.2)
    guard var y = try add("Conv", [x, builder.constant(stem)], pads) else { return }
    for step in 0..<3 {
      let next: ValueID?
      switch Int.random(in: 0..<6, using: &generator) {
      case 0:
        next = try add(
          "Conv", [y, builder.constant(random([16, 1, 3, 3], seed: seed &+ UInt64(step), -0.3...0.3))],
          pads.merging(["group": .int(16)]) { $1 })
      case 1: next = try add(pick(["MaxPool", "AveragePool"]), [y], pads.merging(["kernel_shape": .ints([3, 3])]) { $1 })
      case 2: next = try add(pick(["Relu", "HardSwish", "Sigmoid"]), [y])
      case 3:
        next = try add("Concat", [y, y], ["axis": .int(1)]).flatMap {
          try add("Conv", [$0, builder.constant(random([16, 32, 1, 1], seed: seed, -0.2...0.2))])
        }
      case 4:
        guard let gate = try add("GlobalAveragePool", [y]), let scale = try add("Sigmoid", [gate]), let scaled = try add("Mul", [y, scale])
        else { return }
        next = try add("Conv", [scaled, builder.constant(random([16, 16, 1, 1], seed: seed, -0.3...0.3))])
      default:
        let product = try add("Conv", [y, builder.constant(random([16, 16, 3, 3], seed: seed &+ UInt64(step), -0.1...0.1))], pads)
        next = try product.flatMap { try add("Add", [$0, y]) }.flatMap { try add("Relu", [$0]) }
      }
      guard let next else { return }
      y = next
    }
    try add("Conv", [y, builder.constant(random([2, 16, 1, 1], seed: seed, -0.3...0.3))])
  }

  /// x · σ(W · pool(x)), perhaps with a residual and an activation.
  private mutating func addAttention(_ x: ValueID, _ channels: Int, _ seed: UInt64) throws {
    let weights = builder.constant(try random(try Shape([channels, channels, 1, 1]), seed: seed, -0.5...0.5))
    guard let pooled = try add(pick(["GlobalAveragePool", "GlobalMaxPool"]), [x]), let layer = try add("Conv", [pooled, weights]) else {
      return
    }
    guard let gate = try add("Sigmoid", [layer]), let scaled = try add("Mul", pick([[x, gate], [gate, x]])) else { return }
    switch generator.next() % 3 {
    case 0: try add("Add", [scaled, x])
    case 1: if let sum = try add("Add", [x, scaled]) { try add("Relu", [sum]) }
    default: try add("Tanh", [scaled])
    }
  }
}
