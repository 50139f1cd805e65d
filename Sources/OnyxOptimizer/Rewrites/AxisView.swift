import OnyxGraph
import OnyxOperators
import OnyxTensor

/// A value of a graph seen as a view of an earlier one: which part of which axis of the source each of its axes is.
///
/// An axis is a list of atoms, outermost first; axes of extent 1 have none. `rewind` walks back through nodes that only move elements.
struct AxisView {
  enum Atom: Hashable {
    /// A named axis, whole.
    case named(Character)
    /// One index of an axis.
    case fixed(Int)
  }

  struct Part: Hashable {
    var atom: Atom
    var extent: Dimension
  }

  private(set) var value: ValueID
  private(set) var axes: [[Part]]
  /// What the elements were multiplied with on the way.
  private(set) var scale = 1.0

  /// The value, its axes named in order; nil when their number differs. Axes of extent 1 lose their names.
  init?(_ value: ValueID, _ names: [Character], in workspace: Workspace) {
    guard let shape = workspace.inferred(value)?.shape, shape.count == names.count else { return nil }
    self.value = value
    axes = zip(names, shape).map { $1 == 1 ? [] : [Part(atom: .named($0), extent: $1)] }
  }

  /// All parts, outermost first.
  var parts: [Part] { axes.flatMap { $0 } }

  /// Takes the view as far back as it goes. Factors that are one number are taken along when `allowsScale` is set.
  mutating func rewind(in workspace: Workspace, allowsScale: Bool) {
    while let (_, node) = workspace.maker(of: value), node.op.domain.isEmpty, let earlier = step(node, workspace, allowsScale) {
      self = earlier
    }
    // Pieces of a Split other than the first are not what their node is known by.
    while let earlier = splitStep(workspace) {
      self = earlier
      rewind(in: workspace, allowsScale: allowsScale)
    }
  }

  private func step(_ node: Node, _ workspace: Workspace, _ allowsScale: Bool) -> AxisView? {
    guard let input = node.operand(0), let shape = workspace.inferred(input)?.shape, let output = workspace.inferred(value)?.shape else {
      return nil
    }
    switch node.op.name {
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity": return AxisView.regroup(parts, into: shape).map { moved(to: input, $0) }
    case "Transpose":
      let order = node.ints("perm") ?? Array(shape.indices.reversed())
      guard order.count == axes.count, Set(order) == Set(axes.indices) else { return nil }
      var earlier = axes
      for (axis, source) in order.enumerated() { earlier[source] = axes[axis] }
      return moved(to: input, earlier)
    case "Slice": return slice(node, input, shape, output, workspace)
    case "Gather":
      guard let index = node.operand(1).flatMap({ workspace.constant($0) }), index.shape.rank == 0, let given = try? index.ints().first
      else { return nil }
      let (axis, position) = (node.int("axis", default: 0), given)
      guard let axis = try? Shape.normalize(axis: axis, rank: shape.count), let extent = shape[axis].known, extent > 0, position >= -extent,
        position < extent
      else { return nil }
      var earlier = axes
      earlier.insert(extent == 1 ? [] : [Part(atom: .fixed(position < 0 ? position + extent : position), extent: shape[axis])], at: axis)
      return moved(to: input, earlier)
    case "Mul", "Div":
      guard allowsScale, let (other, factor) = AxisView.factor(node, workspace), workspace.inferred(other)?.shape == output else {
        return nil
      }
      var earlier = moved(to: other, axes)
      earlier.scale *= factor
      return earlier
    default: return nil
    }
  }

  private func moved(to value: ValueID, _ axes: [[Part]]) -> AxisView {
    var view = self
    view.value = value
    view.axes = axes
    return view
  }

  private func slice(_ node: Node, _ input: ValueID, _ shape: [Dimension], _ output: [Dimension], _ workspace: Workspace) -> AxisView? {
    let constants = (1...4).map { index in node.operand(index).flatMap { workspace.constant($0) }.flatMap { try? $0.ints() } }
    guard let starts = constants[0], node.operand(3) == nil || constants[2] != nil, node.operand(4) == nil || constants[3] != nil else {
      return nil
    }
    guard (constants[3] ?? []).allSatisfy({ $0 == 1 }) else { return nil }
    var earlier = axes
    for (position, start) in starts.enumerated() {
      let given = constants[2].map { $0.indices.contains(position) ? $0[position] : Int.max } ?? position
      guard let axis = try? Shape.normalize(axis: given, rank: shape.count) else { return nil }
      if shape[axis] == output[axis] { continue }
      guard let whole = shape[axis].known, let piece = output[axis].known, start >= -whole else { return nil }
      guard let parts = AxisView.piece(start < 0 ? start + whole : start, piece, of: whole, earlier[axis]) else { return nil }
      earlier[axis] = parts
    }
    return moved(to: input, earlier)
  }

  /// A Split into equal pieces.
  private func splitStep(_ workspace: Workspace) -> AxisView? {
    guard let index = workspace.producer(of: value), let node = workspace.node(index), node.op == OperatorName("Split"),
      let input = node.operand(0),
      let shape = workspace.inferred(input)?.shape, let axis = try? Shape.normalize(axis: node.int("axis", default: 0), rank: shape.count),
      let whole = shape[axis].known, let position = node.outputs.firstIndex(of: value)
    else { return nil }
    var start = 0
    for output in node.outputs[..<position] {
      guard let extent = output.flatMap({ workspace.inferred($0)?.shape?[axis].known }) else { return nil }
      start += extent
    }
    guard let piece = workspace.inferred(value)?.shape?[axis].known, let parts = AxisView.piece(start, piece, of: whole, axes[axis]) else {
      return nil
    }
    var earlier = axes
    earlier[axis] = parts
    return moved(to: input, earlier)
  }

  /// An axis of `whole` elements of which one of equal pieces is seen.
  private static func piece(_ start: Int, _ piece: Int, of whole: Int, _ inner: [Part]) -> [Part]? {
    if piece == whole { return inner }
    guard piece > 0, start >= 0, start <= whole - piece, whole % piece == 0, start % piece == 0 else { return nil }
    return [Part(atom: .fixed(start / piece), extent: Dimension(whole / piece))] + inner
  }

  /// The input that is no number, and the number it is multiplied with.
  static func factor(_ node: Node, _ workspace: Workspace) -> (ValueID, Double)? {
    guard node.inputs.count == 2, let a = node.operand(0), let b = node.operand(1) else { return nil }
    if let number = workspace.constant(b)?.number { return (a, node.op.name == "Div" ? 1 / number : number) }
    if node.op.name == "Mul", let number = workspace.constant(a)?.number { return (b, number) }
    return nil
  }

  /// Deals parts to axes of the given extents, in order; nil when a part would have to be cut.
  static func regroup(_ parts: [Part], into shape: [Dimension]) -> [[Part]]? {
    var rest = parts[...]
    var axes: [[Part]] = []
    for extent in shape {
      var axis: [Part] = []
      var product = Dimension(1)
      while product != extent {
        guard let next = rest.first, let larger = try? product * next.extent else { return nil }
        axis.append(next)
        product = larger
        rest.removeFirst()
        if let a = product.known, let b = extent.known, a > b { return nil }
      }
      axes.append(axis)
    }
    return rest.isEmpty ? axes : nil
  }

  /// The source with one axis for each part, and the text that names them.
  func build(in patch: inout Patch, _ workspace: Workspace) throws(OnyxError) -> (value: ValueID, axes: String)? {
    let words = { (parts: [Part]) in
      parts.map { if case .named(let name) = $0.atom { String(name) } else if case .fixed(let index) = $0.atom { "\(index)" } else { "" } }
    }
    if axes.allSatisfy({ $0.count <= 1 }) { return (value, axes.map { words($0).first ?? "0" }.joined(separator: " ")) }
    guard let target = ReshapeTarget(from: workspace.inferred(value)?.shape, to: parts.map(\.extent)) else { return nil }
    return (try target.reshape(value, in: &patch), words(parts).joined(separator: " "))
  }
}
