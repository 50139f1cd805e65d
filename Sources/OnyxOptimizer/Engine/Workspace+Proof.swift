import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Whether a patch may be applied.
package enum Verdict: Sendable {
  /// With what is known of the new values, indexed from the patch's first.
  case proven([Inferred?])
  /// With a sentence that says why.
  case refused(String)
}

extension Workspace {
  /// Proves that the patch leaves a valid graph of the same meaning for everything around it: no value is lost that
  /// something needs, no cycle appears, and each replaced value keeps its element type and shape.
  package func prove(_ patch: Patch) -> Verdict {
    let replaced = Set(patch.shunts.map(\.old))
    if let reason = escape(from: patch.removed, except: replaced) { return .refused(reason) }
    guard Set(patch.shunts.map(\.new)).count == patch.shunts.count else { return .refused("One value would replace several.") }
    for (old, new) in patch.shunts {
      guard let producer = producer(of: old), patch.removed.contains(producer) else {
        return .refused("The value '\(name(of: old))' is replaced, but its node stays.")
      }
      if replaced.contains(new) { return .refused("The value '\(name(of: new))' would replace another and be replaced itself.") }
      if !patch.isNew(new), pinned.contains(old), !canTakeName(new, removed: patch.removed) {
        return .refused("The values '\(name(of: old))' and '\(name(of: new))' must both keep their names.")
      }
    }
    var independent: Set<Int> = []
    for tap in patch.taps.union(patch.shunts.map(\.new).filter { !patch.isNew($0) }) {
      if let producer = producer(of: tap), patch.removed.contains(producer) {
        return .refused("The value '\(name(of: tap))' is read by the replacement and made by a node that it replaces.")
      }
      if depends(tap, on: patch.removed, position: patch.position, &independent) {
        return .refused("The value '\(name(of: tap))' depends on what it would replace.")
      }
    }
    do throws(OnyxError) {
      let inferred = try types(of: patch)
      for (old, new) in patch.shunts {
        let found = patch.isNew(new) ? inferred[new.index - patch.base] : self.inferred(new)
        if let reason = mismatch(self.inferred(old), found, of: old) { return .refused(reason) }
      }
      return .proven(inferred)
    } catch { return .refused("The replacement is not valid: \(error.reason)") }
  }

  /// Why the nodes cannot go: a value of theirs that something else needs. `except` is replaced by another.
  func escape(from removed: Set<Int>, except replaced: Set<ValueID>) -> String? {
    for index in removed.sorted() {
      for case let output? in node(index)?.outputs ?? [] where !replaced.contains(output) {
        if pinned.contains(output) {
          return "The inner value '\(name(of: output))' is \(shell.outputs.contains(output) ? "an output of the graph" : "fetched")."
        }
        if let reader = readers(of: output).subtracting(removed).min(), let node = node(reader) {
          let isDirect = node.inputs.contains(output)
          return "The inner value '\(name(of: output))' is also read by \(isDirect ? "" : "the body of ")\(node.label)."
        }
      }
    }
    return nil
  }

  func escape(from removed: Set<Int>, except replaced: ValueID) -> String? { escape(from: removed, except: [replaced]) }

  /// Whether a replaced value that keeps its name can live where `value` is: its node or initializer can take that name.
  private func canTakeName(_ value: ValueID, removed: Set<Int>) -> Bool {
    if isInitializer(value) { return true }
    guard !pinned.contains(value), !given.contains(value), let producer = producer(of: value) else { return false }
    return !removed.contains(producer)
  }

  /// Whether `value` is made after the removed nodes. Only nodes at the same position have to be walked, and those in `seen`, which
  /// earlier values led to, no more.
  private func depends(_ value: ValueID, on removed: Set<Int>, position: Int, _ seen: inout Set<Int>) -> Bool {
    var pending = [value]
    while let next = pending.popLast() {
      guard let producer = producer(of: next), let node = node(producer), positions[producer] >= position else { continue }
      if positions[producer] > position || removed.contains(producer) { return true }
      if seen.insert(producer).inserted { pending += node.reads }
    }
    return false
  }

  /// What the operators' rules say of the new values.
  private func types(of patch: Patch) throws(OnyxError) -> [Inferred?] {
    var inferred: [Inferred?] = patch.values.indices.map { patch.constants[ValueID(patch.base + $0)].map { Inferred(constant: $0) } }
    for (number, node) in patch.nodes.enumerated() {
      let op = try Catalog.make(node)
      func known(_ id: ValueID) -> Inferred? { patch.isNew(id) ? inferred[id.index - patch.base] : self.inferred(id) }
      let inputs = node.inputs.map { $0.flatMap(known) }
      try Catalog.definition(of: node.op)?.signature.check(
        inputs: inputs.map { $0?.type }, isPresent: node.inputs.map { $0 != nil }, outputCount: node.outputs.count)
      guard zip(node.inputs, inputs).allSatisfy({ $0 == nil || $1 != nil }),
        let captured = InferenceContext.captured(by: node, known)
      else { continue }
      let results = try op.infer(
        InferenceContext(
          inputs: inputs, outputCount: node.outputs.count, symbolPrefix: "\(node.name)#\(patch.base + number)", captured: captured))
      for (output, result) in zip(node.outputs, results) {
        guard let output else { continue }
        inferred[output.index - patch.base] = result
      }
    }
    return inferred
  }

  /// Why `new` cannot stand for `old`; nil when it can.
  private func mismatch(_ old: Inferred?, _ new: Inferred?, of value: ValueID) -> String? {
    guard let old, let new else { return "The type of '\(name(of: value))' is not known." }
    var difference: String { "The replacement of '\(name(of: value))' is \(new.type), not \(old.type)." }
    guard case .tensor(let oldElement, let oldShape) = old.type, case .tensor(let newElement, let newShape) = new.type else {
      return old.type == new.type ? nil : difference
    }
    guard oldElement == newElement else { return difference }
    guard let oldShape else { return nil }
    guard let newShape, newShape.count == oldShape.count else { return difference }
    return zip(oldShape, newShape).allSatisfy(mayAgree) ? nil : difference
  }

  /// Dimensions are different when both are said in numbers and input symbols and differ; a symbol that only the run
  /// knows (the count of NonZero, a broadcast of two symbols) can be any number.
  private func mayAgree(_ a: Dimension, _ b: Dimension) -> Bool {
    a == b || !a.symbols.isSubset(of: inputSymbols) || !b.symbols.isSubset(of: inputSymbols)
  }
}
