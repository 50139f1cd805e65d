import OnyxGraph
import OnyxTensor

/// The boxes with the best scores that do not overlap one another too much, for each batch and class.
/// ONNX: NonMaxSuppression (10, 11).
///
/// Boxes are taken by falling score, of equal scores the lower index first, NaN last. A score must be greater than the threshold: the
/// standard's text removes only lesser ones, but its reference evaluator and ONNX Runtime remove equal ones too. Overlaps are computed in
/// `Float`, as ONNX Runtime does, since boxes are kept or dropped by comparing them with a threshold.
package struct NonMaxSuppression: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "NonMaxSuppression", versions: [10, 11],
      inputs: [
        .required("boxes", "float32"), .required("scores", "float32"), .optional("max_output_boxes_per_class", "int64"),
        .optional("iou_threshold", "float32"), .optional("score_threshold", "float32"),
      ], outputs: [.required("selected_indices", "int64")], types: [:]), NonMaxSuppression.init)

  /// Whether a box is given as centre and size [x, y, width, height], not as two corners [y, x, y, x].
  package let boxesAreCentered: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    boxesAreCentered = try attributes.flag("center_point_box", default: false)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let boxes = try context.shape(0)
    let scores = try context.shape(1)
    for (name, shape) in [("boxes", boxes), ("scores", scores)] {
      guard let shape, shape.count != 3 else { continue }
      throw .invalid("The input '\(name)' has rank \(shape.count); it must have rank 3.")
    }
    if let boxes { try requireEqual(boxes[2], 4, "A box has four coordinates") }
    if let boxes, let scores {
      try requireEqual(boxes[0], scores[0], "Boxes and scores differ in the number of batches")
      try requireEqual(boxes[1], scores[2], "Boxes and scores differ in the number of boxes")
    }
    for index in 2..<5 where context.has(index) {
      guard let count = try context.shape(index)?.product().known, count != 1 else { continue }
      throw Self.noSingleNumber(index)
    }
    return [Inferred(.int64, [context.unknown("selected"), 3])]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let boxes = try context.input(0)
    let scores = try context.input(1)
    let most = try context.optional(2)?.ints()
    if let most, most.count != 1 { throw Self.noSingleNumber(2) }
    let overlap = try Self.threshold(context, 3)
    if let overlap, !(overlap >= 0 && overlap <= 1) { throw .invalid("The input 'iou_threshold' is \(overlap); it must be in 0 … 1.") }
    let least = try Self.threshold(context, 4)
    let coordinates = try boxes.elements(as: Float.self)
    let values = try scores.elements(as: Float.self)
    let (batches, classes, count) = (scores.shape[0], scores.shape[1], scores.shape[2])
    var selected: [Int64] = []
    if count == 0 || classes == 0 { return [try Tensor(selected, shape: [0, 3])] }
    for batch in 0..<batches {
      let planes = BoxPlanes(coordinates[batch * count * 4..<(batch + 1) * count * 4], areCentered: boxesAreCentered)
      for group in 0..<classes {
        let first = (batch * classes + group) * count
        let kept = planes.suppressed(values[first..<first + count], most: most?[0] ?? 0, overlap: overlap ?? 0, scoresAbove: least)
        for box in kept { selected += [Int64(batch), Int64(group), Int64(box)] }
      }
    }
    return [try Tensor(selected, shape: try Shape([selected.count / 3, 3]))]
  }

  private static func threshold(_ context: EvaluationContext, _ index: Int) throws(OnyxError) -> Float? {
    guard let values = try context.optional(index)?.elements(as: Float.self) else { return nil }
    guard values.count == 1 else { throw noSingleNumber(index) }
    return values[0]
  }

  private static func noSingleNumber(_ index: Int) -> OnyxError {
    .invalid("The input '\(definition.signature.inputs[index].name)' must hold one number.")
  }
}

/// The corners and areas of the boxes of one batch, coordinate by coordinate.
package struct BoxPlanes: Sendable {
  /// The lesser and the greater coordinate of each box along both axes.
  package private(set) var left: [Float] = []
  package private(set) var right: [Float] = []
  package private(set) var top: [Float] = []
  package private(set) var bottom: [Float] = []
  /// The area of each box; boxes whose area is not positive overlap nothing.
  package private(set) var area: [Float] = []

  /// Four coordinates for each box: [y, x, y, x] of any two opposite corners, or [x, y, width, height] of the centre and the size.
  package init(_ coordinates: ArraySlice<Float>, areCentered: Bool) {
    for box in stride(from: coordinates.startIndex, to: coordinates.endIndex, by: 4) {
      let (a, b, c, d) = (coordinates[box], coordinates[box + 1], coordinates[box + 2], coordinates[box + 3])
      if areCentered {
        left.append(a - c / 2)
        right.append(a + c / 2)
        top.append(b - d / 2)
        bottom.append(b + d / 2)
      } else {
        left.append(min(b, d))
        right.append(max(b, d))
        top.append(min(a, c))
        bottom.append(max(a, c))
      }
      let last = area.count
      area.append((right[last] - left[last]) * (bottom[last] - top[last]))
    }
  }

  /// The kept boxes in the order in which they were taken, at most `most` of them (none when it is not positive).
  ///
  /// A box is a candidate when its score is greater than `scoresAbove` (nil: each one is), and is dropped when the area it shares with a
  /// kept one, divided by the area that both cover, is greater than `overlap`.
  /// Complexity: O(n · log n + n · kept) for n boxes.
  package func suppressed(_ scores: ArraySlice<Float>, most: Int, overlap: Float, scoresAbove least: Float?) -> [Int] {
    let scores = Array(scores)
    var candidates = Array(scores.indices)
    if let least { candidates = candidates.filter { scores[$0] > least } }
    candidates.sort { a, b in
      let (x, y) = (scores[a], scores[b])
      if x.isNaN || y.isNaN { return x.isNaN == y.isNaN ? a < b : y.isNaN }
      return x > y || (x == y && a < b)
    }
    var kept: [Int] = []
    for candidate in candidates {
      if kept.count >= most { break }
      if !kept.contains(where: { overlaps(candidate, $0, overlap) }) { kept.append(candidate) }
    }
    return kept
  }

  private func overlaps(_ a: Int, _ b: Int, _ threshold: Float) -> Bool {
    let width = min(right[a], right[b]) - max(left[a], left[b])
    let height = min(bottom[a], bottom[b]) - max(top[a], top[b])
    guard width > 0, height > 0, area[a] > 0, area[b] > 0 else { return false }
    let shared = width * height
    let both = area[a] + area[b] - shared
    return shared > 0 && both > 0 && shared / both > threshold
  }
}
