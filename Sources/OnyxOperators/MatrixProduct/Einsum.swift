import OnyxGraph
import OnyxTensor

/// Sums of products of elements whose axes the equation names. ONNX: Einsum (12, 28).
///
/// An axis of size 1 broadcasts against a larger one of the same name, as under an ellipsis. Ellipsis axes that the result
/// does not have are summed.
package struct Einsum: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Einsum", versions: [12, 28], inputs: [.variadic("Inputs", "T")], outputs: [.required("Output", "T")], types: ["T": .numbers]),
    Einsum.init)

  /// The axes of the operands and of the result.
  package let equation: EinsumEquation

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    equation = try EinsumEquation(try attributes.required("equation", try attributes.text("equation")))
  }

  /// Products that one contraction may need; a longer one would not end in sensible time.
  package static let largestProductCount = 1 << 38

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    guard let shapes = context.allShapes() else { return [Inferred(element, nil)] }
    let labels = try equation.labels(ranks: shapes.map(\.count))
    let sizes = try Self.sizes(labels.operands, shapes, context)
    var result: [Dimension] = []
    for label in labels.result { result.append(sizes[label] ?? 1) }
    return [Inferred(element, result)]
  }

  /// The size of every label.
  private static func sizes(
    _ labels: [[EinsumEquation.Label]], _ shapes: [[Dimension]], _ context: InferenceContext
  ) throws(OnyxError) -> [EinsumEquation.Label: Dimension] {
    var sizes: [EinsumEquation.Label: Dimension] = [:]
    for (label, size) in zip(labels.joined(), shapes.joined()) {
      sizes[label] = try context.broadcast([[sizes[label] ?? 1], [size]])[0]
    }
    return sizes
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let shape = try context.shape()
    let type = try context.input(0).elementType
    return [try type.isFloating ? contract(context.given, type, shape, Double.self) : contract(context.given, type, shape, Int64.self)]
  }

  private func contract<T: WideNumber>(_ tensors: [Tensor], _ type: ElementType, _ shape: Shape, _ wide: T.Type) throws(OnyxError) -> Tensor
  {
    let labels = try equation.labels(ranks: tensors.map(\.shape.rank))
    var operands: [EinsumOperand<T>] = []
    for (tensor, names) in zip(tensors, labels.operands) {
      operands.append(EinsumOperand(labels: names, shape: tensor.shape, values: try T.elements(of: tensor)))
    }
    var sizes: [EinsumEquation.Label: Int] = [:]
    for operand in operands {
      for (label, size) in zip(operand.labels, operand.shape) where sizes[label, default: 1] == 1 { sizes[label] = size }
    }
    // Operands are joined in pairs from the left; a label is summed as soon as nothing later has it.
    var joined = operands[0]
    for next in 1..<max(2, operands.count) {
      let needed = Set(labels.result).union(operands.dropFirst(next + 1).flatMap(\.labels))
      let pair = operands.indices.contains(next) ? [joined, operands[next]] : [joined]
      let isLast = next + 1 >= operands.count
      let kept = isLast ? labels.result : Self.distinct(pair.flatMap(\.labels)).filter { needed.contains($0) }
      joined = try EinsumOperand(product: pair, over: kept, sizes: sizes)
    }
    return try T.tensor(joined.values, as: type, shape: shape)
  }

  private static func distinct(_ labels: [EinsumEquation.Label]) -> [EinsumEquation.Label] {
    var seen: Set<EinsumEquation.Label> = []
    return labels.filter { seen.insert($0).inserted }
  }

  /// Known for one and two operands: the product of all sizes.
  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    let shapes = inputs.compactMap { $0?.shape }
    guard shapes.count == inputs.count, shapes.count <= 2, let labels = try? equation.labels(ranks: shapes.map(\.count)) else { return nil }
    guard let sizes = try? Self.sizes(labels.operands, shapes, InferenceContext(inputs: [], outputCount: 1)) else { return nil }
    return try? Array(sizes.values).product()
  }
}

/// A tensor with named axes.
struct EinsumOperand<T: WideNumber> {
  let labels: [EinsumEquation.Label]
  let shape: Shape
  let values: [T]

  init(labels: [EinsumEquation.Label], shape: Shape, values: [T]) {
    self.labels = labels
    self.shape = shape
    self.values = values
  }

  /// The products of one or two operands' elements, summed over the labels that are not kept.
  init(product operands: [EinsumOperand], over kept: [EinsumEquation.Label], sizes: [EinsumEquation.Label: Int]) throws(OnyxError) {
    let summed = Set(operands.flatMap(\.labels)).subtracting(kept)
    let axes = kept + summed
    let extents = axes.map { sizes[$0] ?? 1 }
    var steps = 1
    for extent in extents {
      let (product, overflow) = steps.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= Einsum.largestProductCount else {
        throw .budget("The equation needs more than \(Einsum.largestProductCount) products.", remedy: "Split it into smaller equations.")
      }
      steps = product
    }
    let result = try Shape(kept.map { sizes[$0] ?? 1 })
    var sums = try result.filled(with: T.zero)
    let strides = operands.map { operand in axes.map { operand.stride($0) } }
    if steps == 0 {
      self.init(labels: kept, shape: result, values: sums)
      return
    }
    let inner = extents[kept.count...].reduce(1, *)
    var position = [Int](repeating: 0, count: axes.count)
    var offsets = [Int](repeating: 0, count: operands.count)
    var pace = WorkPace(every: 1 << 15)
    for step in 0..<steps {
      try pace.check()
      let (first, second) = (operands[0].values[offsets[0]], operands.count > 1 ? operands[1].values[offsets[1]] : T.one)
      sums[step / inner].add(first, times: second)
      for axis in axes.indices.reversed() {
        position[axis] += 1
        for index in operands.indices { offsets[index] += strides[index][axis] }
        if position[axis] < extents[axis] { break }
        for index in operands.indices { offsets[index] -= position[axis] * strides[index][axis] }
        position[axis] = 0
      }
    }
    self.init(labels: kept, shape: result, values: sums)
  }

  /// How far one step along a label moves: along all axes that it names (a diagonal), not along broadcast ones.
  private func stride(_ label: EinsumEquation.Label) -> Int {
    var sum = 0
    for ((name, size), stride) in zip(zip(labels, shape), shape.strides) where name == label && size != 1 { sum += stride }
    return sum
  }
}
