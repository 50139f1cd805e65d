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
    let limits = try Limits(most: most.map { Int64($0[0]) }, overlap: Self.threshold(context, 3), least: Self.threshold(context, 4))
    let (batches, classes, count) = (scores.shape[0], scores.shape[1], scores.shape[2])
    if count == 0 || classes == 0 { return [try Tensor([Int64](), shape: [0, 3])] }
    guard let boxCount = UInt32(exactly: count) else { throw .budget("\(count) boxes are too many.") }
    let selected = try boxes.withElements(of: Float.self) { (coordinates) throws(OnyxError) in
      try scores.withElements(of: Float.self) { (values) throws(OnyxError) in
        var pace = WorkPace(every: 1 << 16)
        var selected: [Int64] = []
        if limits.most <= 0 { return selected }
        for batch in 0..<batches {
          for group in 0..<classes {
            try pace.check(after: count)
            var queue = ScoreQueue(values, from: (batch * classes + group) * count, count: boxCount, above: limits.least)
            var kept = KeptBoxes()
            while kept.indices.count < limits.most, let box = queue.next() {
              try pace.check(after: 16 + kept.indices.count)
              kept.add(box, Box(coordinates, at: (batch * count + box) * 4, isCentered: boxesAreCentered), overlap: limits.overlap)
            }
            for box in kept.indices { selected += [Int64(batch), Int64(group), Int64(box)] }
          }
        }
        return selected
      }
    }
    return [try Tensor(selected, shape: try Shape([selected.count / 3, 3]))]
  }

  /// What the inputs behind the scores say.
  package struct Limits: Sendable {
    /// Boxes that a class selects at most, of each batch.
    package let most: Int64
    /// What a box may overlap one that is taken by: the shared area over that of both.
    package let overlap: Float
    /// What a score must be greater than; nil when all scores are candidates, NaN too.
    package let least: Float?

    /// nil stands for an omitted input. Throws `invalid` for an overlap out of 0 … 1.
    package init(most: Int64?, overlap: Float?, least: Float?) throws(OnyxError) {
      if let overlap, !(overlap >= 0 && overlap <= 1) { throw .invalid("The input 'iou_threshold' is \(overlap); it must be in 0 … 1.") }
      (self.most, self.overlap, self.least) = (most ?? 0, overlap ?? 0, least)
    }
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
