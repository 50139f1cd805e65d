import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// Loop that runs once → the nodes of its body; one that never runs → what it is given, and nothing collected.
  ///
  /// Once is a trip count of 1 with a condition that holds at the start, whatever the body says of the condition after.
  static let inlineLoop = Rewrite("inline-loop", changes: .exact, roots: ["Loop"]) { (site) throws(OnyxError) in
    guard let body = site.loopBody, body.inputs.count >= 2, !body.outputs.isEmpty else { return .noMatch }
    let condition = try site.constant(ofInput: 1).map { (tensor) throws(OnyxError) in try tensor.elements(as: Bool.self).first }
    let limit = try site.constant(ofInput: 0).map { (tensor) throws(OnyxError) in try tensor.ints().first }
    if limit.map({ ($0 ?? 1) <= 0 }) ?? false || condition == false { return try site.withoutIterations(body) }
    guard limit == 1, condition == true || !site.hasInput(1) else {
      return .declined("The trip count must be a constant 0 or 1, and the condition known.")
    }
    return try site.withOneIteration(body)
  }
}

extension Site {
  private func carried(_ body: Graph) -> [ValueID]? {
    let values = node.inputs.dropFirst(2).compactMap { $0 }
    return values.count == body.inputs.count - 2 && values.count < body.outputs.count ? values : nil
  }

  fileprivate func withOneIteration(_ body: Graph) throws(OnyxError) -> Outcome {
    guard let carried = carried(body) else { return .noMatch }
    for (value, formal) in zip(carried, body.inputs.dropFirst(2)) {
      guard let declared = body[formal].type?.kind, workspace.inferred(value)?.type.kind != declared else { continue }
      return .declined("The body must take what the loop is given.")
    }
    var patch = Patch(for: self)
    func flag(_ index: Int) -> Shape { body[body.inputs[index]].type?.shape?.count == 1 ? [1] : .scalar }
    var given = [
      body.inputs[0]: patch.constant(try Tensor([Int64(0)], shape: flag(0))),
      body.inputs[1]: patch.constant(try Tensor([true], shape: flag(1))),
    ]
    for (formal, value) in zip(body.inputs.dropFirst(2), carried) { given[formal] = value }
    let outputs = try patch.inline(body, given: given)
    var results = Array(outputs[1..<1 + carried.count])
    let rows = zip(outputs.dropFirst(1 + carried.count), node.outputs.dropFirst(carried.count))
    var front: ValueID?
    for (row, output) in rows {
      guard let output, isNeeded(output) else {
        results.append(row)
        continue
      }
      if front == nil { front = patch.constant(try Tensor([Int64(0)])) }
      results.append(patch.node("Unsqueeze", [row, front]))
    }
    patch.replaceOutputs(of: self, with: results)
    return .patch(patch)
  }

  fileprivate func withoutIterations(_ body: Graph) throws(OnyxError) -> Outcome {
    guard var results = carried(body) else { return .noMatch }
    for case (let value, let output?) in zip(results, node.outputs) where isNeeded(output) {
      guard workspace.inferred(value)?.type.kind == workspace.inferred(output)?.type.kind else {
        return .declined("The loop must give what it is given.")
      }
    }
    var patch = Patch(for: self)
    for output in node.outputs.dropFirst(results.count) {
      guard let output, isNeeded(output) else {
        results.append(ValueID(0))
        continue
      }
      guard case .tensor(let element, let shape?)? = workspace.inferred(output)?.type, let row = Array(shape.dropFirst()).allKnown else {
        return .declined("The extents of what the loop would collect must be known.")
      }
      results.append(patch.constant(try .zeros(element, shape: try Shape([0] + row))))
    }
    patch.replaceOutputs(of: self, with: results)
    return .patch(patch)
  }
}
