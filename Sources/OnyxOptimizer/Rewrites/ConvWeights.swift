import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Conv with constant weights, as the patterns of this folder bind it: x, weights, and perhaps conv.bias.
extension Expression {
  static let convolution = Expression.op("Conv", .value("x"), .constant("weights"), .optional("conv.bias"), named: "conv")
}

extension Clause {
  static let constantConvBias = Clause("The bias of the convolution must be a constant.") {
    $0["conv.bias"] == nil || $0.constant("conv.bias") != nil
  }
}

extension Match {
  /// The constant as one number for each filter of the bound convolution.
  func channelVector(_ name: String) -> [Double]? {
    guard let filters = shape("weights")?.first?.known, let rank = result?.shape?.count, let constant = constant(name) else { return nil }
    return ChannelVector.read(constant, channels: filters, rank: rank)
  }

  /// The bound convolution with its results times `factors`, plus `shifts`, for each filter.
  func convolution(times factors: [Double]?, plus shifts: [Double]?, in patch: inout Patch) throws(OnyxError) -> ValueID {
    guard let conv = node("conv"), let filters = shape("weights")?.first?.known else { throw .bug("The convolution is gone.") }
    guard factors?.count ?? filters == filters, shifts?.count ?? filters == filters else {
      throw .invalid("The constants are not one for each filter.")
    }
    var inputs: [ValueID?] = [try required("x"), try required("weights")]
    if let factors {
      let weights = try requiredConstant("weights")
      inputs[1] = patch.constant(try weights.scaled(by: factors, run: weights.elementCount / max(filters, 1)))
    }
    let old = try constant("conv.bias")?.doubles()
    if old != nil || shifts != nil {
      var bias = old ?? Array(repeating: 0, count: filters)
      guard bias.count == filters else { throw .invalid("The bias is not one for each filter.") }
      for filter in bias.indices { bias[filter] = bias[filter] * (factors?[filter] ?? 1) + (shifts?[filter] ?? 0) }
      inputs.append(patch.constant(try Tensor(floating: bias, as: elementType, shape: try Shape([filters]))))
    }
    return patch.node(conv.op, inputs, conv.attributes, like: conv)
  }
}
