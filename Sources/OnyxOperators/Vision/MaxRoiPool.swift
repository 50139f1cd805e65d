import OnyxGraph
import OnyxTensor

/// The greatest element of each bin of each region of interest, on whole elements. ONNX: MaxRoiPool (1, 22).
/// Girshick, "Fast R-CNN" (2015).
///
/// Corners are scaled and rounded, halves away from 0; both belong to the region. A bin without elements gives 0, NaN counts as greatest.
package struct MaxRoiPool: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "MaxRoiPool", versions: [1, 22], inputs: [.required("X", "T"), .required("rois", "T")], outputs: [.required("Y", "T")],
      types: ["T": .floats]), MaxRoiPool.init)

  /// Bins of each region: height, width.
  package let pooledShape: [Int]
  /// From coordinates of the regions to elements of the input.
  package let spatialScale: Float

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    pooledShape = try attributes.required("pooled_shape", try attributes.ints("pooled_shape"))
    spatialScale = try attributes.float("spatial_scale", default: 1)
    try checkSpatialScale(spatialScale)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    guard pooledShape.count == 2, pooledShape.allSatisfy({ $0 >= 1 }) else {
      throw .invalid("The attribute 'pooled_shape' is \(pooledShape); it must be two numbers of at least 1.")
    }
    let x = try context.tensor(0)
    let rois = try context.shape(1)
    try checkRegions(x.shape, rois, width: 5)
    let lead = [rois?[0] ?? context.unknown("regions"), x.shape?[1] ?? context.unknown("channels")]
    return [x.resized(try (lead + pooledShape.map { Dimension($0) }).checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let regions = try context.input(1).doubles()
    let shape = try context.shape()
    let values = try x.doubles()
    var y = try shape.filled(with: 0.0)
    if y.isEmpty { return [try Tensor(floating: y, as: x.elementType, shape: shape)] }
    let isDouble = x.elementType == .float64
    let (channels, plane, bins) = (x.shape[1], x.shape[2] * x.shape[3], pooledShape[0] * pooledShape[1])
    var pace = WorkPace(every: 1 << 10)
    for region in 0..<shape[0] {
      let numbers = regions[region * 5..<region * 5 + 5].map { $0 }
      guard let image = Int(exactly: numbers[0].rounded(.towardZero)), image >= 0, image < x.shape[0] else {
        throw .invalid("The batch index \(numbers[0]) is outside 0 ..< \(x.shape[0]).")
      }
      guard numbers.allSatisfy(\.isFinite) else { throw .invalid("Region \(region) has a corner that is not finite.") }
      let (rows, columns) = isDouble ? ranges(numbers, x.shape) : ranges(numbers.map { Float($0) }, x.shape)
      for channel in 0..<channels {
        try pace.check(after: 1 + bins)
        let source = (image * channels + channel) * plane
        var target = (region * channels + channel) * bins
        for row in rows {
          for column in columns {
            y[target] = Self.greatest(values, source, x.shape[3], row, column)
            target += 1
          }
        }
      }
    }
    return [try Tensor(floating: y, as: x.elementType, shape: shape)]
  }

  /// The elements of each bin of the region [image, x, y, x, y] along both axes.
  private func ranges<Number: BinaryFloatingPoint>(_ region: [Number], _ shape: Shape) -> (rows: [Range<Int>], columns: [Range<Int>]) {
    let corners = region.map { ($0 * Number(spatialScale)).rounded(.toNearestOrAwayFromZero) }
    return (
      Self.bins(corners[2], corners[4], count: pooledShape[0], extent: shape[2]),
      Self.bins(corners[1], corners[3], count: pooledShape[1], extent: shape[3])
    )
  }

  /// The elements of `count` bins between two elements of an axis. Bins overlap where they share an element.
  package static func bins<Number: BinaryFloatingPoint>(_ start: Number, _ end: Number, count: Int, extent: Int) -> [Range<Int>] {
    let size = max(end - start + 1, 1) / Number(count)
    let limit = 0...extent
    return (0..<count).map { index in
      let first = Int(clamping: Double((Number(index) * size).rounded(.down) + start), to: limit)
      return first..<max(first, Int(clamping: Double((Number(index + 1) * size).rounded(.up) + start), to: limit))
    }
  }

  /// The greatest element of a rectangle of the plane that begins at `plane`; 0 when it is empty.
  package static func greatest(_ values: [Double], _ plane: Int, _ width: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Double {
    if rows.isEmpty || columns.isEmpty { return 0 }
    var result = -Double.infinity
    for row in rows {
      for index in plane + row * width + columns.lowerBound..<plane + row * width + columns.upperBound {
        let value = values[index]
        if value > result || value.isNaN { result = value }
        if value.isNaN { return value }
      }
    }
    return result
  }
}
