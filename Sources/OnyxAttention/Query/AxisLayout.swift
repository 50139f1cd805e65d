import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The axes of a value, each as the parts of the axes of an earlier value that it is made of, outermost first.
///
/// What only moves elements keeps the parts: so it is known of each axis of a product of queries and keys whether it runs over
/// images, places or channels, in any spelling. Axes of one element have no parts.
struct AxisLayout {
  enum Role: Sendable {
    case batch, place, channel
    /// Repeats what is there: grouped heads.
    case copy
  }

  struct Part {
    /// The axis of the earlier value.
    let label: Int
    var role: Role
    let size: Dimension
    /// Elements of the same axis that one step skips.
    let stride: Dimension
  }

  private(set) var axes: [[Part]]

  /// Every axis is a part of its own; the first is of the batch, the others are places until a layer says more.
  init(_ shape: [Dimension]) {
    axes = shape.enumerated().map { index, size in
      size == 1 ? [] : [Part(label: index, role: index == 0 && shape.count > 2 ? .batch : .place, size: size, stride: 1)]
    }
  }

  /// Gives an axis one part: the outputs of a layer, or what no layer has made.
  mutating func setChannels(_ axis: Int, _ size: Dimension) {
    guard axes.indices.contains(axis) else { return }
    axes[axis] = size == 1 ? [] : [Part(label: -1, role: .channel, size: size, stride: 1)]
  }

  /// Of the result of a node that reads this value as `input`; nil when it cannot be told.
  func after(_ step: OperandStep, in view: some GraphView) -> AxisLayout? {
    guard let shape = view.shape(step.output) else { return nil }
    switch step.node.op.name {
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze": return reshaped(shape)
    case "Transpose":
      let permutation = step.node.ints("perm") ?? axes.indices.reversed()
      guard permutation.count == axes.count, permutation.allSatisfy(axes.indices.contains) else { return nil }
      return with(permutation.map { axes[$0] })
    case "Gather": return gathered(step.node, shape)
    case "GatherND":
      // Places of the first axis.
      guard let indices = step.node.operand(1).flatMap({ view.shape($0) }), indices.last == 1 else { return nil }
      return gathered(step.node, shape)
    case "Einsum": return nil
    default: return resized(shape)
    }
  }

  mutating func replace(_ axes: [[Part]]) { self.axes = axes }

  private func with(_ axes: [[Part]]) -> AxisLayout {
    var layout = self
    layout.axes = axes
    return layout
  }

  /// The same elements in the same order.
  private func reshaped(_ shape: [Dimension]) -> AxisLayout? {
    var parts = Array(axes.joined())[...]
    var result: [[Part]] = []
    for size in shape {
      var axis: [Part] = []
      var rest = size
      while rest != 1 {
        guard let next = parts.first else { return nil }
        if let quotient = (try? rest.dividedExactly(by: next.size)) ?? nil {
          axis.append(next)
          parts.removeFirst()
          rest = quotient
        } else if let inner = (try? next.size.dividedExactly(by: rest)) ?? nil {
          guard let stride = try? next.stride * inner else { return nil }
          axis.append(Part(label: next.label, role: next.role, size: rest, stride: stride))
          parts[parts.startIndex] = Part(label: next.label, role: next.role, size: inner, stride: next.stride)
          rest = 1
        } else {
          return nil
        }
      }
      result.append(axis)
    }
    return parts.isEmpty ? with(result) : nil
  }

  /// Axes of other lengths, or more axes before these: slices, joins, padding, pooling and broadcasting.
  private func resized(_ shape: [Dimension]) -> AxisLayout? {
    guard shape.count >= axes.count else { return nil }
    let added = shape.count - axes.count
    return with(
      shape.enumerated().map { index, size in
        let parts = index < added ? [] : axes[index - added]
        return Self.resized(parts, size)
      })
  }

  static func resized(_ parts: [Part], _ size: Dimension) -> [Part] {
    if size == 1 { return [] }
    guard let first = parts.first else { return [Part(label: -2, role: .copy, size: size, stride: 1)] }
    if let product = try? parts.map(\.size).product(), product == size { return parts }
    return [Part(label: first.label, role: first.role, size: size, stride: first.stride)]
  }

  /// One place of an axis, some, or a grid of them.
  private func gathered(_ node: Node, _ shape: [Dimension]) -> AxisLayout? {
    var axis = node.int("axis", default: 0)
    if axis < 0 { axis += axes.count }
    let count = shape.count - axes.count + 1
    guard axes.indices.contains(axis), count >= 0, axis + count <= shape.count else { return nil }
    var result = axes
    result.replaceSubrange(axis...axis, with: (axis..<axis + count).map { Self.resized(axes[axis], shape[$0]) })
    return with(result)
  }
}

extension [Dimension] {
  /// Throws when it overflows.
  func product() throws(OnyxError) -> Dimension {
    var product: Dimension = 1
    for factor in self { product = try product * factor }
    return product
  }
}
