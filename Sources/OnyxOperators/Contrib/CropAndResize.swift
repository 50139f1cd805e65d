import OnyxGraph
import OnyxTensor

/// Boxes cut out of images and resized to one size, corners aligned. ONNX Runtime: com.microsoft.CropAndResize (1).
///
/// A box is [y1, x1, y2, x2] with 0 and 1 at the centres of the first and the last pixel; a side of one pixel samples the middle of the
/// box. Samples outside the image have the attribute `extrapolation_value`.
package struct CropAndResize: TensorOperator {
  /// The attribute `mode`.
  package enum Mode: String, CaseIterable, Sendable { case bilinear, nearest }

  static let definition = OperatorDefinition(
    Signature(
      "CropAndResize", domain: "com.microsoft", versions: [1],
      inputs: [.required("X", "T1"), .required("rois", "T1"), .required("batch_indices", "T2"), .required("crop_size", "T2")],
      outputs: [.required("Y", "T1")], types: ["T1": [.float16, .float32, .float64], "T2": [.int32]]), CropAndResize.init)

  package let mode: Mode
  /// The value outside the image.
  package let extrapolation: Float

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    mode = try attributes.choice("mode", default: .bilinear)
    extrapolation = try attributes.float("extrapolation_value", default: 0)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.tensor(0)
    let (images, boxes, indices) = (try context.shape(0), try context.shape(1), try context.shape(2))
    if let images, images.count != 4 { throw .invalid("The images have rank \(images.count); they must be [N, C, H, W].") }
    if let boxes, boxes.count != 2 || (boxes[1].known ?? 4) != 4 { throw .invalid("The boxes of shape \(boxes) must be [boxes, 4].") }
    if let indices, indices.count != 1 { throw .invalid("The batch indices have rank \(indices.count); they must be a vector.") }
    if let size = try context.shape(3), size.count != 1 || (size[0].known ?? 2) != 2 {
      throw .invalid("The crop size of shape \(size) must have two elements.")
    }
    if let boxes, let indices { try requireEqual(boxes[0], indices[0], "Boxes and batch indices differ in number") }
    let sides = try context.input(3).dimensions ?? [context.unknown("height"), context.unknown("width")]
    for side in sides {
      if let side = side.known, side < 1 { throw .invalid("A crop size is \(side); it must be at least 1.") }
    }
    let count = boxes?[0] ?? indices?[0] ?? context.unknown("boxes")
    return [x.resized([count, images?[1] ?? context.unknown("channels")] + sides)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let shape = try context.shape()
    let (boxes, indices) = (try context.input(1).doubles(), try context.input(2).ints())
    guard indices.allSatisfy({ (0..<x.shape[0]).contains($0) }) else {
      throw .invalid("A batch index is outside 0 ..< \(x.shape[0]).")
    }
    let (channels, height, width) = (x.shape[1], x.shape[2], x.shape[3])
    let values = try x.doubles()
    var y = try shape.filled(with: Double(extrapolation))
    if y.isEmpty { return [try Tensor(floating: y, as: x.elementType, shape: shape)] }
    var target = 0
    for (box, image) in indices.enumerated() {
      let rows = positions(from: boxes[4 * box], to: boxes[4 * box + 2], extent: height, count: shape[2])
      let columns = positions(from: boxes[4 * box + 1], to: boxes[4 * box + 3], extent: width, count: shape[3])
      for channel in 0..<channels {
        let plane = (image * channels + channel) * height * width
        for row in rows {
          for column in columns {
            if let row, let column {
              let top = mix(values, plane + row.low * width, column)
              y[target] = row.weight == 0 ? top : top + (mix(values, plane + row.high * width, column) - top) * row.weight
            }
            target += 1
          }
        }
      }
    }
    return [try Tensor(floating: y, as: x.elementType, shape: shape)]
  }

  /// Between which two pixels a sample lies.
  private struct Position {
    let low: Int
    let high: Int
    let weight: Double
  }

  private func mix(_ values: [Double], _ row: Int, _ column: Position) -> Double {
    let left = values[row + column.low]
    return column.weight == 0 ? left : left + (values[row + column.high] - left) * column.weight
  }

  /// nil where a sample lies outside.
  private func positions(from start: Double, to end: Double, extent: Int, count: Int) -> [Position?] {
    let last = Double(extent - 1)
    let step = count > 1 ? (end - start) * last / Double(count - 1) : 0
    return (0..<count).map { index in
      let place = count > 1 ? start * last + Double(index) * step : 0.5 * (start + end) * last
      guard place >= 0, place <= last else { return nil }
      if mode == .nearest {
        let nearest = Int(place.rounded(.toNearestOrAwayFromZero))
        return Position(low: nearest, high: nearest, weight: 0)
      }
      let low = place.rounded(.down)
      return Position(low: Int(low), high: Int(place.rounded(.up)), weight: place - low)
    }
  }
}
