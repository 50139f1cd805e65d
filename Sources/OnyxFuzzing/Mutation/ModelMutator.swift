import OnyxGraph
import OnyxOperators
import OnyxTestSupport

/// Changes of models that stay readable: attributes, shapes, types, names, edges, nodes and bodies become odd, the wire format does not.
package struct ModelMutator {
  private var bytes: ByteMutator

  package init(_ generator: SeededGenerator) { bytes = ByteMutator(generator) }

  /// The generator behind the last change.
  package var generator: SeededGenerator { bytes.generator }

  /// `model` after one to four changes; `others` are models that nodes are taken from.
  package mutating func mutated(_ model: WireTree, others: [WireTree]) -> WireTree {
    var result = model
    var count = 1
    while count < 4, below(2) == 0 { count += 1 }
    for _ in 0..<count { change(&result, others) }
    return result
  }

  mutating func below(_ bound: Int) -> Int { bytes.below(bound) }
  mutating func pick<T>(_ choices: [T]) -> T { bytes.pick(choices) }

  private mutating func change(_ model: inout WireTree, _ others: [WireTree]) {
    switch below(20) {
    case 0...4: changeAttribute(&model)
    case 5...6: changeTensor(&model)
    case 7: changeDimension(&model)
    case 8: modify(&model, pick([.tensorType, .mapType]), set: 1, to: .varint(UInt64(below(31))))
    case 9...10: rewire(&model)
    case 11: moveNode(&model)
    case 12: changeOperator(&model)
    case 13: modify(&model, .opset, set: 2, to: .varint(UInt64(1 + below(30))))
    case 14: nestGraph(&model)
    case 15: changeAnyField(&model)
    case 16...17: takeNode(&model, others)
    case 18: moveInitializer(&model)
    default: addOutput(&model)
    }
  }

  /// Calls `body` with some message of a kind and this mutator.
  private mutating func modify(_ model: inout WireTree, _ kind: WireKind, _ body: (inout WireTree, inout ModelMutator) -> Void) {
    let count = model.count(of: kind)
    guard count > 0 else { return }
    let index = below(count)
    var mutator = self
    model.modify(kind, index) { body(&$0, &mutator) }
    self = mutator
  }

  private mutating func modify(_ model: inout WireTree, _ kind: WireKind, set number: Int, to content: WireTree.Content) {
    modify(&model, kind) { message, _ in
      if let index = message.fields.firstIndex(where: { $0.number == number }) {
        message.fields[index].content = content
      } else {
        message.fields.append(WireTree.Field(number, content))
      }
    }
  }

  // MARK: Numbers

  private mutating func oddInt() -> UInt64 {
    let value = pick(ByteMutator.oddNumbers)
    return below(2) == 0 ? value : 0 &- value
  }

  private mutating func oddFloat() -> UInt32 {
    pick([0, 1, -0.0, -1, 0.5, 2, Float(bitPattern: 1), 1e38, -.infinity, .infinity, .nan, 3.5, 255, 65536, 1e10, -1e10] as [Float])
      .bitPattern
  }

  private mutating func changed(_ content: WireTree.Content) -> WireTree.Content {
    switch content {
    case .varint(let value): below(3) == 0 ? .varint(value &+ UInt64(below(7)) &- 3) : .varint(oddInt())
    case .fixed32: .fixed32(oddFloat())
    case .fixed64: .fixed64(pick([0, Double(0.5).bitPattern, Double.nan.bitPattern, .max, UInt64(1), Double(1e300).bitPattern]))
    case .bytes(let text): .bytes(below(4) == 0 ? [] : bytes.mutated(text, others: []))
    case .message: content
    }
  }

  // MARK: Attributes and tensors

  private mutating func changeAttribute(_ model: inout WireTree) {
    modify(&model, .attribute) { attribute, mutator in
      let values = attribute.fields.indices.filter { [2, 3, 4, 7, 8, 9].contains(attribute.fields[$0].number) }
      switch mutator.below(8) {
      case 0: attribute.fields = attribute.fields.map { $0.number == 20 ? .int(20, Int64(mutator.below(16))) : $0 }
      case 1 where !values.isEmpty: attribute.fields.remove(at: mutator.pick(values))
      case 2 where !values.isEmpty:
        let field = attribute.fields[mutator.pick(values)]
        for _ in 0...mutator.below(mutator.below(8) == 0 ? 200 : 3) { attribute.fields.append(field) }
      case 3 where !values.isEmpty:
        for index in values { attribute.fields[index].content = mutator.changed(attribute.fields[index].content) }
      default:
        guard !values.isEmpty else { return }
        let index = mutator.pick(values)
        attribute.fields[index].content = mutator.changed(attribute.fields[index].content)
      }
    }
  }

  private mutating func changeTensor(_ model: inout WireTree) {
    modify(&model, .tensor) { tensor, mutator in
      let extents = tensor.fields.indices.filter { tensor.fields[$0].number == 1 }
      switch mutator.below(6) {
      case 0 where !extents.isEmpty: tensor.fields[mutator.pick(extents)].content = .varint(mutator.oddInt())
      case 1 where !extents.isEmpty: tensor.fields.remove(at: mutator.pick(extents))
      case 2: tensor.fields.insert(.int(1, Int64(mutator.below(3))), at: 0)
      case 3: tensor.fields = tensor.fields.map { $0.number == 2 ? .int(2, Int64(mutator.below(31))) : $0 }
      default:
        // The elements: numbers of shapes, axes, indices and bounds come from here.
        guard let index = tensor.fields.firstIndex(where: { [4, 5, 7, 9, 10, 11].contains($0.number) }),
          case .bytes(var data) = tensor.fields[index].content, !data.isEmpty
        else { return }
        let width = data.count % 8 == 0 ? 8 : data.count % 4 == 0 ? 4 : 1
        let place = mutator.below(data.count / width) * width
        let value = width == 4 && mutator.below(2) == 0 ? UInt64(mutator.oddFloat()) : mutator.oddInt()
        for byte in 0..<width { data[place + byte] = UInt8(truncatingIfNeeded: value >> UInt64(8 * byte)) }
        if mutator.below(10) == 0 { data.removeLast(1 + mutator.below(data.count)) }
        tensor.fields[index].content = .bytes(data)
      }
    }
  }

  private mutating func changeDimension(_ model: inout WireTree) {
    switch below(4) {
    case 0:
      modify(&model, .shape) { shape, mutator in
        if mutator.below(2) == 0, !shape.fields.isEmpty {
          shape.fields.remove(at: mutator.below(shape.fields.count))
        } else {
          shape.fields.append(WireTree.Field(1, .message(WireTree(.dimension, [.int(1, Int64(mutator.below(4)))]))))
        }
      }
    case 1: modify(&model, .tensorType) { type, _ in type.fields.removeAll { $0.number == 2 } }
    default:
      modify(&model, .dimension) { dimension, mutator in
        switch mutator.below(4) {
        case 0: dimension.fields = []
        case 1: dimension.fields = [.text(2, mutator.pick(["n", "batch", "a*b", "", "-1", "n"]))]
        case 2: dimension.fields = [.int(1, Int64(mutator.below(9)))]
        default: dimension.fields = [WireTree.Field(1, .varint(mutator.oddInt()))]
        }
      }
    }
  }

  // MARK: Nodes

  /// Names of values that stand in a message.
  static func names(_ tree: WireTree) -> [String] {
    var names: [String] = []
    tree.forEach(.node) { names += $0.texts(1) + $0.texts(2) }
    tree.forEach(.valueInfo) { names += $0.texts(1) }
    tree.forEach(.tensor) { names += $0.texts(8) }
    return Array(Set(names)).sorted()
  }

  private mutating func rewire(_ model: inout WireTree) {
    let names = Self.names(model)
    guard !names.isEmpty else { return }
    let name = below(12) == 0 ? "" : pick(names)
    modify(&model, .node) { node, mutator in
      let ports = node.fields.indices.filter { node.fields[$0].number == (mutator.below(4) == 0 ? 2 : 1) }
      switch mutator.below(6) {
      case 0: node.fields.insert(.text(1, name), at: 0)
      case 1 where !ports.isEmpty: node.fields.remove(at: mutator.pick(ports))
      case 2: node.fields.append(.text(2, mutator.below(3) == 0 ? name : "extra"))
      default: if !ports.isEmpty { node.fields[mutator.pick(ports)] = .text(node.fields[mutator.pick(ports)].number, name) }
      }
    }
  }

  /// A node goes away, is there twice, or stands elsewhere.
  private mutating func moveNode(_ model: inout WireTree) {
    modify(&model, .graph) { graph, mutator in
      let nodes = graph.fields.indices.filter { graph.fields[$0].number == 1 }
      guard !nodes.isEmpty else { return }
      let index = mutator.pick(nodes)
      let node = graph.fields[index]
      switch mutator.below(3) {
      case 0: graph.fields.remove(at: index)
      case 1: graph.fields.insert(node, at: mutator.pick(nodes))
      default:
        graph.fields.remove(at: index)
        graph.fields.insert(node, at: mutator.below(graph.fields.count + 1))
      }
    }
  }

  private static let operators = Catalog.definitions.map(\.signature.op)

  private mutating func changeOperator(_ model: inout WireTree) {
    let op = pick(Self.operators)
    modify(&model, .node) { node, _ in
      node.fields.removeAll { $0.number == 4 || $0.number == 7 }
      node.fields.append(.text(4, op.name))
      if !op.domain.isEmpty { node.fields.append(.text(7, op.domain)) }
    }
    if !op.domain.isEmpty { model.fields.append(WireTree.Field(8, .message(WireTree(.opset, [.text(1, op.domain), .int(2, 1)])))) }
  }

  /// A graph of the model, or the model's, becomes the body of a node.
  private mutating func nestGraph(_ model: inout WireTree) {
    var graphs: [WireTree] = []
    model.forEach(.graph) { graphs.append($0) }
    guard !graphs.isEmpty else { return }
    let body = pick(graphs)
    guard body.encoded.count < 1 << 16 else { return }
    let name = pick(["then_branch", "else_branch", "body"])
    let wants = pick(["", "If", "Loop", "Scan", "SequenceMap"])
    modify(&model, .node) { node, _ in
      node.fields.append(
        WireTree.Field(5, .message(WireTree(.attribute, [.text(1, name), WireTree.Field(6, .message(body)), .int(20, 5)]))))
      if !wants.isEmpty {
        node.fields.removeAll { $0.number == 4 }
        node.fields.append(.text(4, wants))
      }
    }
  }

  /// A node of another model that reads values of this one; what it makes are outputs.
  private mutating func takeNode(_ model: inout WireTree, _ others: [WireTree]) {
    var nodes: [WireTree] = []
    guard !others.isEmpty else { return }
    pick(others).forEach(.node) { nodes.append($0) }
    let names = Self.names(model)
    guard !nodes.isEmpty, !names.isEmpty else { return }
    var node = pick(nodes)
    guard node.encoded.count < 1 << 14 else { return }
    let mark = below(1000)
    var made: [String] = []
    for index in node.fields.indices {
      if node.fields[index].number == 1, !node.texts(1).isEmpty {
        node.fields[index] = .text(1, pick(names))
      } else if node.fields[index].number == 2 {
        made.append("taken\(mark)_\(index)")
        node.fields[index] = .text(2, made[made.count - 1])
      }
    }
    modify(&model, .graph) { graph, mutator in
      graph.fields.insert(WireTree.Field(1, .message(node)), at: mutator.below(graph.fields.count + 1))
      for name in made { graph.fields.append(WireTree.Field(12, .message(WireTree(.valueInfo, [.text(1, name)])))) }
    }
  }

  // MARK: The rest

  /// An initializer becomes an input, an input a constant, or either goes away.
  private mutating func moveInitializer(_ model: inout WireTree) {
    modify(&model, .graph) { graph, mutator in
      let tensors = graph.fields.indices.filter { graph.fields[$0].number == 5 }
      guard !tensors.isEmpty else { return }
      let index = mutator.pick(tensors)
      guard case .message(let tensor) = graph.fields[index].content, let name = tensor.texts(8).first else { return }
      if mutator.below(2) == 0 { graph.fields.remove(at: index) }
      if mutator.below(3) > 0 {
        let element = tensor.fields.first { $0.number == 2 }.map(\.content) ?? .varint(1)
        let type = WireTree(.type, [WireTree.Field(1, .message(WireTree(.tensorType, [WireTree.Field(1, element)])))])
        graph.fields.append(WireTree.Field(11, .message(WireTree(.valueInfo, [.text(1, name), WireTree.Field(2, .message(type))]))))
      }
    }
  }

  private mutating func addOutput(_ model: inout WireTree) {
    let names = Self.names(model)
    guard !names.isEmpty else { return }
    let name = pick(names)
    modify(&model, .graph) { graph, _ in
      graph.fields.append(WireTree.Field(12, .message(WireTree(.valueInfo, [.text(1, name)]))))
    }
  }

  private mutating func changeAnyField(_ model: inout WireTree) {
    modify(&model, pick(WireKind.allCases)) { message, mutator in
      guard !message.fields.isEmpty else { return }
      let index = mutator.below(message.fields.count)
      switch mutator.below(5) {
      case 0: message.fields.remove(at: index)
      case 1: message.fields.insert(message.fields[index], at: mutator.below(message.fields.count))
      case 2: message.fields[index].number = 1 + mutator.below(26)
      default: message.fields[index].content = mutator.changed(message.fields[index].content)
      }
    }
  }
}
