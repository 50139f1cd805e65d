import OnyxGraph
import OnyxTensor

extension AttentionBlock {
  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    pooling = try attributes.choice("pooling", default: .none)
    gate = try attributes.choice("gate", default: .none)
    hiddenActivation = try FusedActivation(&attributes, "hidden_activation")
    outputActivation = try FusedActivation(&attributes, "output_activation")
    gateActivation = try FusedActivation(&attributes, "gate_activation", default: .sigmoid)
    spatial = try attributes.choice("spatial", default: .none)
    spatialActivation = try FusedActivation(&attributes, "spatial_activation", default: .sigmoid)
    join = try attributes.choice("join", default: .sequential)
    result = try attributes.choice("result", default: .scaled)
    activation = try FusedActivation(&attributes, "activation")
    layout = try attributes.choice("layout", default: .first)
    channels = try attributes.int("channels")
    try checkParts()
  }

  /// The attributes of a node that is this block; what has its default is left out.
  package var attributes: [String: Attribute] {
    var result: [String: Attribute] = [:]
    func add<T: RawRepresentable & Equatable>(_ name: String, _ value: T, unless usual: T) where T.RawValue == String {
      if value != usual { result[name] = .text(value.rawValue) }
    }
    func add(_ name: String, _ value: FusedActivation, unless usual: FusedActivation = .none) {
      if value != usual { result.merge(value.attributes(named: name)) { first, _ in first } }
    }
    add("pooling", pooling, unless: .none)
    add("gate", gate, unless: .none)
    add("hidden_activation", hiddenActivation)
    add("output_activation", outputActivation)
    add("gate_activation", gateActivation, unless: .sigmoid)
    add("spatial", spatial, unless: .none)
    add("spatial_activation", spatialActivation, unless: .sigmoid)
    add("join", join, unless: .sequential)
    add("result", self.result, unless: .scaled)
    add("activation", activation)
    add("layout", layout, unless: .first)
    if let channels { result["channels"] = .int(Int64(channels)) }
    return result
  }

  /// Refuses parts that contradict each other.
  private func checkParts() throws(OnyxError) {
    guard (gate == .none) == (pooling == .none) else { throw .invalid("The gate '\(gate)' does not go with the pooling '\(pooling)'.") }
    guard gate != .none || spatial != .none else { throw .invalid("The block has neither a channel part nor a spatial part.") }
    if join == .parallel, gate == .none || spatial == .none { throw .invalid("A parallel block needs a channel part and a spatial part.") }
    if result == .gate, gate == .none || spatial != .none || activation != .none {
      throw .invalid("A block that gives its gates must end with them.")
    }
    if hiddenActivation != .none, gate != .mlp { throw .invalid("The gate '\(gate)' has no hidden layer to activate.") }
    if let channels, channels < 1 || layout == .last {
      throw .invalid("A block of \(channels) blocked channels with the layout '\(layout)' is no block.")
    }
  }

  /// Refuses inputs that the parts do not read, and asks for those they need.
  func checkPresence(_ isPresent: (Input) -> Bool) throws(OnyxError) {
    var needed: Set<Input> = []
    var allowed: Set<Input> = result == .scaled ? [.z] : []
    if gate != .none {
      needed.insert(.w1)
      allowed.insert(.b1)
    }
    if gate == .mlp {
      needed.insert(.w2)
      allowed.insert(.b2)
    }
    if spatial != .none {
      needed.insert(.ws)
      allowed.insert(.bs)
    }
    for input in Input.allCases.dropFirst() {
      if needed.contains(input) {
        guard isPresent(input) else { throw .invalid("The input '\(input.name)' is missing.") }
      } else if !allowed.contains(input), isPresent(input) {
        throw .invalid("The input '\(input.name)' has no place in this block.")
      }
    }
  }
}

extension AttentionBlock {
  /// The number of channels; nil when it is not known yet.
  func checkLayout(_ x: [Dimension]) throws(OnyxError) -> Dimension? {
    guard let channels else {
      guard x.count == 4 else { throw .invalid("The input 'X' has rank \(x.count); it must be 4.") }
      return x[layout == .first ? 1 : 3]
    }
    guard x.count == 5 else { throw .invalid("The blocked input 'X' has rank \(x.count); it must be 5.") }
    let lanes = AttentionBlockGeometry.lanes
    let blocks = (channels - 1) / lanes + 1
    if let given = x[1].known, given != blocks { throw .invalid("The input 'X' has \(given) blocks; \(channels) channels need \(blocks).") }
    if let given = x[4].known, given != lanes {
      throw .invalid("The blocks of the input 'X' have \(given) lanes; they must have \(lanes).")
    }
    return Dimension(channels)
  }

  func checkWeights(_ depth: Dimension?, _ context: InferenceContext) throws(OnyxError) {
    func shape(_ input: Input) -> [Dimension]? { context.optional(input.rawValue)?.shape }
    func check(_ input: Input, _ wanted: [Dimension?]) throws(OnyxError) {
      if let given = shape(input) { try self.check(given, is: wanted, input) }
    }
    switch gate {
    case .none: break
    case .mlp:
      let hidden = shape(.w1)?.first ?? shape(.b1)?.first
      try check(.w1, [hidden, depth])
      try check(.b1, [hidden])
      try check(.w2, [depth, hidden])
      try check(.b2, [depth])
    case .fc:
      try check(.w1, [depth, depth])
      try check(.b1, [depth])
    case .conv1d:
      try check(.w1, [nil])
      try checkOdd(shape(.w1) ?? [], .w1)
      try check(.b1, [1])
    }
    switch spatial {
    case .none: break
    case .conv:
      try check(.ws, [1, 2, nil, nil])
      try checkOdd(Array((shape(.ws) ?? []).dropFirst(2)), .ws)
    case .point: try check(.ws, [1, depth, 1, 1])
    }
    if spatial != .none { try check(.bs, [1]) }
  }

  /// `nil` extents may be anything; two unknown ones are taken to agree.
  func check(_ given: [Dimension], is wanted: [Dimension?], _ input: Input) throws(OnyxError) {
    let agrees = given.count == wanted.count && zip(given, wanted).allSatisfy { a, b in a.known == nil || b?.known == nil || a == b }
    guard agrees else {
      let text = wanted.map { $0.map { "\($0)" } ?? "?" }.joined(separator: ", ")
      throw .invalid("The input '\(input.name)' has the shape \(given); it must be [\(text)].")
    }
  }

  private func checkOdd(_ extents: [Dimension], _ input: Input) throws(OnyxError) {
    for case let extent? in extents.map(\.known) where extent % 2 != 1 {
      throw .invalid("The input '\(input.name)' has the shape \(extents) of taps; they must be odd.")
    }
  }
}
