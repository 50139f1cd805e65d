import OnyxGraph
import OnyxOperators
import OnyxTensor

/// What is added to scores: masks, biases, or both in one.
struct ScoreMask {
  private(set) var mask = QueryAttention.Mask.none
  private(set) var isCausal = false
  private(set) var bias = QueryAttention.Bias.none

  /// Numbers below it leave a score out.
  private static let farBelow = -1e4
  /// Larger constants are not read.
  private static let largest = 1 << 22
  private static let limit = 48

  /// The axis of the scores with a head each, from the right, and the values that queries and keys pass.
  private let headAxis: Int?
  private let tokenValues: Set<ValueID>

  init(_ addends: [ScorePath.Addend], headAxis: Int?, tokenValues: Set<ValueID>, in view: some GraphView) {
    (self.headAxis, self.tokenValues) = (headAxis, tokenValues)
    for addend in addends {
      if addend.isCondition {
        mask = .boolean
        if Self.isCausal(condition: addend.value, in: view) { isCausal = true }
      } else {
        add(addend.value, scores: view.shape(addend.scores), depth: 6, in: view)
      }
    }
  }

  private mutating func add(_ value: ValueID, scores: [Dimension]?, depth: Int, in view: some GraphView) {
    let value = Self.unmoved(value, in: view)
    if let constant = view.constant(value) { return add(constant, scores: scores) }
    let node = view.maker(of: value)?.node
    if let node, node.op.name == "Add", depth > 0 {
      for term in node.inputs.compactMap({ $0 }) { add(term, scores: scores, depth: depth - 1, in: view) }
    } else if let table = node?.operand(0), node?.op.name == "Gather", view.constant(table)?.elementType.isFloating == true {
      bias = .relative
    } else if view.reaches(value, limit: Self.limit, { $0.outputs.contains { $0.map(tokenValues.contains) ?? false } }) {
      bias = .query
    } else if Self.isMask(value, in: view) {
      if mask == .none { mask = .additive }
      if Self.isCausal(condition: value, in: view) { isCausal = true }
    } else if view.isGiven(value) {
      if mask == .none { mask = .additive }
    } else {
      bias = Self.isSloped(value, in: view) ? .alibi : .relative
    }
  }

  /// The numbers before what only moves them: a mask that is moved keeps its meaning.
  private static func unmoved(_ value: ValueID, in view: some GraphView) -> ValueID {
    var value = value
    for _ in 0..<Walk.longest {
      guard view.constant(value) == nil, let (_, node) = view.maker(of: value), let input = node.operand(0) else { break }
      guard Walk.movements.contains(node.op.name) || ["Cast", "Slice"].contains(node.op.name) else { break }
      guard view.inferred(input)?.elementType?.isFloating == true else { break }
      value = input
    }
    return value
  }

  /// A constant: far below zero where it masks, elsewhere a bias.
  private mutating func add(_ tensor: Tensor, scores: [Dimension]?) {
    let shape = tensor.shape.dimensions
    guard shape.contains(where: { $0 != 1 }) else { return }
    let values = tensor.elementCount <= Self.largest ? (try? tensor.doubles()) ?? [] : []
    let masked = values.map { $0 <= Self.farBelow }
    if masked.contains(true) {
      if mask == .none { mask = .additive }
      if Self.isCausal(masked, shape) { isCausal = true }
      if Self.varies(values) { bias = Self.isSloped(values, shape) ? .alibi : .relative }
      return
    }
    let rank = scores?.count ?? shape.count
    // Numbers for each window that are the same for all heads are a mask, however far below zero.
    let outer = shape.indices.dropLast(2).filter { shape[$0] != 1 }.map { rank - shape.count + $0 }
    if let headAxis, !outer.isEmpty, !outer.contains(rank - headAxis) {
      if mask == .none { mask = .additive }
    } else if headAxis == nil || !outer.isEmpty || values.contains(where: { $0 != 0 }) {
      // Zeros that all heads share leave everything in.
      bias = Self.isSloped(values, shape) ? .alibi : .relative
    }
  }

  /// Whether numbers that do not mask differ.
  private static func varies(_ values: [Double]) -> Bool {
    let kept = values.filter { $0 > farBelow }
    guard let first = kept.first else { return false }
    return kept.contains { $0 != first }
  }

  /// Whether every row falls or rises by one step to the next key, and some do.
  private static func isSloped(_ values: [Double], _ shape: [Int]) -> Bool {
    guard let keys = shape.last, keys > 2, values.count % keys == 0, values.contains(where: { $0 != 0 }) else { return false }
    var slopes: Set<Double> = []
    for row in stride(from: 0, to: values.count, by: keys) {
      let kept = values[row..<row + keys].prefix { $0 > farBelow }
      guard kept.count > 2 else { continue }
      let slope = kept[kept.startIndex + 1] - kept[kept.startIndex]
      for index in kept.indices.dropFirst() where abs(kept[index] - kept[index - 1] - slope) > 1e-3 * max(abs(slope), 1e-6) { return false }
      slopes.insert(slope)
    }
    return slopes.contains { $0 != 0 }
  }

  /// Whether exactly the later keys are left out of every row, at least; the last query sees the last key.
  private static func isCausal(_ masked: [Bool], _ shape: [Int]) -> Bool {
    guard shape.count >= 2 else { return false }
    let (queries, keys) = (shape[shape.count - 2], shape[shape.count - 1])
    guard queries > 1, keys >= queries, masked.count == shape.reduce(1, *) else { return false }
    let offset = keys - queries
    for matrix in stride(from: 0, to: masked.count, by: queries * keys) {
      for query in 0..<queries {
        let row = matrix + query * keys
        guard !masked[row + query + offset] else { return false }
        for key in (query + offset + 1)..<max(keys, query + offset + 1) where !masked[row + key] { return false }
      }
    }
    return true
  }

  /// Whether a computed addend is made of truths or of numbers far below zero.
  private static func isMask(_ value: ValueID, in view: some GraphView) -> Bool {
    view.reaches(value, limit: limit) { node in
      if ["Where", "And", "Or", "Not", "Trilu", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"].contains(node.op.name) { return true }
      guard ["Mul", "Add", "Sub"].contains(node.op.name) else { return false }
      return node.inputs.contains { input in
        guard let tensor = input.flatMap({ view.constant($0) }), tensor.elementType.isFloating, tensor.elementCount == 1 else {
          return false
        }
        return ((try? tensor.doubles())?.first).map { $0 <= farBelow } ?? false
      }
    }
  }

  /// Whether later keys are compared away or cut off, or a constant of truths does that.
  private static func isCausal(condition value: ValueID, in view: some GraphView) -> Bool {
    if let constant = view.constant(value), isTriangle(constant) { return true }
    return view.reaches(value, limit: limit) { node in
      if node.op.name == "Trilu" { return true }
      let inputs = node.inputs.compactMap { $0 }
      if ["Less", "Greater", "LessOrEqual", "GreaterOrEqual"].contains(node.op.name), inputs.count == 2 {
        let shapes = inputs.map { view.shape($0) ?? [] }
        let isColumn = shapes.map { $0.count >= 2 && $0.last == 1 && $0[$0.count - 2] != 1 }
        let isRow = shapes.map { $0.last.map { $0 != 1 } ?? false }
        if isColumn[0] && isRow[1] || isColumn[1] && isRow[0] { return true }
      }
      return ["And", "Where", "Not", "Or", "Mul", "Add", "Expand", "Slice", "Cast"].contains(node.op.name)
        && inputs.contains { view.constant($0).map(isTriangle) ?? false }
    }
  }

  /// Truths, or numbers far below zero, of a triangle.
  private static func isTriangle(_ tensor: Tensor) -> Bool {
    let shape = tensor.shape.dimensions
    guard shape.count >= 2, tensor.elementCount > 1, tensor.elementCount <= largest else { return false }
    if let truths = try? tensor.booleans() { return isCausal(truths, shape) || isCausal(truths.map { !$0 }, shape) }
    guard tensor.elementType.isFloating, let values = try? tensor.doubles() else { return false }
    return isCausal(values.map { $0 <= farBelow }, shape)
  }

  /// Whether it is a fixed number for each head times positions.
  private static func isSloped(_ value: ValueID, in view: some GraphView) -> Bool {
    var value = value
    for _ in 0..<8 {
      guard let (_, node) = view.maker(of: value), let first = node.operand(0) else { return false }
      if node.op.name == "Mul", let second = node.operand(1) {
        let fixed = [first, second].filter { view.isFixed($0) }
        guard fixed.count == 1, let shape = view.shape(fixed[0]) else { return false }
        if shape.filter({ $0 != 1 }).count == 1, shape.last == 1 { return true }
        guard shape.allSatisfy({ $0 == 1 }) else { return false }
        value = fixed[0] == first ? second : first
        continue
      }
      guard Walk.movements.contains(node.op.name) || node.op.name == "Cast" else { return false }
      value = first
    }
    return false
  }
}
