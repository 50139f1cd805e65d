import OnyxGraph
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport

/// One valid node, from which the sweep of attributes starts.
struct SweptCase: Sendable {
  /// An input of the node.
  enum Input: Sendable {
    case none
    case tensor(Tensor)
    /// Made of the tensors by SequenceConstruct.
    case sequence([Tensor])
    /// Made of the tensor by Optional.
    case optional(Tensor)
    case map(MapValue)
  }

  let op: OperatorName
  var inputs: [Input]
  var attributes: [String: Attribute]
  let outputs: Int

  init(_ op: OperatorName, _ inputs: [Input], _ attributes: [String: Attribute] = [:], outputs: Int = 1) {
    (self.op, self.inputs, self.attributes, self.outputs) = (op, inputs, attributes, outputs)
  }

  init(_ op: String, _ inputs: [Input], _ attributes: [String: Attribute] = [:], outputs: Int = 1) {
    var parts = op.split(separator: ".").map(String.init)
    let name = parts.removeLast()
    self.init(OperatorName(name, domain: parts.joined(separator: ".")), inputs, attributes, outputs: outputs)
  }

  /// Which inputs are initializers.
  enum Constants: CaseIterable { case none, small, all }

  /// Integers and numbers that say something about shapes and the like are as small as this.
  static let smallCount = 16

  /// The graph of the node, and the tensors for its inputs.
  func graph(_ constants: Constants) -> (graph: Graph, given: [Value]) {
    var builder = GraphBuilder(opset: Catalog.newestOpset(of: op.domain) ?? Catalog.newestOpset)
    var given: [Value] = []
    func add(_ tensor: Tensor) -> ValueID {
      let isConstant =
        switch constants {
        case .none: false
        case .small: tensor.elementCount <= Self.smallCount && tensor.shape.rank < 2
        case .all: true
        }
      if isConstant { return builder.constant(tensor) }
      given.append(.tensor(tensor))
      return builder.input("x\(given.count)", tensor.elementType, tensor.shape.map { Dimension($0) })
    }
    var ids: [ValueID?] = []
    var maps: [ValueID: ValueType] = [:]
    for input in inputs {
      switch input {
      case .none: ids.append(nil)
      case .tensor(let tensor): ids.append(add(tensor))
      case .sequence(let tensors): ids.append(builder.nodes("SequenceConstruct", tensors.map(add), outputs: 1)[0])
      case .optional(let tensor): ids.append(builder.nodes("Optional", [add(tensor)], outputs: 1)[0])
      case .map(let map):
        given.append(.map(map))
        let id = builder.input("x\(given.count)", map.values.elementType, nil)
        maps[id] = .map(key: map.keys.elementType, value: .tensor(map.values.elementType, shape: nil))
        ids.append(id)
      }
    }
    while let last = ids.last, last == nil { ids.removeLast() }
    let results = builder.nodes(op.name, ids, outputs: outputs, attributes: attributes, domain: op.domain, name: "swept")
    for id in results { builder.output(id) }
    var graph = builder.graph
    for (id, type) in maps { graph[id].type = type }
    return (graph, given)
  }

  var node: Node { graph(.none).graph.nodes.last! }
}

extension SweptCase {
  /// The values that every integer takes.
  static let integers: [Int64] = [
    0, 1, -1, .init(Int32.max), 1 << 31, .init(Int32.min), 1 << 56, 1 << 60, .max, .min,
  ]
  static let numbers: [Float] = [.nan, .infinity, -.infinity, 0, -1, 3e38, 1e-38]

  /// What the operator reads of its attributes.
  var reads: [AttributeReader.Read] {
    guard let definition = Catalog.definition(of: op) else { return [] }
    var reader = AttributeReader(node)
    _ = try? definition.make(&reader)
    return reader.reads
  }

  /// The case with one attribute or one element of a small input changed, each in turn.
  func mutations() -> [(label: String, test: SweptCase)] {
    var result: [(String, SweptCase)] = []
    func add(_ label: String, _ change: (inout SweptCase) -> Void) {
      var changed = self
      change(&changed)
      result.append((label, changed))
    }
    var seen: Set<String> = []
    for read in reads where seen.insert(read.name).inserted {
      let present = attributes[read.name] ?? read.fallback
      switch read.kind {
      case "int": for value in Self.integers { add("\(read.name) = \(value)") { $0.attributes[read.name] = .int(value) } }
      case "ints":
        var bases: [[Int64]] = [[0], [1, 1], [0, 0, 0, 0]]
        if case .ints(let values)? = present { bases = values.isEmpty ? bases : [values] }
        for base in bases {
          for value in Self.integers {
            for place in Set([0, base.count - 1]) where base.indices.contains(place) {
              var values = base
              values[place] = value
              add("\(read.name) = \(values)") { $0.attributes[read.name] = .ints(values) }
            }
            if base.count > 1 { add("\(read.name) = all \(value)") { $0.attributes[read.name] = .ints(base.map { _ in value }) } }
          }
          add("\(read.name) shorter") { $0.attributes[read.name] = .ints(Array(base.dropLast())) }
          add("\(read.name) longer") { $0.attributes[read.name] = .ints(base + [1]) }
        }
      case "float": for value in Self.numbers { add("\(read.name) = \(value)") { $0.attributes[read.name] = .float(value) } }
      case "floats":
        var base: [Float] = [1, 1]
        if case .floats(let values)? = present, !values.isEmpty { base = values }
        for value in Self.numbers {
          var values = base
          values[0] = value
          add("\(read.name) = \(values.prefix(4))") { $0.attributes[read.name] = .floats(values) }
        }
        add("\(read.name) shorter") { $0.attributes[read.name] = .floats(Array(base.dropLast())) }
      default: break
      }
    }
    for (index, input) in inputs.enumerated() {
      guard case .tensor(let tensor) = input, tensor.elementCount <= Self.smallCount else { continue }
      for (value, changed) in Self.changed(tensor) { add("input \(index) \(value)") { $0.inputs[index] = .tensor(changed) } }
    }
    return result
  }

  /// The tensor with each of its first elements changed.
  private static func changed(_ tensor: Tensor) -> [(String, Tensor)] {
    var result: [(String, Tensor)] = []
    let type = tensor.elementType
    if type.isInteger, let values = try? tensor.integers() {
      for place in values.indices.prefix(3) {
        for value in integers {
          var changed = values
          changed[place] = value
          if let made = try? Tensor(integral: changed, as: type, shape: tensor.shape) { result.append(("[\(place)] = \(value)", made)) }
        }
      }
    } else if type.isFloating, tensor.shape.rank < 2, let values = try? tensor.doubles() {
      for place in values.indices.prefix(2) {
        for value in numbers {
          var changed = values
          changed[place] = Double(value)
          if let made = try? Tensor(floating: changed, as: type, shape: tensor.shape) { result.append(("[\(place)] = \(value)", made)) }
        }
      }
    }
    return result
  }
}
