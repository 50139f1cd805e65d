import OnyxGraph
import OnyxTensor

/// Convolution of a batch of channels with any number of spatial axes. ONNX: Conv (1, 11, 22).
package struct Conv: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Conv", versions: [1, 11, 22], inputs: [.required("X", "T"), .required("W", "T"), .optional("B", "T")],
      outputs: [.required("Y", "T")], types: ["T": .floats]), Conv.init)

  /// The attributes of the window; `kernelShape` agrees with the weights.
  package let window: WindowAttributes
  /// Groups that channels and filters are divided into.
  package let group: Int

  package init(window: WindowAttributes, group: Int = 1) {
    self.window = window
    self.group = group
  }

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    self.init(window: try WindowAttributes(&attributes), group: try attributes.int("group", default: 1))
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try convolutionShape(context, input: 0, weights: 1, window, group)
    if let bias = context.optional(2)?.shape { try checkBias(bias, filters: shape?[1]) }
    return [try context.tensor(0).resized(shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let w = try context.input(1)
    let shape = try context.shape()
    let layout = try ConvolutionLayout(window, group: group, input: x.shape, weights: w.shape)
    let y = try layout.convolve(x.doubles(), w.doubles(), bias: context.optional(2)?.doubles(), into: shape.filled(with: 0))
    return [try Tensor(floating: y, as: x.elementType, shape: shape)]
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    convolutionProducts(weights: inputs.count > 1 ? inputs[1] : nil, result: outputs.first ?? nil)
  }
}

/// The shape rule of Conv, ConvInteger and QLinearConv; nil when a rank is unknown.
func convolutionShape(
  _ context: InferenceContext, input: Int, weights: Int, _ window: WindowAttributes, _ group: Int
) throws(OnyxError) -> [Dimension]? {
  guard group >= 1 else { throw .invalid("The attribute 'group' is \(group); it must be at least 1.") }
  guard let x = try context.shape(input) else { return nil }
  guard x.count >= 3 else {
    throw .invalid("The input has rank \(x.count); a convolution needs batch, channels and at least one spatial axis.")
  }
  guard let w = try context.shape(weights) else { return nil }
  guard w.count == x.count else {
    throw .invalid("The weights have rank \(w.count) and the input has rank \(x.count); they must be equal.")
  }
  let channels = try w[1] * Dimension(group)
  if let given = x[1].known, let needed = channels.known, given != needed {
    throw .invalid("The input has \(given) channels; the weights of \(group) groups need \(needed).")
  }
  if let filters = w[0].known, filters % group != 0 { throw .invalid("\(filters) filters cannot be shared between \(group) groups.") }
  return try [x[0], w[0]] + window.outputSizes(input: Array(x[2...]), kernel: Array(w[2...]), context)
}

/// A bias has one element for each filter.
func checkBias(_ shape: [Dimension], filters: Dimension?) throws(OnyxError) {
  guard shape.count == 1 else { throw .invalid("The bias has rank \(shape.count); it must be a vector.") }
  if let given = shape[0].known, let needed = filters?.known, given != needed {
    throw .invalid("The bias has \(given) elements for \(needed) filters.")
  }
}

/// Result elements times products for each.
func convolutionProducts(weights: ValueType?, result: ValueType?) -> Dimension? {
  guard let w = weights?.shape, w.count > 1, let y = result?.shape else { return nil }
  return try? y.product() * Array(w[1...]).product()
}
