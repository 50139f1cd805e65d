import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// A node whose outputs are the same in every run becomes constants: shape arithmetic whose result inference knows, and
  /// deterministic operators over constants, evaluated by the reference.
  ///
  /// DequantizeLinear waits for `foldDequantized`: fusions of quantized products want its input.
  static let foldConstants = Rewrite("fold-constants", changes: .exact) { (site) throws(OnyxError) in
    site.node.op == OperatorName("DequantizeLinear") ? .noMatch : try fold(site)
  }

  /// The same for DequantizeLinear.
  static let foldDequantized = Rewrite("fold-dequantized", changes: .exact, roots: ["DequantizeLinear"]) { (site) throws(OnyxError) in
    try fold(site)
  }

  private static func fold(_ site: Site) throws(OnyxError) -> Outcome {
    if let widened = try site.widenedConstant { return .patch(widened) }
    let workspace = site.workspace
    let outputs = site.node.outputs.enumerated().filter {
      $0.element.map { !workspace.readers(of: $0).isEmpty || workspace.pinned.contains($0) } ?? false
    }
    guard !outputs.isEmpty else { return .noMatch }
    var values: [(ValueID, Tensor)] = []
    for case (_, let output?) in outputs {
      guard let known = workspace.constant(output) else { break }
      values.append((output, known))
    }
    if values.count < outputs.count {
      guard let inputs = site.constantInputs, site.node.bodies.isEmpty else { return .noMatch }
      guard let op = try Catalog.make(site.node) as? any TensorOperator, op.isDeterministic else { return .noMatch }
      let types = try op.outputTypes(inputs, outputCount: site.node.outputs.count)
      if let reason = try site.budgetExcess(of: op, inputs, types) { return .declined(reason) }
      let results = try site.foldingLimits.perform { () throws(OnyxError) in
        try op.evaluate(EvaluationContext(inputs: inputs, outputs: types))
      }
      values = []
      for case (let index, let output?) in outputs where results.indices.contains(index) { values.append((output, results[index])) }
    }
    if let reason = site.budgetExcess(of: values.map(\.1)) { return .declined(reason) }
    var patch = Patch(for: site)
    for (output, tensor) in values { patch.shunt(output, to: patch.constant(tensor)) }
    patch.remove([site.index])
    return .patch(patch)
  }
}

/// Multiplications that folding one node may take: the scalar reference does this many in about a second, and a product of
/// two constants that large is rare.
private let foldingProductBudget = 1 << 27

extension Site {
  /// The patch for a Cast of a constant from 16 bits to float32, whatever its size: it takes memory only where it is read unpacked.
  fileprivate var widenedConstant: Patch? {
    get throws(OnyxError) {
      guard node.op == OperatorName("Cast"), let input = node.inputs.first.flatMap({ $0 }), let constant = workspace.constant(input),
        constant.elementType.isHalf, let output = node.outputs.first.flatMap({ $0 }),
        workspace.inferred(output)?.elementType == .float32
      else { return nil }
      var patch = Patch(for: self)
      patch.shunt(output, to: patch.constant(try constant.widened()))
      patch.remove([index])
      return patch
    }
  }

  /// The inputs as constants, omitted ones as nil; nil when one is not constant.
  fileprivate var constantInputs: [Tensor?]? {
    var constants: [Tensor?] = []
    for input in node.inputs {
      guard let input else {
        constants.append(nil)
        continue
      }
      guard let constant = workspace.constant(input) else { return nil }
      constants.append(constant)
    }
    return constants
  }

  /// Why the node is too large to evaluate; nil when it is not. Sizes come from the operator's rule, before anything is allocated.
  fileprivate func budgetExcess(of op: any Operator, _ inputs: [Tensor?], _ outputs: [ValueType]) throws(OnyxError) -> String? {
    // The tensor of a Constant is there already.
    if node.op == OperatorName("Constant") { return nil }
    var bytes = 0
    for type in outputs {
      // Only its evaluation would tell, and an image of a few bytes can decode to any number of them.
      guard let shape = type.knownShape, let element = type.elementType else { return "The size of its results shows only in a run." }
      let (size, overflow) = try bytes.addingReportingOverflow(Tensor.byteCount(shape.elementCount, width: max(element.byteWidth, 1)))
      guard !overflow else { return excess }
      bytes = size
    }
    if bytes > foldingByteBudget { return excess }
    let products = op.multiplyAccumulates(
      inputs: inputs.map { $0.map { .tensor($0.elementType, $0.shape) } }, outputs: outputs)
    if let products = products?.known, products > foldingProductBudget { return "Its evaluation would take \(products) multiplications." }
    return nil
  }

  fileprivate func budgetExcess(of results: [Tensor]) -> String? {
    if node.op == OperatorName("Constant") { return nil }
    return results.reduce(0) { $0 + $1.heldByteCount } > foldingByteBudget ? excess : nil
  }

  private var excess: String { "Its results would take more than the folding budget of \(foldingByteBudget) bytes." }
}
