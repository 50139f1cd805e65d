import OnyxGraph
import OnyxLoader
import OnyxOperators
import OnyxTensor
import OnyxTestSupport

/// Makes small valid graphs with types and shapes, the same for the same seed; a graph of fewer nodes is the beginning of one of more.
///
/// Of every value a bound and the error that two right ways to compute it may differ by are known: |f(x) − f(y)| ≤ gain · |x − y| says how
/// errors go on, and each node adds the roundings of its own. What makes either too large is not put into a graph, so a difference past the
/// error is a finding, whatever the graph.
package struct GraphMaker {
  /// A value that nodes may read.
  package struct Known {
    package let id: ValueID
    package let type: ElementType
    package let shape: [Int]
    /// No element is larger.
    package var bound: Double
    /// How far two right results may be apart; 0 is equal bits.
    package var error: Double

    var count: Int { shape.reduce(1, *) }
    var rank: Int { shape.count }
    package var isFloat: Bool { type.isFloating }
  }

  var generator: SeededGenerator
  package var builder: GraphBuilder
  var pool: [Known] = []
  /// Values that a node reads.
  var read: Set<ValueID> = []
  /// The floating-point type of the graph.
  let float: ElementType
  private(set) var inputs: [Known] = []

  /// Distances between numbers near 1.
  static func roundoff(_ type: ElementType) -> Double {
    switch type {
    case .float64: 0x1p-50
    case .float16: 0x1p-10
    case .bfloat16: 0x1p-7
    default: 0x1p-23
    }
  }

  package static func make(seed: UInt64, nodes: Int) throws(OnyxError) -> GraphMaker {
    var maker = try GraphMaker(seed: seed)
    for _ in 0..<nodes { try maker.addStep() }
    maker.addOutputs()
    return maker
  }

  private init(seed: UInt64) throws(OnyxError) {
    generator = SeededGenerator(seed: seed)
    builder = GraphBuilder("random\(seed)", opset: Catalog.newestOpset)
    float =
      [ElementType.float32, .float32, .float32, .float32, .float32, .float32, .float64, .float16, .float16, .bfloat16][
        Int(generator.next() % 10)]
    let isSymbolic = generator.next() % 3 == 0
    let batch = 1 + Int(generator.next() % 3)
    let channels = pick([1, 2, 3, 4, 8, 16, 17])
    let side = 2 + below(8)
    var shapes = [
      [batch, channels, side, 1 + below(9)], [batch, 1 + below(6), pick([4, 8, 12, 16])], [batch, 4 + below(13)], [1 + below(5)],
    ]
    if below(8) == 0 { shapes[0] = [batch, channels, side, 3, 4] }
    for (number, shape) in shapes.enumerated() { addInput("x\(number)", float, shape, isSymbolic, bound: 2) }
    addInput("i", pick([.int64, .int32, .int8, .uint8, .uint16]), [batch, 1 + below(6)], isSymbolic, bound: 4)
  }

  private mutating func addInput(_ name: String, _ type: ElementType, _ shape: [Int], _ isSymbolic: Bool, bound: Double) {
    let declared = shape.map { extent in isSymbolic && below(2) == 0 ? Dimension(symbol: "d\(extent)") : Dimension(extent) }
    let known = Known(id: builder.input(name, type, declared), type: type, shape: shape, bound: bound, error: 0)
    inputs.append(known)
    pool.append(known)
  }

  /// What nobody reads is an output, and so are a few other values.
  private mutating func addOutputs() {
    var chooser = SeededGenerator(seed: UInt64(builder.graph.nodes.count))
    let made = pool.filter { value in !inputs.contains { $0.id == value.id } }
    var outputs = made.filter { !read.contains($0.id) }
    for value in made where read.contains(value.id) && chooser.next() % 8 == 0 { outputs.append(value) }
    if outputs.isEmpty { outputs = [pool[0]] }
    results = outputs
    for value in outputs { builder.output(value.id) }
  }
  /// The outputs, in their order.
  package private(set) var results: [Known] = []

  package func model() throws(OnyxError) -> [UInt8] {
    try ModelWriter.write(ModelGraph(irVersion: 10, opsets: ["": builder.opset], graph: builder.graph))
  }

  /// Tensors for the inputs, by their names.
  package func tensors(seed: UInt64) throws(OnyxError) -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    for (number, input) in inputs.enumerated() {
      let range = input.isFloat ? -input.bound...input.bound : 0...input.bound
      result[builder.graph[input.id].name] = try Tensor.random(input.type, try Shape(input.shape), in: range, seed: seed &+ UInt64(number))
    }
    return result
  }
}

extension GraphMaker {
  mutating func below(_ bound: Int) -> Int { bound <= 1 ? 0 : Int(generator.next() % UInt64(bound)) }
  mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }
  mutating func chance(_ one: Int) -> Bool { below(one) == 0 }

  /// Values of a kind, recent ones more often; nil when there is none.
  mutating func some(_ isWanted: (Known) -> Bool) -> Known? {
    let found = pool.filter(isWanted)
    guard !found.isEmpty else { return nil }
    return chance(2) ? found[found.count - 1 - below(min(4, found.count))] : pick(found)
  }

  mutating func constant(_ shape: [Int], _ range: ClosedRange<Double>, type: ElementType? = nil) throws(OnyxError) -> Known {
    let type = type ?? float
    let tensor = try Tensor.random(type, try Shape(shape), in: range, seed: generator.next())
    let bound = max(abs(range.lowerBound), abs(range.upperBound))
    return Known(id: builder.constant(tensor), type: type, shape: shape, bound: bound, error: 0)
  }

  mutating func scalar(_ value: Double, type: ElementType? = nil) throws(OnyxError) -> Known {
    let type = type ?? float
    let tensor =
      type.isFloating
      ? try Tensor(floating: [value], as: type, shape: .scalar) : try Tensor(integral: [Int64(value)], as: type, shape: .scalar)
    return Known(id: builder.constant(tensor), type: type, shape: [], bound: abs(value), error: 0)
  }

  mutating func ints(_ values: [Int]) throws(OnyxError) -> Known {
    Known(id: builder.constant(try Tensor(values)), type: .int64, shape: [values.count], bound: 0, error: 0)
  }

  /// The largest bound and error, as a part of what the type of the graph can tell apart, that a value may have.
  private static let largestBound = 2000.0
  private static let largestError = 0.02

  /// Adds a node if its operator accepts it and its results stay within limits; its outputs can be read then.
  ///
  /// - Parameters:
  ///   - bound: of the results; nil is the largest bound of the inputs.
  ///   - gain: the sum of the factors by which errors of the inputs go on.
  ///   - roundings: of the node's own, in units of the type's roundoff at the bound; 0 for one that only moves or chooses.
  @discardableResult
  mutating func add(
    _ op: String, _ inputs: [Known?], _ attributes: [String: Attribute] = [:], outputs: Int = 1, bound: Double? = nil, gain: Double = 1,
    roundings: Double = 0, error: Double? = nil
  ) throws(OnyxError) -> [Known]? {
    let known = inputs.map { input in input.map(inferred) }
    let node = Node(
      op: OperatorName(op), opset: Catalog.newestOpset, inputs: inputs.map { $0?.id }, outputs: (0..<outputs).map { ValueID($0) },
      attributes: attributes)
    let context = InferenceContext(inputs: known, outputCount: outputs, symbolPrefix: "n\(builder.graph.nodes.count)")
    let given = known.map { $0?.type }
    guard let signature = Catalog.definition(of: node.op)?.signature,
      (try? signature.check(inputs: given, isPresent: given.map { $0 != nil }, outputCount: outputs)) != nil
    else { return nil }
    guard let results = try? Catalog.make(node).infer(context), results.count >= outputs else { return nil }
    let largest = bound ?? inputs.compactMap { $0?.bound }.max() ?? 0
    let carried = (inputs.compactMap { $0?.error }.max() ?? 0) * gain
    var made: [(ElementType, [Int], Double)] = []
    for result in results.prefix(outputs) {
      guard let type = result.elementType, let shape = result.shape?.map(\.known), !shape.contains(nil), shape.count <= 6 else {
        return nil
      }
      let extents = shape.compactMap(\.self)
      let count = extents.reduce(1, *)
      guard count <= 6000, count > 0 || chance(4) else { return nil }
      let total = error ?? (carried + (type.isFloating ? roundings * Self.roundoff(type) * largest : 0))
      if type.isFloating, largest > Self.largestBound || total > Self.largestError * max(1, largest) * (type == .bfloat16 ? 8 : 1) {
        return nil
      }
      made.append((type, extents, total))
    }
    let ids = builder.nodes(op, inputs.map { $0?.id }, outputs: outputs, attributes: attributes)
    for input in inputs { if let input { read.insert(input.id) } }
    let values = zip(ids, made).map { Known(id: $0, type: $1.0, shape: $1.1, bound: largest, error: $1.2) }
    pool += values
    return values
  }

  private func inferred(_ value: Known) -> Inferred {
    if let tensor = builder.graph.initializers[value.id] { return Inferred(constant: tensor) }
    return Inferred(value.type, value.shape.map { Dimension($0) })
  }

  private mutating func addStep() throws(OnyxError) {
    switch below(20) {
    case 0...2: try addUnary()
    case 3...5: try addBinary()
    case 6...8: try addMovement()
    case 9: try addView()
    case 10: try addReduction()
    case 11...12: try addWindow()
    case 13...14: try addProduct()
    case 15: try addNormalization()
    case 16: try addBlock()
    case 17: try addIntegers()
    case 18: try addChoice()
    default: try addBody()
    }
  }
}
