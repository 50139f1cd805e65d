import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads
import Synchronization

/// Makes a `Plan` from a program and concrete input types.
///
/// Order: the graph's topological order. Constants (initializers and shape arithmetic that became known) need no step.
/// A value lives in the arena unless it leaves the graph, and shares the memory of an input where a kernel allows it.
package struct Planner {
  private let program: Program
  private var inference: GraphInference
  private var locations: [Plan.Location]
  private var types: [TensorType?]
  private var steps: [Plan.Step] = []
  private var scratchByteCount = 0
  private var borrowedByteCount = 0
  private var tableByteCounts: [Int] = []
  private var storage: StorageClasses
  private var residentConstants: Set<Int> = []
  /// By node, what the plan made before this one chose, until this one has chosen.
  private var selections: [PlanMemo.Selection?]
  /// Whether there is what one chose before.
  private let hasEarlier: Bool
  /// By node, in how many calls the batch is run where that is more than one.
  private let stripRounds: [Int: Int]
  /// The same by step.
  private var rounds: [Int] = []

  /// As `plan(_:inputs:memoryBudget:)`, for inputs that are all tensors.
  package static func plan(_ program: Program, inputs: [ValueID: TensorType], memoryBudget: Int) throws(OnyxError) -> Plan {
    try plan(program, inputs: inputs.mapValues { RunType.tensor($0) }, memoryBudget: memoryBudget)
  }

  /// Throws when the program has a node that breaks a rule for these inputs, and `budgetExceeded` when the run
  /// would need more than `memoryBudget` bytes. Later runs use the plan, too, so what is made for it is whole, whatever the limits of the
  /// run that needs it: these are asked between nodes and between portions of packed weights, and end planning with `budgetExceeded`.
  package static func plan(_ program: Program, inputs: [ValueID: RunType], memoryBudget: Int) throws(OnyxError) -> Plan {
    try WorkLimits.suspended { (limits) throws(OnyxError) in try make(program, inputs, memoryBudget, limits) }
  }

  private static func make(
    _ program: Program, _ inputs: [ValueID: RunType], _ memoryBudget: Int, _ limits: WorkLimits.Outer
  ) throws(OnyxError) -> Plan {
    var planner = try Planner(program, inputs, limits)
    try planner.checkBudget(memoryBudget)
    try planner.planSteps(limits)
    let memo = PlanMemo(inference: planner.inference, types: planner.types, selections: planner.selections)
    let plan = try planner.finish(memoryBudget)
    try program.weights.pack(program.pool, limits)
    program.memo.withLock { $0 = memo }
    return plan
  }

  private init(_ program: Program, _ inputs: [ValueID: RunType], _ limits: WorkLimits.Outer) throws(OnyxError) {
    self.program = program
    let given = Dictionary(uniqueKeysWithValues: inputs.map { id, type in (id, type.inferred(id)) })
    if let earlier = program.memo.withLock({ $0.take() }) {
      hasEarlier = true
      (inference, types, selections) = earlier.parts()
      try inference.update(program.rules, inputs: given, limits)
      for value in types.indices where !inference.isUnchanged[value] { types[value] = TensorType(inference.values[value]?.type) }
    } else {
      hasEarlier = false
      inference = try GraphInference(program.rules, inputs: given, limits)
      types = inference.values.map { TensorType($0?.type) }
      selections = Array(repeating: nil, count: program.sites.count)
    }
    stripRounds = Self.stripRounds(program, inference, types)
    locations = program.locations
    storage = StorageClasses(readCounts: program.readCounts, outputs: program.graph.outputs)
    steps.reserveCapacity(program.sites.count)
  }

  private mutating func planSteps(_ limits: WorkLimits.Outer) throws(OnyxError) {
    for index in inference.order {
      try limits.check()
      let site = program.sites[index]
      do throws(OnyxError) {
        if !foldsAway(site) { try planStep(index, site) }
      } catch {
        let node = program.graph.nodes[index]
        throw program.locate(error, node: index, inputs: node.inputs.map { $0.flatMap { inference[$0] }.map { "\($0.type)" } ?? "-" })
      }
    }
  }

  /// Turns the outputs into constants when inference knows all of them.
  private mutating func foldsAway(_ site: NodeSite) -> Bool {
    guard site.isDeterministic else { return false }
    var constants: [(Int, Tensor)] = []
    for output in site.outputs where output >= 0 {
      guard let constant = inference.values[output]?.constant else { return false }
      constants.append((output, constant))
    }
    for (value, tensor) in constants { locations[value] = .constant(tensor) }
    for input in site.reads { storage.dropReader(ValueID(input)) }
    return true
  }

  private mutating func planStep(_ index: Int, _ site: NodeSite) throws(OnyxError) {
    if let action = valueAction(index, site) {
      addStep(index, site, KernelTable.referenceName, action)
      return
    }
    let isStatic = site.inputs.allSatisfy(isStatic) && site.outputs.allSatisfy(isStatic)
    var name = KernelTable.referenceName
    guard let op = site.tensorOperator else { throw .bug("The operator \(program.graph.nodes[index].op) cannot be run.") }
    var action = Plan.Step.Action.dynamic(op)
    var rounds = 1
    if isStatic {
      action = .reference(op)
      let selection = try select(index, site)
      rounds = selection.rounds
      selections[index] = selection
      if let kernel = selection.kernel {
        name = selection.row
        switch kernel.action {
        case .view(let input):
          let (source, target) = (site.inputs[input], site.outputs[0])
          if source >= 0, target >= 0, shareView(of: ValueID(source), as: ValueID(target)) { return }
        case .make:
          // What nobody reads has no type.
          name = KernelTable.referenceName
        case .run(let body):
          action = .kernel(body)
          scratchByteCount = max(scratchByteCount, kernel.scratchByteCount)
          borrowedByteCount = max(borrowedByteCount, kernel.borrowedByteCount)
          if kernel.tableByteCount > 0 { tableByteCounts.append(kernel.tableByteCount) }
          shareInPlace(kernel.inPlaceInputs, site)
          for (position, value) in site.inputs.enumerated() where value >= 0 && !kernel.absorbedInputs.contains(position) {
            if case .constant = locations[value] { residentConstants.insert(value) }
          }
        }
      }
    }
    addStep(index, site, name, action, rounds: rounds)
  }

  /// Whether the memory of the value can be planned; an omitted one needs none.
  private func isStatic(_ value: Int) -> Bool {
    guard value >= 0 else { return true }
    return types[value].map { $0.elementType != .string } ?? false
  }

  /// What a step does whose operator has bodies, or takes or makes values that are no tensors; nil for all others.
  private func valueAction(_ index: Int, _ site: NodeSite) -> Plan.Step.Action? {
    if let op = site.bodyOperator { return isFixedChoice(op, site) ? .choice(Choice(op)) : .bodies(op) }
    guard let op = site.valueOperator else { return nil }
    // Some operators are both: of tensors alone the form for tensors is the fast one.
    let isOfTensors = (site.inputs + site.outputs).allSatisfy { $0 < 0 || inference.values[$0].map { $0.elementType != nil } ?? true }
    return site.tensorOperator != nil && isOfTensors ? nil : .values(op)
  }

  /// Whether the node is an If that reads and makes only tensors of known types.
  private func isFixedChoice(_ op: any BodyOperator, _ site: NodeSite) -> Bool {
    func isFixed(_ value: Int) -> Bool { value >= 0 && isStatic(value) }
    return op is If && site.inputs.allSatisfy(isFixed) && site.outputs.allSatisfy(isFixed)
      && site.captures.allSatisfy { $0.allSatisfy(isFixed) }
  }

  /// The kernel of a node: that of the last plan where all that rows see is the same.
  private func select(_ index: Int, _ site: NodeSite) throws(OnyxError) -> PlanMemo.Selection {
    if let rounds = stripRounds[index], site.inputs.allSatisfy(isPlainlyConstantOrNot) {
      let selection = try select(index, site, rounds: rounds)
      if selection.kernel != nil { return selection }
    }
    return try select(index, site, rounds: 1)
  }

  /// A view of a constant lies in a constant's memory, but holds items for who infers types.
  private func isPlainlyConstantOrNot(_ value: Int) -> Bool {
    guard value >= 0, case .constant = locations[value] else { return true }
    return inference.values[value]?.constant != nil
  }

  private func select(_ index: Int, _ site: NodeSite, rounds: Int) throws(OnyxError) -> PlanMemo.Selection {
    let constants = site.inputs.map { $0 < 0 ? nil : packable($0) }
    if hasEarlier, isUnchanged(site.inputs), isUnchanged(site.outputs), let known = selections[index], known.rounds == rounds,
      known.saw(constants)
    {
      return known
    }
    let found = try program.table.select(query(index, site, constants, rounds), among: site.rows)
    return PlanMemo.Selection(
      row: found?.name ?? KernelTable.referenceName, kernel: found?.kernel, constants: constants, rounds: rounds)
  }

  private func isUnchanged(_ values: [Int]) -> Bool { values.allSatisfy { $0 < 0 || inference.isUnchanged[$0] } }

  private func query(_ index: Int, _ site: NodeSite, _ constants: [Tensor?], _ rounds: Int) -> KernelQuery {
    KernelQuery(
      node: program.graph.nodes[index], op: program.operators[index], inputs: site.inputs.map { type($0, rounds) },
      outputs: site.outputs.map { type($0, rounds) },
      constants: constants, isa: program.isa, precision: program.precision,
      weights: program.weights, pool: program.pool, nodeIndex: index)
  }

  /// The type of a value as one of so many calls sees it.
  private func type(_ value: Int, _ rounds: Int) -> TensorType? {
    guard value >= 0, let type = types[value] else { return nil }
    if case .constant = locations[value] { return type }
    return type.divided(by: rounds)
  }

  /// The value as rows may see it. What they pack is kept for all plans of a node: an inferred value can be another one in the next
  /// plan, and is shown only in the types of axes and sizes, which no row packs.
  private func packable(_ value: Int) -> Tensor? {
    guard case .constant(let tensor) = locations[value] else { return nil }
    return program.isInitializer(value) || tensor.elementType == .int64 || tensor.elementType == .int32 ? tensor : nil
  }

  /// Lets `target` be the memory of `source`; false when `source` has no fixed memory.
  private mutating func shareView(of source: ValueID, as target: ValueID) -> Bool {
    switch locations[source.index] {
    case .dynamic, .none: return false
    case .constant(let tensor):
      guard let shape = types[target.index]?.shape, let view = try? tensor.reshaped(to: shape) else { return false }
      locations[target.index] = .constant(view)
    case .input, .arena, .output:
      locations[target.index] = locations[source.index]
      storage.join(target, to: source)
    }
    storage.dropReader(source)
    return true
  }

  private mutating func shareInPlace(_ candidates: [Int], _ site: NodeSite) {
    guard let target = site.outputs.first, target >= 0, let wanted = try? types[target]?.byteCount() else { return }
    for index in candidates where site.inputs.indices.contains(index) && site.inputs[index] >= 0 {
      let source = ValueID(site.inputs[index])
      guard case .arena = locations[source.index], storage.isLastRead(of: source),
        site.inputs.count(where: { $0 >= 0 && storage.root(ValueID($0)) == storage.root(source) }) == 1,
        !storage.holdsOutput(source), (try? types[source.index]?.byteCount()) == wanted
      else { continue }
      storage.join(ValueID(target), to: source)
      return
    }
  }

  private mutating func addStep(
    _ index: Int, _ site: NodeSite, _ kernelName: String, _ action: Plan.Step.Action, rounds: Int = 1
  ) {
    let step = Plan.Step(site, node: index, kernelName: kernelName, action: action)
    let position = steps.count
    let makesItsOwn =
      switch action {
      case .values, .bodies: true
      case .kernel, .reference, .dynamic, .choice: false
      }
    for output in step.outputs where output >= 0 {
      let isDynamic = makesItsOwn || types[output] == nil || types[output]?.elementType == .string
      locations[output] = isDynamic ? .dynamic : .arena(0)
      storage.touch(ValueID(output), at: position)
    }
    for input in step.reads {
      storage.touch(ValueID(input), at: position)
      storage.dropReader(ValueID(input))
    }
    steps.append(step)
    self.rounds.append(rounds)
  }

  /// Throws `budgetExceeded` for a value that a step makes and that is larger than one tensor may be.
  private func checkSizes() throws(OnyxError) {
    guard program.tensorLimit < .max else { return }
    for step in steps {
      for value in step.outputs where value >= 0 {
        guard let type = types[value], try type.byteCount() > program.tensorLimit else { continue }
        throw program.locate(
          .budget(
            "The result \(type) would take \(try type.byteCount()) bytes; one tensor can take at most \(program.tensorLimit).",
            remedy: "Use smaller inputs or raise the limit."), node: step.node, inputs: [])
      }
    }
  }

  /// Throws `budgetExceeded` when one node alone needs more than the budget, before rows make tables for it. What is no larger than what
  /// the node reads may be a view of it.
  private func checkBudget(_ memoryBudget: Int) throws(OnyxError) {
    for index in inference.order {
      let site = program.sites[index]
      var limit = memoryBudget
      for input in site.inputs where input >= 0 { limit = max(limit, try types[input]?.byteCount() ?? 0) }
      for output in site.outputs where output >= 0 && inference.values[output]?.constant == nil {
        guard let bytes = try types[output]?.byteCount(), bytes > limit else { continue }
        throw .budget(
          "The run needs more than \(bytes) bytes of activations; the memory budget is \(memoryBudget).",
          remedy: "Use smaller inputs or raise the memory budget.")
      }
    }
  }

  private consuming func finish(_ memoryBudget: Int) throws(OnyxError) -> Plan {
    try checkSizes()
    let outputByteCounts = try placeOutputs()
    let ranges = Self.ranges(rounds)
    var strips: [Range<Int>?] = Array(repeating: nil, count: steps.count)
    for range in ranges { for position in range { strips[position] = range } }
    let arena = try placeArena(strips)
    addReleases()
    let plan = Plan(
      program: program, steps: steps, strips: try ranges.map { (range) throws(OnyxError) in try strip(range) }, locations: locations,
      types: types, arenaByteCount: arena, scratchByteCount: scratchByteCount,
      outputByteCounts: outputByteCounts,
      activationByteCount: try Self.sum([arena, scratchByteCount, borrowedByteCount] + tableByteCounts + outputByteCounts),
      memoryBudget: memoryBudget, residentConstants: residentConstants)
    guard plan.activationByteCount <= memoryBudget else {
      throw .budget(
        "The run needs \(plan.activationByteCount) bytes of activations; the memory budget is \(memoryBudget).",
        remedy: "Use smaller inputs or raise the memory budget.")
    }
    return plan
  }

  private static func sum(_ byteCounts: [Int]) throws(OnyxError) -> Int {
    var sum = 0
    for count in byteCounts {
      let (next, overflow) = sum.addingReportingOverflow(count)
      guard !overflow else { throw .budget("The activations of the run do not fit in memory.", remedy: "Use smaller inputs.") }
      sum = next
    }
    return sum
  }

  private func releasing(_ values: [Int], _ step: Plan.Step) -> Plan.Step {
    Plan.Step(program.sites[step.node], node: step.node, kernelName: step.kernelName, action: step.action, releases: values)
  }

  /// Moves every storage class that holds a graph output from the arena to a buffer of its own.
  private mutating func placeOutputs() throws(OnyxError) -> [Int] {
    var bufferOfRoot: [Int: Int] = [:]
    var byteCounts: [Int] = []
    for value in locations.indices {
      guard case .arena = locations[value], storage.holdsOutput(ValueID(value)) else { continue }
      let root = storage.root(ValueID(value))
      let byteCount = try types[value]?.byteCount() ?? 0
      if let buffer = bufferOfRoot[root] {
        byteCounts[buffer] = max(byteCounts[buffer], byteCount)
        locations[value] = .output(buffer: buffer)
      } else {
        bufferOfRoot[root] = byteCounts.count
        locations[value] = .output(buffer: byteCounts.count)
        byteCounts.append(byteCount)
      }
    }
    return byteCounts
  }

  /// `strips` are those of the steps.
  private mutating func placeArena(_ strips: [Range<Int>?]) throws(OnyxError) -> Int {
    var requestOfRoot: [Int] = Array(repeating: -1, count: locations.count)
    var requests: [MemoryPlan.Request] = []
    for value in locations.indices {
      guard case .arena = locations[value] else { continue }
      let root = storage.root(ValueID(value))
      guard requestOfRoot[root] < 0 else { continue }
      requestOfRoot[root] = requests.count
      let byteCount = try types[value]?.byteCount() ?? 0
      let life = storage.life(of: root)
      guard strips.indices.contains(life.lowerBound), strips.indices.contains(life.upperBound) else {
        requests.append(.init(byteCount: byteCount, first: life.lowerBound, last: life.upperBound))
        continue
      }
      let (begin, end) = (strips[life.lowerBound], strips[life.upperBound])
      if let strip = begin, strip == end {
        requests.append(.init(byteCount: byteCount / rounds[strip.lowerBound], first: life.lowerBound, last: life.upperBound))
        continue
      }
      // What one round of a strip makes or reads must outlast the others.
      requests.append(
        .init(
          byteCount: byteCount, first: begin?.lowerBound ?? life.lowerBound, last: end.map { $0.upperBound - 1 } ?? life.upperBound))
    }
    let memory = try MemoryPlan(requests)
    for value in locations.indices {
      guard case .arena = locations[value] else { continue }
      locations[value] = .arena(memory.offsets[requestOfRoot[storage.root(ValueID(value))]])
    }
    return memory.byteCount
  }

  /// Whether all of the life of a value's memory is spent in these steps.
  private func isSpent(in range: Range<Int>, _ value: Int) -> Bool {
    let life = storage.life(of: storage.root(ValueID(value)))
    return range.contains(life.lowerBound) && range.contains(life.upperBound)
  }

  /// The strip over these steps. Values that live in it alone are there for one round.
  private func strip(_ range: Range<Int>) throws(OnyxError) -> Plan.Strip {
    var moving: [(value: Int, byteCount: Int)] = []
    var held: [Int: Int] = [:]
    var seen: Set<Int> = []
    for position in range {
      for value in steps[position].inputs + steps[position].outputs where value >= 0 && seen.insert(value).inserted {
        let byteCount = try (types[value]?.byteCount() ?? 0) / rounds[position]
        switch locations[value] {
        case .arena where isSpent(in: range, value):
          held[value] = byteCount
        case .arena, .input, .output: moving.append((value, byteCount))
        case .none, .constant, .dynamic: break
        }
      }
    }
    return Plan.Strip(steps: range, rounds: rounds[range.lowerBound], moving: moving, held: held)
  }

  /// Dynamic values, and inputs that are no tensors, are dropped after the last step that reads them, unless they leave the graph.
  private mutating func addReleases() {
    let isReleased = locations.indices.map { value in
      switch locations[value] {
      case .dynamic: true
      case .input: types[value] == nil
      default: false
      }
    }
    guard isReleased.contains(true) else { return }
    var last: [Int: Int] = [:]
    for (position, step) in steps.enumerated() {
      for value in step.reads where isReleased[value] { last[value] = position }
      for value in step.outputs where value >= 0 && isReleased[value] { last[value] = position }
    }
    let outputs = Set(program.graph.outputs.map(\.index))
    var releases: [Int: [Int]] = [:]
    for (value, position) in last where !outputs.contains(value) { releases[position, default: []].append(value) }
    for (position, values) in releases { steps[position] = releasing(values.sorted(), steps[position]) }
  }
}
