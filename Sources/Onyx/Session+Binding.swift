import OnyxGraph
import OnyxInsight
import OnyxTensor

/// Checks the caller's values against what the graph says of its inputs.
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

  /// The values in the order of the graph's inputs; the model's defaults stand in for omitted ones, and nothing stands for an
  /// optional that is omitted.
  ///
  /// Throws `usage` for an unknown name (with the nearest one), a missing input, a wrong element type or a wrong shape,
  /// and when a named dimension would have two sizes.
  func bind(_ tensors: [String: Tensor]) throws(OnyxError) -> [Value?] { try bind(tensors) { .tensor($0) } }

  func bind(_ values: [String: Value]) throws(OnyxError) -> [Value?] { try bind(values) { $0 } }

  private func bind<T>(_ values: [String: T], _ wrap: (T) -> Value) throws(OnyxError) -> [Value?] {
    var bound: [Value?] = []
    bound.reserveCapacity(slots.count)
    var sizes = symbolCount == 0 ? [] : [Int](repeating: -1, count: symbolCount)
    var given = 0
    for slot in slots {
      let value = values[slot.name].map(wrap)
      if value != nil { given += 1 }
      guard let value = value ?? slot.standIn else { throw unknownName(in: values.keys) ?? missing(bound.count) }
      if let mismatch = slot.mismatch(value, &sizes) {
        throw unknownName(in: values.keys) ?? error(mismatch, bound.count, value, sizes)
      }
      bound.append(value)
    }
    if given != values.count, let error = unknownName(in: values.keys) { throw error }
    return bound
  }

  /// The first name, in alphabetical order, that no input has; a misspelt name explains a missing input.
  private func unknownName(in keys: some Sequence<String>) -> OnyxError? {
    let names = slots.map(\.name)
    guard let name = keys.sorted().first(where: { !names.contains($0) }) else { return nil }
    return .usage("The model has no input '\(name)'.", remedy: Names.suggestion(for: name, among: names, what: "inputs"))
  }

  private func missing(_ index: Int) -> OnyxError {
    let value = graph[graph.inputs[index]]
    return .usage(
      "The input '\(value.name)' is missing.",
      remedy: "Give a tensor of type \(value.type?.description ?? "unknown"): --input \(value.name)=FILE, "
        + "or run([\"\(value.name)\": tensor]).")
  }

  private func error(_ mismatch: InputSlot.Mismatch, _ index: Int, _ given: Value, _ sizes: [Int]) -> OnyxError {
    let value = graph[graph.inputs[index]]
    let type = value.type?.description ?? "unknown"
    switch mismatch {
    case .type:
      return .usage(
        "The input '\(value.name)' must be \(type); the \(given.isTensor ? "tensor" : "value") given is \(given).",
        remedy: value.type?.elementType == nil
          ? "Give a value of that type." : "Give a tensor of that type and shape; named dimensions can have any size.")
    case .symbol(let axis, let number):
      let dimension = value.type?.shape.map { "\($0[axis])" } ?? "?"
      let earlier = slots[...index].first { $0.hasSymbol(number) }?.name ?? value.name
      return .usage(
        "The dimension '\(dimension)' is \(sizes[number]) in the input '\(earlier)' and \(given.extent(axis)) in '\(value.name)'.",
        remedy: "A named dimension must have one size.")
    }
  }
}

extension Value {
  fileprivate var isTensor: Bool { if case .tensor = self { true } else { false } }

  fileprivate func extent(_ axis: Int) -> Int { if case .tensor(let tensor) = self { tensor.shape[axis] } else { 0 } }
}
