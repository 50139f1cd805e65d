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

  /// Whether the model takes and gives tensors only.
  let isOfTensors: Bool

  /// Reads the inputs of the graph and the tensors that stand in for them.
  init(graph: Graph) {
    self.graph = graph
    var symbols: [String: Int] = [:]
    var slots: [InputSlot] = []
    for id in graph.inputs { slots.append(InputSlot(graph[id], standIn: graph.initializers[id], symbols: &symbols)) }
    self.slots = slots
    symbolCount = symbols.count
    isOfTensors = (graph.inputs + graph.outputs).allSatisfy { if case .tensor? = graph[$0].type { true } else { false } }
  }

  /// What a run is given.
  struct Bound<T> {
    /// In the order of the graph's inputs.
    var values: [T?] = []
    /// The first named dimension that has two sizes.
    var conflict: Conflict?
  }

  /// A named dimension with two sizes.
  struct Conflict {
    /// Its name.
    let dimension: String
    /// What to tell of it.
    let warning: String
  }

  /// The values in the order of the graph's inputs; the model's defaults stand in for omitted ones, and nothing stands for an
  /// optional that is omitted.
  ///
  /// Throws `usage` for an unknown name (with the nearest one), a missing input, a wrong element type or a wrong shape.
  func bind<T: RunInput>(_ values: [String: T]) throws(OnyxError) -> Bound<T> {
    var bound = Bound<T>()
    bound.values.reserveCapacity(slots.count)
    var sizes = symbolCount == 0 ? [] : [Int](repeating: -1, count: symbolCount)
    var given = 0
    for index in slots.indices {
      let value = values[slots[index].name]
      if value != nil { given += 1 }
      do throws(OnyxError) {
        bound.values.append(try checked(value, index, &bound.conflict, &sizes))
      } catch { throw unknownName(in: values.keys) ?? error }
    }
    if given != values.count, let error = unknownName(in: values.keys) { throw error }
    return bound
  }

  /// The same of values in the order of the graph's inputs, nil for one that is left out. Throws as `bind(_:)`.
  func bind<T: RunInput>(inOrder values: [T?]) throws(OnyxError) -> Bound<T> {
    guard values.count == slots.count else {
      throw .usage("\(values.count) values were given; the model has \(slots.count) inputs.")
    }
    // Shared with the caller, unless something stands in.
    var bound = Bound<T>(values: values)
    var sizes = symbolCount == 0 ? [] : [Int](repeating: -1, count: symbolCount)
    for index in slots.indices {
      let value = try checked(values[index], index, &bound.conflict, &sizes)
      if values[index] == nil { bound.values[index] = value }
    }
    return bound
  }

  /// What is given for input `index`, whose earlier ones had these sizes, or what stands in for it.
  private func checked<T: RunInput>(
    _ given: T?, _ index: Int, _ conflict: inout Conflict?, _ sizes: inout [Int]
  ) throws(OnyxError) -> T {
    guard let value = given ?? slots[index].standIn.flatMap({ T($0) }) else { throw missing(index) }
    var reuse: InputSlot.Reuse?
    if let mismatch = slots[index].mismatch(value, &sizes, &reuse) { throw error(mismatch, index, value) }
    if let reuse, conflict == nil { conflict = self.conflict(reuse, index, value, sizes) }
    return value
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

  private func conflict(_ reuse: InputSlot.Reuse, _ index: Int, _ given: some RunInput, _ sizes: [Int]) -> Conflict {
    let value = graph[graph.inputs[index]]
    let dimension = value.type?.shape.map { "\($0[reuse.axis])" } ?? "?"
    let earlier = slots[...index].first { $0.hasSymbol(reuse.number) }?.name ?? value.name
    let size = given.asTensor?.shape[reuse.axis] ?? 0
    return Conflict(
      dimension: dimension,
      warning: "The dimension '\(dimension)' is \(sizes[reuse.number]) in the input '\(earlier)' and \(size) in '\(value.name)'; "
        + "its name is taken to mean nothing.")
  }

  private func error(_ mismatch: InputSlot.Mismatch, _ index: Int, _ given: some RunInput) -> OnyxError {
    let value = graph[graph.inputs[index]]
    let type = value.type?.description ?? "unknown"
    switch mismatch {
    case .type:
      return .usage(
        "The input '\(value.name)' must be \(type); the \(given.asTensor == nil ? "value" : "tensor") given is \(given.value).",
        remedy: Self.remedy(for: value.type, given: given.asTensor?.elementType))
    }
  }

  private static func remedy(for type: ValueType?, given: ElementType?) -> String {
    guard let wanted = type?.elementType else { return "Give a value of that type." }
    let numbers: [ElementType] = [
      .float16, .float32, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool,
    ]
    if let given, given != wanted, numbers.contains(wanted), numbers.contains(given) {
      return "Convert its numbers first: x.astype(\"\(wanted)\") in NumPy."
    }
    let isOpen = type?.shape?.contains { $0.known == nil } ?? true
    return "Give a tensor of that type and shape" + (isOpen ? "; named dimensions can have any size." : ".")
  }
}

/// What can be given for an input.
protocol RunInput {
  /// The value that stands in for an omitted input; nil when it is of another kind.
  init?(_ standIn: Value)
  /// What the value is.
  var kind: ValueKind { get }
  /// nil for a value of another kind.
  var asTensor: Tensor? { get }
  /// As any kind of value.
  var value: Value { get }
}

extension Value: RunInput {
  init?(_ standIn: Value) { self = standIn }

  var asTensor: Tensor? { if case .tensor(let tensor) = self { tensor } else { nil } }

  var value: Value { self }
}

extension Tensor: RunInput {
  init?(_ standIn: Value) {
    guard case .tensor(let tensor) = standIn else { return nil }
    self = tensor
  }

  var kind: ValueKind { .tensor(elementType) }

  var asTensor: Tensor? { self }

  var value: Value { .tensor(self) }
}
