import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor

/// Batches by strips: consecutive steps that keep the items of a batch apart run for a few items at a time, so that what one step
/// writes is still near when the next one reads it. Each item's result is what the kernels make of so many items.
extension Planner {
  /// By node, in how many calls its batch is run where that is more than one.
  static func stripRounds(_ program: Program, _ inference: GraphInference, _ types: [TensorType?]) -> [Int: Int] {
    guard let costs = program.strips, let items = Self.items(program, types) else { return [:] }
    var works: [StripCosts.Work] = []
    for index in inference.order {
      let site = program.sites[index]
      let isView = program.operators[index].isAlwaysView
      if !isView, site.outputs.contains(where: { $0 >= 0 && inference.values[$0]?.constant == nil }) {
        works.append(work(index, program, inference, types, items))
      }
    }
    var rounds: [Int: Int] = [:]
    for (work, count) in zip(works, costs.counts(works, items: items)) where count < items { rounds[work.node] = items / count }
    return rounds
  }

  /// Runs of steps with the same number of rounds, where that is more than one.
  static func ranges(_ rounds: [Int]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for (position, count) in rounds.enumerated() where count > 1 {
      if let last = ranges.last, last.upperBound == position, rounds[last.lowerBound] == count {
        ranges[ranges.count - 1] = last.lowerBound..<position + 1
      } else {
        ranges.append(position..<position + 1)
      }
    }
    return ranges
  }

  /// The items of a batch: the first extent that all inputs share; nil where they share none, and for one item.
  private static func items(_ program: Program, _ types: [TensorType?]) -> Int? {
    var items: Int?
    for input in program.graph.inputs where !program.isInitializer(input.index) {
      guard let shape = types[input.index]?.shape, shape.rank > 0, items == nil || items == shape[0] else { return nil }
      items = shape[0]
    }
    return items.flatMap { $0 > 1 ? $0 : nil }
  }

  private static func work(
    _ index: Int, _ program: Program, _ inference: GraphInference, _ types: [TensorType?], _ items: Int
  ) -> StripCosts.Work {
    let site = program.sites[index]
    func bytes(_ values: [Int]) -> Double { values.reduce(0) { $0 + Double($1 < 0 ? 0 : (try? types[$1]?.byteCount()) ?? 0) } }
    let (constants, others) = (
      site.inputs.filter { $0 >= 0 && inference.values[$0]?.constant != nil },
      site.inputs.filter { $0 >= 0 && inference.values[$0]?.constant == nil }
    )
    let rule = keptApart(index, program, inference, types, items)
    let products = program.operators[index].multiplyAccumulates(
      inputs: site.inputs.map { $0 < 0 ? nil : inference.values[$0]?.type },
      outputs: site.outputs.map { $0 < 0 ? nil : inference.values[$0]?.type })
    // Fewer rows do not fill the tiles of a product.
    let fewest = rule.map { rule in
      let rows = max(rule.rows / items, 1)
      return rule.rows == 0 ? 1 : min(items, (fewestRows + rows - 1) / rows)
    }
    return StripCosts.Work(
      node: index, bytes: bytes(others) + bytes(site.outputs), outputBytes: bytes(site.outputs), constantBytes: bytes(constants),
      products: Double(products?.known ?? 0), fewest: fewest ?? items)
  }

  private static let fewestRows = 96

  /// The rule of a node of which one item of each input gives one item of each output; nil when that is not so.
  private static func keptApart(
    _ index: Int, _ program: Program, _ inference: GraphInference, _ types: [TensorType?], _ items: Int
  ) -> ItemRule? {
    let (site, op) = (program.sites[index], program.operators[index])
    guard site.tensorOperator != nil, site.isDeterministic, let result = site.outputs.first.flatMap({ $0 < 0 ? nil : types[$0]?.shape }),
      let rule = ItemRule.rule(
        op, inputs: site.inputs.map { $0 < 0 ? nil : types[$0] }, outputs: site.outputs.map { $0 < 0 ? nil : types[$0] })
    else { return nil }
    var inputs: [Inferred?] = []
    for (position, value) in site.inputs.enumerated() {
      guard value >= 0 else {
        inputs.append(nil)
        continue
      }
      guard let known = inference.values[value], let type = types[value] else { return nil }
      let isConstant = known.constant != nil
      guard rule.admits(position, type.shape, isConstant: isConstant, result: result, items: items) else { return nil }
      inputs.append(isConstant ? known : Inferred(type.elementType, type.divided(by: items).shape.dimensions.map { Dimension($0) }))
    }
    let outputs = try? op.infer(InferenceContext(inputs: inputs, outputCount: site.outputs.count))
    guard let outputs, outputs.count == site.outputs.count else { return nil }
    for (value, inferred) in zip(site.outputs, outputs) where value >= 0 {
      guard let type = types[value], type.elementType != .string, type.shape.rank > 0, type.shape[0] % items == 0,
        TensorType(inferred.type) == type.divided(by: items)
      else { return nil }
    }
    return rule
  }
}

extension Operator {
  /// Whether the result is the memory of the input, so that there is no step.
  fileprivate var isAlwaysView: Bool { self is Reshape || self is Flatten || self is Squeeze || self is Unsqueeze || self is Identity }
}

extension TensorType {
  /// The type of one of `parts` parts along the first axis, whose extent is a multiple of `parts`.
  func divided(by parts: Int) -> TensorType {
    guard parts > 1, let first = shape.dimensions.first, let part = try? Shape([first / parts] + shape.dimensions.dropFirst()) else {
      return self
    }
    return TensorType(elementType, part)
  }
}
