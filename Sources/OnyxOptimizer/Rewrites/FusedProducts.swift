import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Conv, Gemm and MatMul, plain or with room for one more step, as the fusing patterns bind them: first, second, third, perhaps z.
extension Expression {
  static func product(_ op: String) -> Expression {
    .op(op, .value("first"), .value("second"), .optional("third"), named: "product")
  }

  static func fusedProduct(_ op: String) -> Expression {
    .application(
      Application(
        op: OperatorName(op, domain: "onyx"),
        inputs: [.value("first"), .value("second"), .optional("third"), .optional("z")],
        attributes: ["activation": .isOrAbsent(.text(FusedActivation.none.name))], name: "product"))
  }
}

extension Expression {
  /// A MatMul that can take one more step.
  static let matrixProduct = Expression.op("MatMul", .value("first"), .value("second"), named: "product")

  /// A FusedMatMul with nothing after its bias.
  static let biasedMatrixProduct = Expression.application(
    Application(
      op: OperatorName("FusedMatMul", domain: "onyx"), inputs: [.value("first"), .value("second"), .optional("third")],
      attributes: ["activation": .isOrAbsent(.text(FusedActivation.none.name))], name: "product"))
}

extension Match {
  /// Whether the bound product is no MatMul, or one with a constant matrix on its right: only those have a fused form.
  var canFuse: Bool { node("product")?.op != OperatorName("MatMul") || constant("second")?.shape.rank == 2 }

  /// The bound product as a fused node with addend and activation.
  func fused(adding z: ValueID?, _ activation: FusedActivation, in patch: inout Patch) throws(OnyxError) -> ValueID {
    guard let product = node("product") else { throw .bug("The product is gone.") }
    let op = product.op.domain.isEmpty ? OperatorName("Fused\(product.op.name)", domain: "onyx") : product.op
    var inputs: [ValueID?] = [try required("first"), try required("second"), self["third"], z]
    while inputs.last == .some(nil) { inputs.removeLast() }
    return patch.node(op, inputs, product.attributes.merging(activation.attributes) { $1 }, like: product)
  }
}
