import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// Expected: ONNX Runtime 1.32.
struct NonMaxSuppressionTests {
  /// One run: inputs, attributes and the selected [batch, class, box].
  struct Selection: Sendable, CustomTestStringConvertible {
    let inputs: [Tensor?]
    var centered = false
    let expected: [[Int64]]
    let note: String
    var testDescription: String { note }
  }

  @Test(arguments: selections) func selects(_ test: Selection) throws {
    let results = try evaluate(
      "NonMaxSuppression", test.inputs, attributes: test.centered ? ["center_point_box": .int(1)] : [:], dataDependent: true)
    expectClose(results[0], i64(test.expected.flatMap { $0 }, [test.expected.count, 3]), test.note)
  }

  /// Six boxes in two stacks of three, and one that lies apart, as corners [y, x, y, x].
  static let boxes = f32(
    [0, 0, 4, 4, 0, 1, 4, 5, 0, -1, 4, 3, 0, 10, 4, 14, 0, 11, 4, 15, 0, 9, 4, 13, 0, 100, 4, 104], [1, 7, 4])
  static let scores = f32([0.875, 0.75, 0.5, 0.9375, 0.5, 0.25, 0.25], [1, 1, 7])
  static let half = f32([0.5])

  static let selections: [Selection] = [
    Selection(inputs: [boxes, scores, i64([9]), half, f32([0])], expected: [[0, 0, 3], [0, 0, 0], [0, 0, 6]], note: "stacks"),
    Selection(inputs: [boxes, scores, i64([2]), half], expected: [[0, 0, 3], [0, 0, 0]], note: "at most two"),
    Selection(
      inputs: [boxes, scores, i64([9]), half, f32([0.25])], expected: [[0, 0, 3], [0, 0, 0]], note: "a score equal to the threshold"),
    Selection(inputs: [boxes, scores, i64([9]), f32([0.59])], expected: [[0, 0, 3], [0, 0, 0], [0, 0, 6]], note: "overlaps of 3 in 5"),
    Selection(
      inputs: [boxes, scores, i64([9]), f32([0.6])],
      expected: [[0, 0, 3], [0, 0, 0], [0, 0, 1], [0, 0, 2], [0, 0, 4], [0, 0, 5], [0, 0, 6]],
      note: "overlaps equal to the threshold; equal scores by index"),
    Selection(inputs: [boxes, scores, i64([1], [])], expected: [[0, 0, 3]], note: "a scalar, and no threshold"),
    Selection(inputs: [boxes, scores], expected: [], note: "none asked for"),
    Selection(inputs: [boxes, scores, i64([-3])], expected: [], note: "a negative number asked for"),
    Selection(
      inputs: [f32([2, 2, 4, 4, 3, 2, 4, 4, 9, 2, 2, 2], [1, 3, 4]), f32([0.5, 0.75, 0.25], [1, 1, 3]), i64([9]), half], centered: true,
      expected: [[0, 0, 1], [0, 0, 2]], note: "centred"),
    Selection(
      inputs: [f32([4, 4, 0, 0, 0, 5, 4, 1], [1, 2, 4]), f32([0.5, 0.75], [1, 1, 2]), i64([9]), half], expected: [[0, 0, 1]],
      note: "corners exchanged"),
    Selection(
      inputs: [
        f32([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 5, 5, 6, 6], [2, 2, 4]), f32([0.5, 0.75, 0.25, 0.125, 0.5, 0.75, 0.25, 0.5], [2, 2, 2]),
        i64([9]), half,
      ], expected: [[0, 0, 1], [0, 1, 0], [1, 0, 1], [1, 0, 0], [1, 1, 1], [1, 1, 0]], note: "two batches of two classes"),
    Selection(
      inputs: [f32([0, 0, 0, 4, 0, 0, 0, 4], [1, 2, 4]), f32([0.5, 0.75], [1, 1, 2]), i64([9]), half], expected: [[0, 0, 1], [0, 0, 0]],
      note: "boxes without an area"),
    Selection(
      inputs: [f32([0, 0, 1, 1, 2, 2, 3, 3], [1, 2, 4]), f32([.nan, -1], [1, 1, 2]), i64([9])], expected: [[0, 0, 1], [0, 0, 0]],
      note: "NaN comes last"),
    Selection(
      inputs: [f32([0, 0, 1, 1, 2, 2, 3, 3], [1, 2, 4]), f32([.nan, .infinity], [1, 1, 2]), i64([9]), half, f32([-1])],
      expected: [[0, 0, 1]], note: "NaN is not above a threshold"),
    Selection(inputs: [f32([], [1, 0, 4]), f32([], [1, 2, 0]), i64([9])], expected: [], note: "no boxes"),
    Selection(inputs: [f32([], [0, 2, 4]), f32([], [0, 2, 2]), i64([9])], expected: [], note: "no batches"),
  ]

  /// Every pair compared, in the order of the scores: many boxes and classes, ties, thresholds at which many or few are left.
  @Test(arguments: [(Float(0), Float(-1)), (0.3, 0.2), (0.5, 0.9), (0.9, -1), (1, 0)]) func equalsThePairwiseForm(
    _ overlap: Float, _ least: Float
  ) throws {
    var generator = SeededGenerator(seed: 7)
    func next() -> Float { Float.random(in: 0...1, using: &generator) }
    for (classes, count, most) in [(1, 300, 300), (3, 77, 20), (2, 9, 100)] {
      let corners = (0..<count).flatMap { _ in [next(), next(), next(), next()] }
      let scores = (0..<classes * count).map { _ in (next() * 50).rounded() / 50 * (next() < 0.1 ? -1 : 1) }
      var expected: [Int64] = []
      for group in 0..<classes {
        let values = Array(scores[group * count..<(group + 1) * count])
        let kept = Self.pairwise(corners, values, most: most, overlap: overlap, least: least)
        for box in kept { expected += [0, Int64(group), Int64(box)] }
      }
      let numbers = [corners, scores, [overlap], [least]].map { $0.map { Double($0) } }
      let inputs = [
        f32(numbers[0], [1, count, 4]), f32(numbers[1], [1, classes, count]), i64([Int64(most)]), f32(numbers[2]), f32(numbers[3]),
      ]
      let result = try evaluate("NonMaxSuppression", inputs, dataDependent: true)[0]
      #expect(try result.integers() == expected, "\(count) boxes")
    }
  }

  private static func pairwise(_ corners: [Float], _ scores: [Float], most: Int, overlap: Float, least: Float) -> [Int] {
    func span(_ box: Int, _ axis: Int) -> ClosedRange<Float> {
      let (a, b) = (corners[4 * box + axis], corners[4 * box + axis + 2])
      return min(a, b)...max(a, b)
    }
    func length(_ span: ClosedRange<Float>) -> Float { span.upperBound - span.lowerBound }
    func area(_ box: Int) -> Float { length(span(box, 1)) * length(span(box, 0)) }
    func quotient(_ a: Int, _ b: Int) -> Float {
      guard span(a, 0).overlaps(span(b, 0)), span(a, 1).overlaps(span(b, 1)) else { return 0 }
      let shared = length(span(a, 1).clamped(to: span(b, 1))) * length(span(a, 0).clamped(to: span(b, 0)))
      return shared / (area(a) + area(b) - shared)
    }
    let order = scores.indices.filter { scores[$0] > least }.sorted { (scores[$1], $0) < (scores[$0], $1) }
    var kept: [Int] = []
    for box in order where kept.count < most && !kept.contains(where: { quotient(box, $0) > overlap }) { kept.append(box) }
    return kept
  }

  /// What a class costs follows its boxes: many classes of one box each are few boxes.
  @Test func manyClassesOfOneBox() throws {
    let count = 100_000
    let scores = try Tensor((0..<count).map { $0 % 1000 == 0 ? Float(1) : -1 }, shape: [1, count, 1])
    let clock = ContinuousClock()
    let start = clock.now
    let inputs: [Tensor?] = [f32([0, 0, 1, 1], [1, 1, 4]), scores, i64([1]), nil, f32([0])]
    let result = try evaluate("NonMaxSuppression", inputs, dataDependent: true)[0]
    #expect(clock.now - start < .seconds(4) * Sanitizer.patience)
    #expect(result.shape == [100, 3])
  }

  /// Scores in all ranges come in the order of a sort.
  @Test func takesByFallingScore() throws {
    var generator = SeededGenerator(seed: 3)
    let special: [Float] = [
      .infinity, -.infinity, .nan, 0, -0.0, .greatestFiniteMagnitude, -.leastNonzeroMagnitude, .leastNonzeroMagnitude, -5,
    ]
    for (count, isWild) in [(1, false), (15, true), (700, false), (2500, true), (2500, false)] {
      let range: ClosedRange<Float> = isWild ? -1e6...1e6 : 0...1
      var scores: [Float] = []
      for index in 0..<count {
        let isSpecial = isWild && index % 3 == 0
        scores.append(isSpecial ? special[index / 3 % special.count] : Float.random(in: range, using: &generator))
      }
      // Boxes that do not overlap, so that all are taken.
      var boxes: [Float] = []
      for index in 0..<count { boxes += [Float(2 * index), 0, Float(2 * index + 1), 1] }
      let inputs: [Tensor?] = [
        try Tensor(boxes, shape: [1, count, 4]), try Tensor(scores, shape: [1, 1, count]), i64([Int64(count)]), f32([0.5]),
      ]
      let found = try evaluate("NonMaxSuppression", inputs, dataDependent: true)[0].ints()
      let expected = (0..<count).sorted { (a: Int, b: Int) -> Bool in
        let (first, second) = (scores[a], scores[b])
        if first.isNaN || second.isNaN { return first.isNaN == second.isNaN ? a < b : second.isNaN }
        return first == second ? a < b : first > second
      }
      let order = stride(from: 2, to: found.count, by: 3).map { found[$0] }
      #expect(order == expected, "\(count) boxes")
    }
  }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let refused: [FailureCase] = [
    FailureCase("NonMaxSuppression", [f32([0, 0, 1, 1], [1, 4]), scores], says: "'boxes' has rank 2"),
    FailureCase("NonMaxSuppression", [boxes, f32([1])], says: "'scores' has rank 1"),
    FailureCase("NonMaxSuppression", [f32([0, 0, 1], [1, 1, 3]), f32([1], [1, 1, 1])], says: "four coordinates"),
    FailureCase("NonMaxSuppression", [boxes, f32([1], [1, 1, 1])], says: "number of boxes"),
    FailureCase("NonMaxSuppression", [boxes, ramp(.float32, [2, 1, 7])], says: "number of batches"),
    FailureCase("NonMaxSuppression", [boxes, scores, i64([1, 2])], says: "'max_output_boxes_per_class' must hold one number"),
    FailureCase("NonMaxSuppression", [boxes, scores, i64([1]), f32([])], says: "'iou_threshold' must hold one number"),
    FailureCase("NonMaxSuppression", [boxes, scores, i64([1]), f32([1.5])], says: "must be in 0 … 1"),
    FailureCase("NonMaxSuppression", [boxes, scores, i64([1]), f32([.nan])], says: "must be in 0 … 1"),
  ]

  /// The product of declared extents may be past every number.
  @Test func hugeThresholdsAreRefused() {
    let huge = ValueType.tensor(.int64, shape: [4_294_967_296, 4_294_967_296])
    #expect(throws: OnyxError.self) {
      try inferredType("NonMaxSuppression", [.tensor(.float32, shape: nil), .tensor(.float32, shape: nil), huge])
    }
  }

  static let rules: [RuleCase] = [
    RuleCase("NonMaxSuppression", [symbolic(.float32, ["n", "b", 4]), symbolic(.float32, ["n", 80, "b"])], gives: "int64[t.selected,3]"),
    RuleCase("NonMaxSuppression", [symbolic(.float32, nil), symbolic(.float32, nil)], gives: "int64[t.selected,3]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }
}
