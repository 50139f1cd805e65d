import OnyxAttention
import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Weights of recognised layers in the forms that attention operators want.
extension Workspace {
  func requiredConstant(_ value: ValueID) throws(OnyxError) -> Tensor {
    guard let tensor = constant(value) else { throw .bug("A weight of a recognised block is no constant.") }
    return tensor
  }

  /// A layer's weights as [outputs, inputs].
  func matrix(of layer: LayerWeights) throws(OnyxError) -> Tensor {
    let tensor = try requiredConstant(layer.value)
    guard tensor.shape.rank >= 2 else { throw .bug("The weights of a recognised layer are no matrix.") }
    let (rows, columns) = (tensor.shape[0], tensor.shape[1])
    guard layer.isTransposed else { return try tensor.reshaped(to: try Shape([rows, columns])) }
    let order = (0..<columns).flatMap { column in (0..<rows).map { $0 * columns + column } }
    return try tensor.gathering(order, shape: try Shape([columns, rows]))
  }

  /// A layer's bias as [outputs].
  func vector(_ bias: ValueID) throws(OnyxError) -> Tensor {
    let tensor = try requiredConstant(bias)
    return try tensor.reshaped(to: try Shape([tensor.elementCount]))
  }

  /// The value itself when it has the form of the tensor made from it, otherwise a new constant.
  func value(_ old: ValueID, as tensor: Tensor, in patch: inout Patch) -> ValueID {
    inferred(old)?.type.knownShape == tensor.shape ? old : patch.constant(tensor)
  }
}
