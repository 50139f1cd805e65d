import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// f(x16) → Cast16(f(Cast32(x16))): operators on float16 and bfloat16 are computed in float32, and where one reads what another made,
  /// the casts between them fall away. What is left are casts at graph inputs and outputs, at the borders of bodies, and where
  /// something reads 16-bit values that this rewrite leaves alone. All fusions, layouts and kernels for float32 then serve.
  ///
  /// Numerics: a value between two operators is not rounded to 16 bits, so that results are closer to those of the model in float32.
  /// In particular a float16 value past 65504 stays finite there; it becomes infinite, as the standard says, where it is rounded: as a
  /// graph output, for a body, and for the operators of `HalfRole.stepped`, which so find the infinities, ties and whole numbers of the
  /// type in what the operator before them computed. Masks of −65504 and −∞ mask as before: the exponential of their distance is 0 in
  /// both types.
  /// Models cast on their own: a Cast from float32 is read past by what computes, a Cast to float32 reads what was not rounded, but
  /// two casts that the model puts behind one another round as written.
  ///
  /// A node that would stand alone between two casts keeps its type when it has a kernel for it (`HalfRole.narrow`).
  ///
  /// Level none computes every node as the standard writes it.
  static let widenHalf = Rewrite("widen-half", changes: .rounding, roots: HalfRole.operators) { (site) throws(OnyxError) in
    guard let role = HalfRole(site.node), site.touchesHalf else { return .noMatch }
    if role == .moved, !site.node.inputs.contains(where: { $0.map { site.isWide($0) } ?? false }) { return .noMatch }
    if site.isAlone(role) { return .noMatch }
    var patch = Patch(for: site)
    let inputs = site.node.inputs.map { $0.map { site.widened($0, role, in: &patch) } }
    let isNeeded = site.node.outputs.map { $0.map { site.isNeeded($0) } ?? false }
    let results = patch.nodes(site.node.op, inputs, outputs: isNeeded, try site.node.widenedAttributes(), like: site.node)
    for (old, result) in zip(site.node.outputs, results) {
      guard let old, let result else { continue }
      let type = site.workspace.inferred(old)?.elementType
      patch.shunt(old, to: type.map { $0.isHalf } ?? false ? site.cast(result, to: type ?? .float16, isOurs: true, in: &patch) : result)
    }
    patch.remove([site.index])
    return patch.shunts.isEmpty ? .noMatch : .patch(patch)
  }

  /// Cast(Cast16(x)) → Cast(x), to a float, where the inner cast is one that `widenHalf` put there.
  static let readPastBorder = Rewrite("read-past-border", changes: .rounding, roots: ["Cast"]) { (site) throws(OnyxError) in
    guard !site.node.isBorder, let input = site.node.inputs.first.flatMap({ $0 }), let output = site.node.outputs.first.flatMap({ $0 }),
      let inner = site.workspace.maker(of: input)?.node, inner.isBorder, site.workspace.inferred(input)?.elementType?.isHalf ?? false,
      let source = inner.inputs.first.flatMap({ $0 }), let target = site.workspace.inferred(output)?.elementType,
      [.float32, .float64, .float16, .bfloat16].contains(target)
    else { return .noMatch }
    var patch = Patch(for: site)
    let isSame = site.workspace.inferred(source)?.elementType == target
    patch.shunt(output, to: isSame ? source : patch.node(site.node.op, [source], site.node.attributes, like: site.node))
    patch.remove([site.index])
    return .patch(patch)
  }

  /// CastLike(x, y) → Cast(x) where either is a 16-bit float: y is read for its type alone.
  static let fixCastLike = Rewrite("fix-cast-like", changes: .exact, roots: ["CastLike"]) { (site) throws(OnyxError) in
    guard site.touchesHalf, let output = site.node.outputs.first.flatMap({ $0 }),
      let target = site.workspace.inferred(output)?.elementType
    else { return .noMatch }
    var patch = Patch(for: site)
    var attributes = site.node.attributes
    attributes["to"] = .int(Int64(target.rawValue))
    patch.shunt(output, to: patch.node(OperatorName("Cast"), [site.node.inputs[0]], attributes, like: site.node))
    patch.remove([site.index])
    return .patch(patch)
  }
}

extension Node {
  /// Marks casts that are no part of the model, in `metadata`.
  private static let border = "onyx.border"

  /// Whether `widenHalf` made this cast.
  fileprivate var isBorder: Bool { metadata[Self.border] != nil }

  fileprivate var asBorder: Node {
    var node = self
    node.metadata[Self.border] = "1"
    return node
  }
}

extension Site {
  fileprivate func isHalf(_ value: ValueID) -> Bool { workspace.inferred(value)?.elementType?.isHalf ?? false }

  /// Whether the node reads or makes a 16-bit float, and the types of all its values are known.
  fileprivate var touchesHalf: Bool {
    let values = (node.inputs + node.outputs).compactMap { $0 }
    return values.contains { isHalf($0) } && values.allSatisfy { workspace.inferred($0) != nil }
  }

  /// The value that is rounded to `value`, a 16-bit float, by a cast from another number type, and that type.
  private func source(of value: ValueID) -> (value: ValueID, type: ElementType)? {
    guard let maker = workspace.maker(of: value)?.node, maker.op == OperatorName("Cast"), let source = maker.inputs.first.flatMap({ $0 }),
      let type = workspace.inferred(source)?.elementType, [.float32, .float64, .bool].contains(type) || type.isInteger
    else { return nil }
    return (source, type)
  }

  /// Whether the node has a kernel for 16 bits and no neighbour in float32: it reads nothing that was rounded for it, or has to read what
  /// was rounded, and nobody computes with its results.
  fileprivate func isAlone(_ role: HalfRole) -> Bool {
    guard role != .moved, HalfRole.narrow.contains(node.op) else { return false }
    if role == .computed, node.inputs.contains(where: { $0.map { isWide($0) } ?? false }) { return false }
    return node.outputs.allSatisfy { output in
      guard let output, isHalf(output) else { return true }
      return workspace.readers(of: output).allSatisfy { index in
        guard let reader = workspace.node(index) else { return true }
        return HalfRole(reader) == nil && reader.op != OperatorName("Cast") && reader.op != OperatorName("CastLike")
      }
    }
  }

  /// Whether the 16-bit value is made from one of another type, which can be read instead.
  fileprivate func isWide(_ value: ValueID) -> Bool { isHalf(value) && source(of: value) != nil }

  /// The value in float32, when it is a 16-bit float.
  fileprivate func widened(_ value: ValueID, _ role: HalfRole, in patch: inout Patch) -> ValueID {
    guard isHalf(value) else { return value }
    guard let source = source(of: value) else { return cast(value, to: .float32, isOurs: false, in: &patch) }
    if role == .stepped, source.type != .bool { return cast(value, to: .float32, isOurs: true, in: &patch) }
    return source.type == .float32 ? source.value : cast(source.value, to: .float32, isOurs: false, in: &patch)
  }

  /// `isOurs`: the cast rounds, or keeps what was rounded, where the model does not say so.
  fileprivate func cast(_ value: ValueID, to type: ElementType, isOurs: Bool, in patch: inout Patch) -> ValueID {
    patch.node(OperatorName("Cast"), [value], ["to": .int(Int64(type.rawValue))], like: isOurs ? node.asBorder : node)
  }
}
