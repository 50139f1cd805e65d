import OnyxGraph
import OnyxTensor

/// The greatest element of each window and where it stands. NaN counts as greatest; of equal elements the first is taken.
/// ONNX: MaxPool (1, 8, 10, 11, 12, 22).
package struct MaxPool: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "MaxPool", versions: [1, 8, 10, 11, 12, 22], inputs: [.required("X", "T")],
      outputs: [.required("Y", "T"), .optional("Indices", "I")], types: ["T": .floats.union([.int8, .uint8]), "I": [.int64]]), MaxPool.init)

  /// The windows.
  package let window: WindowAttributes
  /// Whether `Indices` counts each plane in column-major order.
  package let columnMajorIndices: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    window = try WindowAttributes(&attributes, isPool: true)
    let order = try attributes.int("storage_order", default: 0)
    guard order == 0 || order == 1 else { throw .invalid("The attribute 'storage_order' is \(order); it must be 0 or 1.") }
    columnMajorIndices = order == 1
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try poolShape(context, window)
    let results = [try context.tensor(0).resized(shape), Inferred(.int64, shape)]
    return Array(results.prefix(max(1, context.outputCount)))
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let shape = try context.shape()
    let geometry = try window.poolGeometry(input: x.shape)
    let values = try x.doubles()
    // A window without elements (all padding) gives the least value of the type and the index -1.
    var y = try shape.filled(with: x.elementType.leastNumber)
    var indices: [Int64] = try context.outputCount > 1 ? shape.filled(with: -1) : []
    let plane = x.shape[2...].reduce(1, *)
    let windows = y.isEmpty ? 0 : geometry.windowCount
    if windows > 0 {
      try geometry.forEachWindow { (window, _, taps) throws(OnyxError) in
        for channel in 0..<shape[0] * shape[1] {
          var best: Int?
          for tap in taps {
            let value = values[channel * plane + tap.input]
            if let best, !(value > values[channel * plane + best] || (value.isNaN && !values[channel * plane + best].isNaN)) { continue }
            best = tap.input
          }
          guard let best else { continue }
          y[channel * windows + window] = values[channel * plane + best]
          if context.outputCount > 1 {
            indices[channel * windows + window] = Int64(channel * plane + (columnMajorIndices ? columnMajor(best, x.shape) : best))
          }
        }
      }
    }
    let maxima = try Tensor(numbers: y, as: x.elementType, shape: shape)
    return context.outputCount > 1 ? [maxima, try Tensor(indices, shape: shape)] : [maxima]
  }

  /// The offset in a plane whose first spatial axis is the fastest.
  private func columnMajor(_ offset: Int, _ shape: Shape) -> Int {
    var rest = offset
    var result = 0
    for axis in (2..<shape.rank).reversed() {
      result += rest % shape[axis] * shape[2..<axis].reduce(1, *)
      rest /= shape[axis]
    }
    return result
  }
}

extension ElementType {
  /// The identity of "maximum".
  var leastNumber: Double {
    switch self {
    case .int8: -128
    case .uint8: 0
    default: -.infinity
    }
  }
}

extension Tensor {
  /// A tensor of a floating type or of an integer type of at most 32 bits from values that it holds exactly.
  init(numbers values: [Double], as type: ElementType, shape: Shape) throws(OnyxError) {
    self =
      type.isFloating
      ? try Tensor(floating: values, as: type, shape: shape) : try Tensor(integral: values.map { Int64($0) }, as: type, shape: shape)
  }
}
