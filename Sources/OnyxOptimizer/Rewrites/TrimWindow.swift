import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// A Conv some of whose outer taps meet nothing but padding, wherever the window stands → the Conv without them: widely dilated windows
  /// over small images of known size.
  static let trimWindow = Rewrite("trim-window", changes: .exact, roots: ["Conv"]) { site throws(OnyxError) in
    let node = site.node
    guard let output = node.outputs.first ?? nil, let x = node.operand(0), let w = node.operand(1).flatMap({ site.workspace.constant($0) }),
      let axes = kept(node, w, input: site.workspace.inferred(x)?.shape)
    else { return .noMatch }
    let taps = axes.map(\.taps)
    let shape = try Shape(Array(w.shape[..<2]) + taps.map(\.count))
    let strides = w.shape.strides
    let trimmed = try w.part(shape, from: zip(taps, strides[2...]).reduce(0) { $0 + $1.0.lowerBound * $1.1 }, strides: strides)
    var attributes = node.attributes
    attributes["auto_pad"] = nil
    attributes["kernel_shape"] = .ints(taps.map { Int64($0.count) })
    attributes["pads"] = .ints((axes.map(\.before) + axes.map(\.behind)).map(Int64.init))
    var patch = Patch(for: site)
    patch.remove([site.index])
    var inputs = node.inputs
    inputs[1] = patch.constant(trimmed)
    patch.shunt(output, to: patch.node(node.op, inputs, attributes, like: node))
    return .patch(patch)
  }

  /// One axis: the taps that stay, and the pads that they need.
  private struct Axis {
    let taps: Range<Int>
    let before, behind: Int

    init?(_ axis: WindowGeometry.Axis) {
      guard axis.output > 0, axis.input > 0, axis.kernel <= 1 << 12, axis.output <= 1 << 20 else { return nil }
      var (first, last) = (axis.kernel, -1)
      for window in 0..<axis.output {
        let taps = axis.taps(window)
        if taps.isEmpty { continue }
        (first, last) = (min(first, taps.lowerBound), max(last, taps.upperBound - 1))
      }
      guard first <= last else { return nil }
      taps = first..<last + 1
      before = axis.padBefore - first * axis.dilation
      behind = max(0, (axis.output - 1) * axis.stride + (last - first) * axis.dilation + 1 - axis.input - before)
      // The windows must stand where they stood, and be no more than they were.
      let room = axis.input + before + behind - (last - first) * axis.dilation - 1
      guard before >= 0, room / axis.stride + 1 == axis.output else { return nil }
    }
  }

  /// All axes, when at least one of them loses taps.
  private static func kept(_ node: Node, _ w: Tensor, input: [Dimension]?) -> [Axis]? {
    guard w.shape.rank >= 3, w.elementCount > 0, let input, input.count == w.shape.rank, let extents = Array(input[2...]).allKnown,
      let op = try? Catalog.make(node) as? Conv, let geometry = try? op.window.geometry(input: extents, kernel: Array(w.shape[2...]))
    else { return nil }
    let axes = geometry.axes.compactMap { Axis($0) }
    let loses = zip(axes, geometry.axes).contains { $0.taps.count < $1.kernel }
    return axes.count == geometry.axes.count && loses ? axes : nil
  }
}

extension Tensor {
  /// The elements of this shape that lie at these strides from element `first` on. Complexity: O(elements of the result).
  fileprivate func part(_ shape: Shape, from first: Int, strides: [Int]) throws(OnyxError) -> Tensor {
    var places = [first]
    for (extent, stride) in zip(shape, strides) { places = places.flatMap { place in (0..<extent).map { place + $0 * stride } } }
    return try gathering(places, shape: shape)
  }
}
