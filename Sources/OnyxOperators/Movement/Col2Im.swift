import OnyxGraph
import OnyxTensor

/// Adds column blocks up into an image: each column is one block, overlaps are summed. ONNX: Col2Im (18).
package struct Col2Im: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Col2Im", versions: [18], inputs: [.required("input", "T"), .required("image_shape", "int64"), .required("block_shape", "int64")],
      outputs: [.required("output", "T")], types: ["T": .unpacked]), Col2Im.init)

  /// Distance of blocks in each spatial axis; nil is 1.
  package let strides: [Int]?
  /// Distance of the elements of a block; nil is 1.
  package let dilations: [Int]?
  /// Beginnings of all spatial axes, then ends; nil is 0.
  package let pads: [Int]?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    strides = try attributes.ints("strides")
    dilations = try attributes.ints("dilations")
    pads = try attributes.ints("pads")
  }

  /// One spatial axis of the image.
  package struct Axis {
    let image: Int
    let block: Int
    let stride: Int
    let dilation: Int
    let padding: Int
    /// Number of blocks side by side.
    let count: Int

    /// The image coordinate of element `element` of block `index`; nil in the padding.
    func coordinate(_ index: Int, _ element: Int) -> Int? {
      let position = index * stride - padding + element * dilation
      return position >= 0 && position < image ? position : nil
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    let input = try context.shape(0)
    if let input, input.count != 3 { throw .invalid("The input has rank \(input.count); it must have rank 3.") }
    let blockRank = try context.length(2, "block_shape")
    guard let rank = try context.length(1, "image_shape") else { return [Inferred(element, nil)] }
    if let blocks = blockRank, blocks != rank { throw .invalid("The image has \(rank) axes, the block has \(blocks).") }
    guard let image = try context.elements(1), let block = try context.elements(2), let input else {
      return [Inferred(element, context.unknowns(rank + 2))]
    }
    let channels = try DepthToSpace.quotient(input[1], by: try positive(block).product())
    if let known = image.allKnown, let size = block.allKnown {
      let axes = try self.axes(image: known, block: size)
      try requireEqual(input[2], try axes.map { Dimension($0.count) }.product(), "The number of columns is not the number of blocks")
    }
    return [Inferred(element, try ([input[0], channels] + image).checked())]
  }

  private func positive(_ block: [Dimension]) throws(OnyxError) -> [Dimension] {
    for extent in block {
      if let extent = extent.known, extent < 1 { throw .invalid("The block shape \(block) has an extent below 1.") }
    }
    return block
  }

  /// Throws when attributes have a wrong length or range, or no block fits. Sums are checked for overflow.
  private func axes(image: [Int], block: [Int]) throws(OnyxError) -> [Axis] {
    let rank = image.count
    let strides = strides ?? image.map { _ in 1 }
    let dilations = dilations ?? image.map { _ in 1 }
    let pads = pads ?? (image + image).map { _ in 0 }
    guard strides.count == rank, dilations.count == rank, pads.count == 2 * rank else {
      throw .invalid("The attributes 'strides', 'dilations' and 'pads' must have \(rank), \(rank) and \(2 * rank) entries.")
    }
    guard strides.allSatisfy({ $0 >= 1 }), dilations.allSatisfy({ $0 >= 1 }), pads.allSatisfy({ $0 >= 0 }) else {
      throw .invalid("Strides and dilations of Col2Im must be at least 1, and pads at least 0.")
    }
    var axes: [Axis] = []
    for axis in 0..<rank {
      let padded = try Dimension(image[axis]) + Dimension(pads[axis]) + Dimension(pads[rank + axis])
      let room = try padded - (Dimension(dilations[axis]) * Dimension(block[axis] - 1)) - 1
      guard let room = room.known, room >= 0, image[axis] >= 0 else {
        throw .invalid("A block of Col2Im is larger than the padded image in axis \(axis).")
      }
      axes.append(
        Axis(
          image: image[axis], block: block[axis], stride: strides[axis], dilation: dilations[axis], padding: pads[axis],
          count: room / strides[axis] + 1))
    }
    return axes
  }

  /// The blocks as windows over the image. Throws as the shape rule does.
  package func geometry(image: [Int], block: [Int]) throws(OnyxError) -> WindowGeometry {
    WindowGeometry(
      axes: try axes(image: image, block: block).map {
        WindowGeometry.Axis(
          input: $0.image, output: $0.count, kernel: $0.block, stride: $0.stride, dilation: $0.dilation, padBefore: $0.padding, padAfter: 0)
      })
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let input = try context.input(0)
    let shape = try context.shape()
    let zeros = try Tensor.blank(input.elementType).filling(shape)
    guard input.elementCount > 0, shape.elementCount > 0 else { return [zeros] }
    let axes = try axes(image: Array(shape.dropFirst(2)), block: try context.input(2).ints())
    // Element (image, k1·l1, k2·l2, …) of the blocks, k inside a block and l between them, and its place in both tensors.
    let pairs = try Shape([shape[0] * shape[1]] + axes.map { $0.block * $0.count })
    let blockStrides = try Shape(axes.map(\.block)).strides.map { $0 * input.shape[2] }
    let countStrides = try Shape(axes.map(\.count)).strides
    let imageStrides = shape.strides
    let sources = try IndexMap.sums(pairs) { axis, pair in
      if axis == 0 { return pair * (input.elementCount / pairs[0]) }
      let count = axes[axis - 1].count
      return pair / count * blockStrides[axis - 1] + pair % count * countStrides[axis - 1]
    }
    let targets = try IndexMap.sums(pairs) { axis, pair in
      if axis == 0 { return pair * (shape.elementCount / pairs[0]) }
      let geometry = axes[axis - 1]
      return geometry.coordinate(pair % geometry.count, pair / geometry.count).map { $0 * imageStrides[axis + 1] }
    }
    let kept = targets.indices.filter { targets[$0] >= 0 }
    let updates = try input.gathering(kept.map { sources[$0] }, shape: try Shape([kept.count]))
    return [try ScatterReduction.add.apply(updates, to: zeros, at: kept.map { targets[$0] })]
  }
}
