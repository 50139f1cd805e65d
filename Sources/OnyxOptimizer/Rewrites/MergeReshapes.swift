import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Two nodes in a row that only change the shape become one Reshape.
  static let mergeReshapes = Rewrite("merge-reshapes", changes: .exact, roots: views.sorted()) { (site) throws(OnyxError) in
    let workspace = site.workspace
    guard case let output?? = site.node.outputs.first, let inner = workspace.maker(of: site.node.operand(0)) else { return .noMatch }
    guard inner.node.op.domain.isEmpty, views.contains(inner.node.op.name), let source = inner.node.operand(0) else { return .noMatch }
    guard let shape = workspace.inferred(output)?.shape, let target = ReshapeTarget(from: workspace.inferred(source)?.shape, to: shape)
    else {
      return .declined("The shape must be known up to axes of the input or one other dimension.")
    }
    var patch = Patch(for: site)
    patch.remove([site.index])
    patch.shunt(output, to: try target.reshape(source, in: &patch))
    return .patch(patch)
  }

  private static let views: Set<String> = ["Reshape", "Flatten", "Squeeze", "Unsqueeze"]
}
