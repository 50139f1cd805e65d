import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Where a walk stands: at a value, or inside the fused node that makes it.
struct Cursor: Hashable {
  enum Stage: Hashable { case whole, beforeActivation, beforeAddend }
  var value: ValueID
  var stage = Stage.whole

  init(_ value: ValueID, _ stage: Stage = .whole) {
    self.value = value
    self.stage = stage
  }
}

extension Walk {
  /// The activation that gives the value, and where its input stands. x · Sigmoid(x) and clip(x + 3, 0, 6) / 6 are
  /// activations too.
  mutating func activation(at cursor: Cursor) -> (FusedActivation, Cursor)? {
    guard cursor.stage == .whole, let (index, node) = view.maker(of: cursor.value) else { return nil }
    if node.op.domain == "onyx" {
      guard isFused(node), let activation = FusedActivation(fusedInto: node), activation != .none else { return nil }
      return (activation, Cursor(cursor.value, .beforeActivation))
    }
    if let activation = FusedActivation(node, constant: view.constant), let input = node.operand(0) {
      cover(index)
      return (activation, Cursor(input))
    }
    switch node.op.name {
    case "Mul": return selfGated(index, node) ?? hardSigmoid(index, node, factor: 1.0 / 6)
    case "Div": return hardSigmoid(index, node, factor: 6)
    default: return nil
    }
  }

  func isFused(_ node: Node) -> Bool { node.op.domain == "onyx" && ["FusedConv", "FusedGemm"].contains(node.op.name) }

  /// x · Sigmoid(x), x · HardSigmoid(x, 1/6, 1/2).
  private mutating func selfGated(_ index: Int, _ node: Node) -> (FusedActivation, Cursor)? {
    guard let a = node.operand(0), let b = node.operand(1) else { return nil }
    for (x, gate) in [(a, b), (b, a)] {
      guard let (inner, maker) = view.maker(of: gate), maker.op.domain.isEmpty, maker.operand(0) == x else { continue }
      guard let function = FusedActivation(maker, constant: view.constant) else { continue }
      let sixths: [Float] = [Float(1.0 / 6).nextDown, 1.0 / 6, Float(1.0 / 6).nextUp]
      if function == .sigmoid {
        cover([index, inner])
        return (.swish, Cursor(x))
      }
      if sixths.contains(where: { function == .hardSigmoid(alpha: $0, beta: 0.5) }) {
        cover([index, inner])
        return (.hardSwish, Cursor(x))
      }
    }
    return nil
  }

  /// clip(x + 3, 0, 6) / 6
  private mutating func hardSigmoid(_ index: Int, _ node: Node, factor: Double) -> (FusedActivation, Cursor)? {
    guard let a = node.operand(0), let b = node.operand(1) else { return nil }
    for (clipped, number) in node.op.name == "Div" ? [(a, b)] : [(a, b), (b, a)] {
      guard isNumber(number, factor), let (outer, clip) = view.maker(of: clipped) else { continue }
      guard FusedActivation(clip, constant: view.constant) == .clip(min: 0, max: 6), let (inner, sum) = view.maker(of: clip.operand(0)),
        sum.op == OperatorName("Add"), let left = sum.operand(0), let right = sum.operand(1)
      else { continue }
      for (x, three) in [(left, right), (right, left)] where isNumber(three, 3) {
        cover([index, outer, inner])
        return (.hardSigmoid(alpha: 1 / 6, beta: 0.5), Cursor(x))
      }
    }
    return nil
  }

  func isNumber(_ value: ValueID, _ number: Double) -> Bool {
    guard let tensor = view.constant(value), tensor.elementCount == 1, tensor.elementType.isFloating else { return false }
    guard let found = (try? tensor.doubles())?.first else { return false }
    return abs(found - number) <= abs(number) * 1e-6
  }
}
