import OnyxGraph
import OnyxOperators
import OnyxProto
import OnyxTensor

extension GraphAssembly {
  private struct Frame {
    let nodes: [NodeMessage]
    let scope: Scope
    var next = 0
  }

  /// Adds nodes; a call of a function adds the function's nodes in its place. The stack of calls is a list, so a long
  /// chain of functions takes no stack of the thread.
  func addNodes(_ nodes: [NodeMessage], _ scope: Scope) throws(OnyxError) {
    var frames = [Frame(nodes: nodes, scope: scope)]
    while let frame = frames.last {
      guard frame.next < frame.nodes.count else {
        frames.removeLast()
        continue
      }
      frames[frames.count - 1].next += 1
      let node = frame.nodes[frame.next]
      if frame.scope.enclosingCall != nil { try context.spendExpansion(node) }
      do throws(OnyxError) {
        if let function = context.functions.function(of: node) {
          frames.append(Frame(nodes: function.nodes, scope: try enter(function, node, frame.scope)))
        } else {
          try add(node, frame.scope)
        }
      } catch { throw error.at(node: label(node, frame.scope)) }
    }
  }

  private func add(_ message: NodeMessage, _ scope: Scope) throws(OnyxError) {
    guard !message.op.isEmpty else { throw .invalid("A node has no operator.") }
    let op = OperatorName(message.op, domain: message.domain)
    guard op.domain != "onyx" else {
      throw .unsupported(
        "The operator \(op) is made by Onyx itself and stands in no file.", remedy: "Save the model with standard operators.")
    }
    let call = scope.enclosingCall
    var inputs: [ValueID?] = []
    for name in message.inputs { inputs.append(try resolve(name, in: scope)) }
    var outputs: [ValueID?] = []
    for name in message.outputs { outputs.append(try resolve(name, in: scope)) }
    let metadata = message.metadata.dictionary.merging(call?.metadata ?? [:], uniquingKeysWith: { own, _ in own })
    graph.nodes.append(
      Node(
        name: name(of: message, call), op: op, opset: try opset(of: op.domain, call), inputs: inputs.withoutTrailingNil,
        outputs: outputs.withoutTrailingNil, attributes: try attributes(of: message, scope), metadata: metadata))
  }

  /// The version of a domain at a place of the model. Domains other than the standard need no import.
  private func opset(of domain: String, _ call: Scope.Call?) throws(OnyxError) -> Int {
    if let version = (call?.opsets ?? context.opsets)[domain] { return version }
    guard !domain.isEmpty else {
      throw .invalid("The model uses operators of the ONNX standard without importing a version of it.", remedy: "Export the model again.")
    }
    return 1
  }

  private func name(of node: NodeMessage, _ call: Scope.Call?) -> String {
    guard let call else { return node.name }
    return "\(call.prefix)/\(node.name.isEmpty ? node.op : node.name)"
  }

  private func label(_ node: NodeMessage, _ scope: Scope) -> String {
    let op = OperatorName(node.op, domain: node.domain)
    let name = name(of: node, scope.enclosingCall)
    return name.isEmpty ? "(\(op))" : "\(name) (\(op))"
  }
}

extension GraphAssembly {
  /// The scope of one call: formal inputs mean the caller's values, formal outputs are made right under the caller's ids.
  private func enter(_ function: FunctionMessage, _ node: NodeMessage, _ scope: Scope) throws(OnyxError) -> Scope {
    guard node.inputs.count <= function.inputs.count, node.outputs.count <= function.outputs.count else {
      throw .invalid(
        "The function '\(function.name)' has \(function.inputs.count) inputs and \(function.outputs.count) outputs; "
          + "the call gives \(node.inputs.count) and \(node.outputs.count)."
      )
    }
    let inner = Scope(self)
    inner.call = try call(of: function, node, from: scope)
    for (index, formal) in function.inputs.enumerated() {
      guard inner.names[formal] == nil else { throw .invalid("The function '\(function.name)' has two inputs named '\(formal)'.") }
      let id = index < node.inputs.count ? try resolve(node.inputs[index], in: scope) : nil
      inner.names[formal] = id.map { .value($0) } ?? .absent
    }
    try bindOutputs(of: function, node, from: scope, inner)
    let inputs = Set(function.inputs)
    for output in function.nodes.lazy.flatMap(\.outputs) where !output.isEmpty {
      guard !inputs.contains(output) else { throw .invalid("The function '\(function.name)' assigns its input '\(output)'.") }
      if inner.names[output] == nil { inner.names[output] = .value(addLocal(output, prefix: inner.call?.prefix ?? "")) }
    }
    return inner
  }

  private func bindOutputs(of function: FunctionMessage, _ node: NodeMessage, from scope: Scope, _ inner: Scope) throws(OnyxError) {
    for (formal, name) in zip(function.outputs, node.outputs) {
      guard let target = try resolve(name, in: scope) else { continue }
      guard let meaning = inner.names[formal] else {
        inner.names[formal] = .value(target)
        continue
      }
      // The output is an input, or another output too: one value cannot have two names, so it is copied.
      guard case .value(let source) = meaning else {
        throw .invalid("The function '\(function.name)' returns an input that the call leaves out.")
      }
      graph.nodes.append(
        Node(
          name: "\(inner.call?.prefix ?? "")/Identity", op: OperatorName("Identity"), opset: try opset(of: "", inner.call),
          inputs: [source],
          outputs: [target]))
    }
  }

  private func call(of function: FunctionMessage, _ node: NodeMessage, from scope: Scope) throws(OnyxError) -> Scope.Call {
    var bindings: [String: Scope.Binding] = [:]
    for attribute in function.defaults { bindings[attribute.name] = Scope.Binding(content: attribute.content, scope: nil) }
    let known = Set(function.attributes).union(bindings.keys)
    var given: Set<String> = []
    for attribute in node.attributes {
      guard known.contains(attribute.name) else { throw .invalid("The function '\(function.name)' has no attribute '\(attribute.name)'.") }
      guard given.insert(attribute.name).inserted else { throw .invalid("The attribute '\(attribute.name)' is given twice.") }
      if let value = try scope.resolve(attribute) { bindings[attribute.name] = Scope.Binding(content: value.content, scope: value.scope) }
    }
    let outer = scope.enclosingCall
    let own = node.name.isEmpty ? node.outputs.first { !$0.isEmpty } ?? node.op : node.name
    // Names in a long chain of calls must not grow without bound.
    let prefix = String((outer.map { "\($0.prefix)/\(own)" } ?? own).suffix(200))
    let metadata = node.metadata.dictionary.merging(outer?.metadata ?? [:], uniquingKeysWith: { own, _ in own })
    let opsets = context.opsets.merging(try function.opsets.byDomain(), uniquingKeysWith: { $1 })
    return Scope.Call(attributes: known, bindings: bindings, opsets: opsets, prefix: prefix, metadata: metadata)
  }
}

extension [ValueID?] {
  fileprivate var withoutTrailingNil: [ValueID?] {
    var trimmed = self
    while let last = trimmed.last, last == nil { trimmed.removeLast() }
    return trimmed
  }
}
