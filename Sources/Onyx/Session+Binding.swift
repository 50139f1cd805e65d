import OnyxGraph
import OnyxTensor

/// Checks the caller's tensors against what the graph says of its inputs.
struct InputBinding: Sendable {
  /// What the model says of its inputs, for messages.
  private let graph: Graph
  /// The same in the form that is checked without text, in the graph's order.
  private let slots: [InputSlot]
  /// Different symbolic dimensions of all inputs together.
  private let symbolCount: Int

  /// Reads the inputs of the graph and the tensors that stand in for them.
  init(graph: Graph) {
    self.graph = graph
    var symbols: [String: Int] = [:]
    var slots: [InputSlot] = []
    for id in graph.inputs { slots.append(InputSlot(graph[id], standIn: graph.initializers[id], symbols: &symbols)) }
    self.slots = slots
    symbolCount = symbols.count
  }

  /// The tensors in the order of the graph's inputs; the model's defaults stand in for omitted ones.
  ///
  /// Throws `usage` for an unknown name (with the nearest one), a missing input, a wrong element type or a wrong shape,
  /// and when a named dimension would have two sizes.
  func bind(_ tensors: [String: Tensor]) throws(OnyxError) -> [Tensor?] {
    if let bound = bindAccepted(tensors) { return bound }
    return try bindChecked(tensors)
  }

  /// The tensors when each has its place and fits; nil leaves it to `bindChecked` to say what is wrong.
  private func bindAccepted(_ tensors: [String: Tensor]) -> [Tensor?]? {
    var bound: [Tensor?] = []
    bound.reserveCapacity(slots.count)
    var sizes = symbolCount == 0 ? [] : [Int](repeating: -1, count: symbolCount)
    var given = 0
    for slot in slots {
      let tensor = tensors[slot.name]
      if tensor != nil { given += 1 }
      guard let tensor = tensor ?? slot.standIn, slot.accepts(tensor, &sizes) else { return nil }
      bound.append(tensor)
    }
    return given == tensors.count ? bound : nil
  }

  /// As `bind(_:)`, input by input: finds the first thing that is wrong.
  private func bindChecked(_ tensors: [String: Tensor]) throws(OnyxError) -> [Tensor?] {
    let names = graph.inputs.map { graph[$0].name }
    for name in tensors.keys.sorted() where !names.contains(name) {
      throw .usage("The model has no input '\(name)'.", remedy: Names.suggestion(for: name, among: names, what: "inputs"))
    }
    var bound: [Tensor?] = []
    var sizes: [String: (size: Int, input: String)] = [:]
    for id in graph.inputs {
      let value = graph[id]
      guard let tensor = tensors[value.name] ?? graph.initializers[id] else {
        throw .usage(
          "The input '\(value.name)' is missing.",
          remedy:
            "Give a tensor of type \(value.type?.description ?? "unknown"): --input \(value.name)=FILE, or run([\"\(value.name)\": "
            + "tensor])."
        )
      }
      try check(tensor, value, &sizes)
      bound.append(tensor)
    }
    return bound
  }

  /// One tensor against its input; `sizes` holds the named dimensions that earlier inputs fixed.
  private func check(_ tensor: Tensor, _ value: Value, _ sizes: inout [String: (size: Int, input: String)]) throws(OnyxError) {
    guard let type = value.type else { return }
    guard case .tensor(let element, let shape) = type else {
      throw .unsupported("The input '\(value.name)' is of type \(type); only tensors can be given.")
    }
    var mismatch: OnyxError {
      .usage(
        "The input '\(value.name)' must be \(type); the tensor given is \(tensor.typeDescription).",
        remedy: "Give a tensor of that type and shape; named dimensions can have any size.")
    }
    guard tensor.elementType == element else { throw mismatch }
    guard let shape else { return }
    guard shape.count == tensor.shape.rank else { throw mismatch }
    for (dimension, size) in zip(shape, tensor.shape) {
      if let known = dimension.known {
        guard known == size else { throw mismatch }
      } else if let earlier = sizes.updateValue((size, value.name), forKey: dimension.description), earlier.size != size {
        throw .usage(
          "The dimension '\(dimension)' is \(earlier.size) in the input '\(earlier.input)' and \(size) in '\(value.name)'.",
          remedy: "A named dimension must have one size.")
      }
    }
  }
}
