import OnyxGraph
import OnyxTensor

/// The transpose of a convolution: each input element adds its weighted kernel to a window of the output.
/// ONNX: ConvTranspose (1, 11, 22).
package struct ConvTranspose: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "ConvTranspose", versions: [1, 11, 22], inputs: [.required("X", "T"), .required("W", "T"), .optional("B", "T")],
      outputs: [.required("Y", "T")], types: ["T": .floats]), ConvTranspose.init)

  /// The window that each input element is spread over.
  package let window: WindowAttributes
  /// Groups that channels and filters are divided into.
  package let group: Int
  /// nil is 0 in each axis.
  package let outputPadding: [Int]?
  /// The spatial extents of the output, when the node gives them: padding follows from them.
  package let outputShape: [Int]?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    window = try WindowAttributes(&attributes)
    group = try attributes.int("group", default: 1)
    let padding = try attributes.ints("output_padding") ?? []
    let shape = try attributes.ints("output_shape") ?? []
    outputPadding = padding.isEmpty ? nil : padding
    outputShape = shape.isEmpty ? nil : shape
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    guard group >= 1 else { throw .invalid("The attribute 'group' is \(group); it must be at least 1.") }
    let element = try context.elementType(0)
    guard let x = try context.shape(0), let w = try context.shape(1) else { return [Inferred(element, nil)] }
    guard x.count >= 3, w.count == x.count else {
      throw .invalid("The input has rank \(x.count) and the weights have rank \(w.count); they must be equal and at least 3.")
    }
    if let given = x[1].known, let needed = w[0].known, given != needed {
      throw .invalid("The input has \(given) channels and the weights have \(needed).")
    }
    if let channels = w[0].known ?? x[1].known, channels % group != 0 {
      throw .invalid("\(channels) channels cannot be shared between \(group) groups.")
    }
    let filters = try w[1] * Dimension(group)
    if let bias = context.optional(2)?.shape { try checkBias(bias, filters: filters) }
    try checkRank(x.count - 2)
    try window.checkKernel(Array(w[2...]))
    var sizes: [Dimension] = []
    for axis in 0..<x.count - 2 {
      if let kernel = window.kernelShape?[axis] ?? w[axis + 2].known {
        sizes.append(try outputSize(x[axis + 2], axis: axis, rank: x.count - 2, kernel: kernel))
      } else {
        sizes.append(outputShape.map { Dimension($0[axis]) } ?? context.unknown("spatial\(axis)"))
      }
    }
    return [Inferred(element, [x[0], filters] + sizes)]
  }

  private func checkRank(_ rank: Int) throws(OnyxError) {
    try window.checkRank(rank)
    for (name, values) in [("output_padding", outputPadding), ("output_shape", outputShape)] {
      guard let values else { continue }
      guard values.count == rank, values.allSatisfy({ $0 >= 0 }) else {
        throw .invalid("The attribute '\(name)' is \(values); it needs \(rank) values of at least 0.")
      }
    }
    for (axis, padding) in (outputPadding ?? []).enumerated() where padding >= max(window.stride(axis), window.dilation(axis)) {
      throw .invalid("The output padding \(padding) of spatial axis \(axis) must be less than the stride or the dilation.")
    }
  }

  /// stride · (input − 1) + output_padding + extent: the output before padding is cut off.
  private func fullSize(_ input: Dimension, axis: Int, kernel: Int) throws(OnyxError) -> Dimension {
    try Dimension(window.stride(axis)) * (input - 1) + Dimension(outputPadding?[axis] ?? 0) + window.extent(axis, kernel: kernel)
  }

  private func outputSize(_ input: Dimension, axis: Int, rank: Int, kernel: Int) throws(OnyxError) -> Dimension {
    let full = try fullSize(input, axis: axis, kernel: kernel)
    if let outputShape { return Dimension(outputShape[axis]) }
    if window.autoPad.isSame { return try input * Dimension(window.stride(axis)) }
    let pads = window.explicitPads(axis, rank: rank)
    let size = try full - Dimension(pads.before) - Dimension(pads.after)
    guard let known = size.known, known < 0 else { return size }
    guard input == 0 else {
      throw .invalid("The pads \(pads.before) and \(pads.after) of spatial axis \(axis) cut off more than the output has.")
    }
    return 0
  }

  /// The windows of the convolution that this is the transpose of: its input is our output, its windows are our input.
  package func geometry(input: [Int], kernel: [Int]) throws(OnyxError) -> WindowGeometry {
    try checkRank(input.count)
    var axes: [WindowGeometry.Axis] = []
    for (axis, size) in input.enumerated() {
      let output = try outputSize(Dimension(size), axis: axis, rank: input.count, kernel: kernel[axis]).known ?? 0
      var pads = window.explicitPads(axis, rank: input.count)
      if outputShape != nil || window.autoPad.isSame {
        let surplus = try fullSize(Dimension(size), axis: axis, kernel: kernel[axis]) - Dimension(output)
        pads = WindowAttributes.split(max(0, surplus.known ?? 0), window.autoPad)
      }
      axes.append(
        WindowGeometry.Axis(
          input: output, output: size, kernel: kernel[axis], stride: window.stride(axis), dilation: window.dilation(axis),
          padBefore: pads.before, padAfter: pads.after))
    }
    return WindowGeometry(axes: axes)
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let weights = try context.input(1)
    let shape = try context.shape()
    var y: [Double] = try shape.filled(with: 0)
    if y.isEmpty { return [try Tensor(floating: y, as: x.elementType, shape: shape)] }
    let geometry = try geometry(input: Array(x.shape[2...]), kernel: Array(weights.shape[2...]))
    let windows = geometry.windowCount
    let kernel = geometry.axes.reduce(1) { $0 * $1.kernel }
    let plane = shape[2...].reduce(1, *)
    let (channels, filters) = (x.shape[1], shape[1])
    let (channelsPerGroup, filtersPerGroup) = (channels / group, filters / group)
    if let bias = try context.optional(2)?.doubles() {
      try y.indices.forEachPortion { for index in $0 { y[index] = bias[index / plane % filters] } }
    }
    if x.elementCount == 0 { return [try Tensor(floating: y, as: x.elementType, shape: shape)] }
    let (values, w) = (try x.doubles(), try weights.doubles())
    var pace = WorkPace(every: 1 << 16)
    try geometry.forEachWindow { (window, _, taps) throws(OnyxError) in
      for image in 0..<shape[0] {
        for channel in 0..<channels {
          try pace.check(after: 1 + filtersPerGroup * taps.count)
          let value = values[(image * channels + channel) * windows + window]
          let firstFilter = channel / channelsPerGroup * filtersPerGroup
          for filter in 0..<filtersPerGroup {
            let target = (image * filters + firstFilter + filter) * plane
            let source = (channel * filtersPerGroup + filter) * kernel
            for tap in taps { y[target + tap.input].add(value, times: w[source + tap.kernel]) }
          }
        }
      }
    }
    return [try Tensor(floating: y, as: x.elementType, shape: shape)]
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    convolutionProducts(weights: inputs.count > 1 ? inputs[1] : nil, result: inputs.first ?? nil)
  }
}
