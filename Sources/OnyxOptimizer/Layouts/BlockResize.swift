import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Resize(UnblockChannels(x)) → UnblockChannels(Resize(x)) along the two spatial axes.
  static let sinkReorderThroughResize = Rewrite(
    "sink-reorder-through-resize", changes: .exact, roots: ["Resize"]
  ) { site throws(OnyxError) in
    let node = site.node
    guard let maker = site.workspace.maker(of: node.operand(0))?.node, maker.op == OperatorName("UnblockChannels", domain: "onyx"),
      let x = maker.operand(0), let plain = node.operand(0), let output = node.outputs.first ?? nil
    else { return .noMatch }
    guard let shape = site.workspace.inferred(plain)?.shape, shape.count == 4, site.workspace.inferred(x)?.elementType == .float32 else {
      return .declined("The input must be a float32 image.")
    }
    guard node.text("coordinate_transformation_mode", default: "half_pixel") != "tf_crop_and_resize",
      node.text("keep_aspect_ratio_policy", default: "stretch") == "stretch"
    else { return .declined("Cropped regions and kept ratios depend on all axes.") }
    let axes = node.ints("axes") ?? [0, 1, 2, 3]
    guard Set(axes.map { $0 < 0 ? $0 + 4 : $0 }).count == axes.count, axes.allSatisfy({ (-4..<4).contains($0) }) else {
      return .declined("The axes must differ.")
    }
    let places = [2, 3].map { axis in axes.firstIndex { $0 == axis || $0 == axis - 4 } }
    guard let rows = places[0], let columns = places[1] else { return .declined("Both spatial axes must be resized.") }
    let scales = node.operand(2).flatMap { site.workspace.constant($0) }.flatMap { $0.elementCount == axes.count ? $0 : nil }
    let sizes = node.operand(3).flatMap { site.workspace.constant($0) }.flatMap { $0.elementCount == axes.count ? $0 : nil }
    var patch = Patch(for: site)
    var inputs: [ValueID?] = [x, nil]
    if let scales {
      let factors = try scales.elements(as: Float.self)
      guard axes.indices.allSatisfy({ $0 == rows || $0 == columns || factors[$0] == 1 }) else { return .declined(staysWhole) }
      inputs.append(patch.constant(try Tensor([factors[rows], factors[columns]], shape: [2])))
    } else if let sizes {
      let extents = try sizes.ints()
      guard axes.indices.allSatisfy({ $0 == rows || $0 == columns || Dimension(extents[$0]) == shape[(axes[$0] + 4) % 4] }) else {
        return .declined(staysWhole)
      }
      inputs += [nil, patch.constant(try Tensor([Int64(extents[rows]), Int64(extents[columns])], shape: [2]))]
    } else if node.operand(2).map({ site.workspace.constant($0)?.elementCount == 0 }) ?? true, let sizes = node.operand(3),
      let extents = site.workspace.inferred(sizes)?.dimensions,
      extents.count == axes.count
    {
      guard axes.indices.allSatisfy({ $0 == rows || $0 == columns || extents[$0] == shape[(axes[$0] + 4) % 4] }) else {
        return .declined(staysWhole)
      }
      inputs += [nil, patch.node("Gather", [sizes, patch.constant(try Tensor([rows, columns]))])]
    } else {
      return .declined("The scales must be constant, or the sizes up to those of the image.")
    }
    patch.remove([site.index])
    let attributes = node.attributes.merging(["axes": .ints([2, 3])]) { $1 }
    let y = patch.node(node.op, inputs, attributes, like: node)
    patch.shunt(output, to: patch.unblock(y, channels: maker.int("channels", default: 0)))
    return .patch(patch)
  }

  private static let staysWhole = "Batch and channels must stay as they are."
}
