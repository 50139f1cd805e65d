import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Workspace {
  /// Applies a patch that `prove` has proven, and removes the nodes and constants that nothing needs afterwards.
  /// Returns the indices of the new nodes. Complexity: O(patch + readers of what it replaces).
  package mutating func apply(_ patch: Patch, _ inferred: [Inferred?]) -> [Int] {
    addValues(patch, inferred)
    var needed: [ValueID] = []
    for index in patch.removed.sorted() { needed += remove(index) }
    var standIn = shunt(patch)
    addConstants(patch, &standIn)
    var added: [Int] = []
    for var node in patch.nodes {
      if !standIn.isEmpty { node.replace { standIn[$0] ?? $0 } }
      added.append(add(node, at: patch.position))
    }
    sweep(needed + patch.constants.keys.map { standIn[$0] ?? $0 })
    return added
  }

  private mutating func addValues(_ patch: Patch, _ inferred: [Inferred?]) {
    for (var value, known) in zip(patch.values, inferred) {
      value.name = takeName(value.name)
      shell.values.append(value)
      producers.append(nil)
      readers.append([])
      knowledge.append(known)
    }
  }

  /// Redirects readers of replaced values. Returns which value stands in for which in the new nodes.
  private mutating func shunt(_ patch: Patch) -> [ValueID: ValueID] {
    var standIn: [ValueID: ValueID] = [:]
    for (old, new) in patch.shunts {
      let source = standIn[new] ?? new
      learn(old, from: source)
      if patch.isNew(source), patch.constants[source] == nil || pinned.contains(old) {
        // The new node makes the old value: no reader has to change.
        standIn[new] = old
        readers[old.index].formUnion(readers[source.index])
      } else if !pinned.contains(old) {
        redirectReaders(of: old, to: equalConstant(to: source, patch) ?? source)
      } else if isInitializer(source) {
        shell.initializers[old] = shell.initializers[source]
      } else if let producer = producer(of: source), var node = nodes[producer] {
        redirectReaders(of: source, to: old)
        node.outputs = node.outputs.map { $0 == source ? old : $0 }
        nodes[producer] = node
        producers[source.index] = nil
        producers[old.index] = producer
        standIn[source] = old
      }
    }
    return standIn
  }

  /// New constants become initializers, or stand for equal ones that the graph has.
  private mutating func addConstants(_ patch: Patch, _ standIn: inout [ValueID: ValueID]) {
    for (id, tensor) in patch.constants.sorted(by: { $0.key < $1.key }) {
      if standIn[id] == nil, let equal = equalConstant(to: id, patch) {
        standIn[id] = equal
        continue
      }
      let target = standIn[id] ?? id
      shell.initializers[target] = tensor
      knowledge[target.index] = Inferred(constant: tensor)
      if let key = ConstantKey(tensor), !isInterned(key) { interned[key] = target }
    }
  }

  private func isInterned(_ key: ConstantKey) -> Bool { interned[key].map { shell.initializers[$0] != nil } ?? false }

  /// A constant of the graph with the same contents as a small new one, if there is one.
  private func equalConstant(to id: ValueID, _ patch: Patch) -> ValueID? {
    guard let tensor = patch.constants[id], let key = ConstantKey(tensor), isInterned(key) else { return nil }
    return interned[key]
  }

  /// Keeps the better of what is known of a replaced value and of its replacement.
  private mutating func learn(_ old: ValueID, from new: ValueID) {
    guard let found = knowledge[new.index] else { return }
    guard let before = knowledge[old.index] else {
      knowledge[old.index] = found
      return
    }
    if before.constant == nil, found.constant != nil {
      knowledge[old.index] = found
      hasNews = true
    } else if before.shape == nil, found.shape != nil {
      knowledge[old.index] = Inferred(found.type, value: before.value ?? found.value)
      hasNews = true
    }
  }

  /// Complexity: O(places where `old` is read), the first time that a reader with many inputs changes O(its inputs).
  private mutating func redirectReaders(of old: ValueID, to new: ValueID) {
    for reader in readers[old.index] {
      if nodes[reader]?.inputs.count ?? 0 > Self.manyInputs {
        redirectPlaces(of: reader, from: old, to: new)
      } else {
        nodes[reader]?.replace(old, with: new)
      }
      if let node = nodes[reader] { equalNodes.insert(reader, node) }
      readers[new.index].insert(reader)
    }
    readers[old.index] = []
  }

  /// Inputs that are looked through in no time.
  private static var manyInputs: Int { 64 }

  private mutating func redirectPlaces(of reader: Int, from old: ValueID, to new: ValueID) {
    if places[reader] == nil {
      var found: [ValueID: [Int]] = [:]
      for (place, input) in (nodes[reader]?.inputs ?? []).enumerated() { if let input { found[input, default: []].append(place) } }
      places[reader] = found
    }
    let moved = places[reader]?.removeValue(forKey: old) ?? []
    // The array is changed where it lies: a copy of the node would copy it each time.
    for place in moved { nodes[reader]?.inputs[place] = new }
    places[reader]?[new, default: []] += moved
    nodes[reader]?.replaceCaptures { $0 == old ? new : $0 }
  }

  private mutating func add(_ node: Node, at position: Int) -> Int {
    let index = nodes.count
    nodes.append(node)
    positions.append(position)
    for case let output? in node.outputs { producers[output.index] = index }
    for input in node.reads { readers[input.index].insert(index) }
    equalNodes.insert(index, node)
    return index
  }

  /// Takes a node out. Returns what it read.
  private mutating func remove(_ index: Int) -> [ValueID] {
    guard let node = nodes[index] else { return [] }
    for case let output? in node.outputs { producers[output.index] = nil }
    let reads = node.reads
    for input in reads { readers[input.index].remove(index) }
    nodes[index] = nil
    places[index] = nil
    return reads
  }

  /// Removes, beginning with the makers of `values`, what nothing needs.
  private mutating func sweep(_ values: [ValueID]) {
    var pending = values
    while let value = pending.popLast() {
      guard readers[value.index].isEmpty, !pinned.contains(value) else { continue }
      if let producer = producers[value.index] {
        if isDead(producer) { pending += remove(producer) }
      } else if isInitializer(value) {
        shell.initializers[value] = nil
      }
    }
  }

  /// Whether nothing needs any output of the node.
  func isDead(_ index: Int) -> Bool {
    guard let node = nodes[index] else { return false }
    return node.outputs.allSatisfy { $0.map { readers[$0.index].isEmpty && !pinned.contains($0) } ?? true }
  }
}

extension Node {
  /// Reads `new` where it read `old`, in its bodies too, and makes `new` where it made `old`.
  mutating func replace(_ old: ValueID, with new: ValueID) { replace { $0 == old ? new : $0 } }

  /// Reads and makes what `place` says of each value.
  mutating func replace(_ place: (ValueID) -> ValueID) {
    for index in inputs.indices { if let input = inputs[index], place(input) != input { inputs[index] = place(input) } }
    for index in outputs.indices { if let output = outputs[index], place(output) != output { outputs[index] = place(output) } }
    replaceCaptures(place)
  }

  /// Reads in its bodies what `place` says of each value.
  mutating func replaceCaptures(_ place: (ValueID) -> ValueID) {
    if attributes.isEmpty { return }
    for (name, attribute) in attributes where attribute.graphs.contains(where: { $0.captures.contains { place($0.outer) != $0.outer } }) {
      attributes[name] = attribute.capturing(place)
    }
  }
}
