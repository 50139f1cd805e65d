import OnyxGraph
import OnyxTensor

/// Convolution whose taps are moved by offsets that the input brings along, and weighted by a mask. ONNX: DeformConv (19, 22).
/// Dai et al., "Deformable Convolutional Networks" (2017); Zhu et al., "Deformable ConvNets v2" (2018).
///
/// Between elements a tap is interpolated linearly along each axis; outside the input it is 0, also where an offset is not finite.
/// The mask has one number for each tap, as the standard says for two spatial axes and its reference computes.
package struct DeformConv: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "DeformConv", versions: [19, 22],
      inputs: [.required("X", "T"), .required("W", "T"), .required("offset", "T"), .optional("B", "T"), .optional("mask", "T")],
      outputs: [.required("Y", "T")], types: ["T": .floats]), DeformConv.init)

  /// The attributes of the window; `kernelShape` agrees with the weights.
  package let window: WindowAttributes
  /// Groups that channels and filters are divided into.
  package let group: Int
  /// Groups of channels that share their offsets and their mask.
  package let offsetGroup: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    window = try WindowAttributes(
      kernelShape: try attributes.ints("kernel_shape"), strides: try attributes.ints("strides"),
      dilations: try attributes.ints("dilations"), pads: try attributes.ints("pads"))
    group = try attributes.int("group", default: 1)
    offsetGroup = try attributes.int("offset_group", default: 1)
    guard offsetGroup >= 1 else { throw .invalid("The attribute 'offset_group' is \(offsetGroup); it must be at least 1.") }
  }

  /// A tap is made of up to 2^axes elements.
  private static let largestSpatialRank = 6

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.tensor(0)
    let shape = try convolutionShape(context, input: 0, weights: 1, window, group)
    if let channels = x.shape?[1].known, channels % offsetGroup != 0 {
      throw .invalid("\(channels) channels cannot be shared between \(offsetGroup) offset groups.")
    }
    if let bias = context.optional(3)?.shape { try checkBias(bias, filters: shape?[1]) }
    guard let shape, let weights = try context.shape(1) else { return [x.resized(shape)] }
    let axes = shape.count - 2
    guard axes <= Self.largestSpatialRank else {
      throw .unsupported("DeformConv over \(axes) spatial axes is not implemented.", remedy: "Up to \(Self.largestSpatialRank) are.")
    }
    let taps = try Array(weights[2...]).product() * Dimension(offsetGroup)
    try check(context.optional(2)?.shape, [shape[0], taps * Dimension(axes)] + shape[2...], "offsets")
    try check(context.optional(4)?.shape, [shape[0], taps] + shape[2...], "mask")
    return [x.resized(shape)]
  }

  private func check(_ given: [Dimension]?, _ needed: [Dimension], _ name: String) throws(OnyxError) {
    guard let given else { return }
    let agrees = zip(given, needed).allSatisfy { $0.known == nil || $1.known == nil || $0 == $1 }
    guard given.count == needed.count, agrees else {
      throw .invalid("The \(name) have the shape \(given); it must be \(needed).")
    }
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let weights = try context.input(1)
    let shape = try context.shape()
    var y = try shape.filled(with: 0.0)
    if y.isEmpty { return [try Tensor(floating: y, as: x.elementType, shape: shape)] }
    let taps = try DeformableTaps(
      geometry: try window.geometry(input: Array(x.shape[2...]), kernel: Array(weights.shape[2...])), offsetGroups: offsetGroup,
      channels: x.shape[1])
    let (values, w) = (try x.doubles(), try weights.doubles())
    let offsets = try context.input(2).doubles()
    let mask = try context.optional(4)?.doubles()
    let bias = try context.optional(3)?.doubles()
    let (filters, windows, rows) = (shape[1], taps.windows, taps.rows)
    let (filtersPerGroup, rowsPerGroup) = (filters / group, rows / group)
    var column = [Double](repeating: 0, count: rows)
    var pace = WorkPace(every: 1 << 15)
    for image in 0..<shape[0] {
      for window in 0..<windows {
        try pace.check(after: 1 + rows + filters * rowsPerGroup)
        taps.sample(values, image: image, window: window, offsets: offsets, mask: mask, into: &column)
        for filter in 0..<filters {
          var sum = bias?[filter] ?? 0
          let first = filter / filtersPerGroup * rowsPerGroup
          for row in 0..<rowsPerGroup { sum += w[filter * rowsPerGroup + row] * column[first + row] }
          y[(image * filters + filter) * windows + window] = sum
        }
      }
    }
    return [try Tensor(floating: y, as: x.elementType, shape: shape)]
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    convolutionProducts(weights: inputs.count > 1 ? inputs[1] : nil, result: outputs.first ?? nil)
  }
}
