import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Where Resize finds its elements, whose scale is a ratio of sizes or a number.
struct ResizeScaleTests {
  private static func nearest(
    _ count: Int, _ scale: Double? = nil, _ size: Int64? = nil, _ coordinates: String = "asymmetric", _ rounding: String = "floor",
    gives elements: [Double], note: String
  ) -> OperatorCase {
    OperatorCase(
      "Resize",
      [f32((0..<count).map(Double.init)), nil, scale.map { f32([$0]) }, size.map { i64([$0]) }],
      ["coordinate_transformation_mode": .text(coordinates), "nearest_mode": .text(rounding)], gives: f32(elements), note: note)
  }

  /// PyTorch 2.15 (`interpolate`, mode nearest, by size and by factor), and ONNX Runtime 1.32 where factors are no ratios.
  static let nearestRows: [OperatorCase] = [
    nearest(14, nil, 18, gives: [0, 0, 1, 2, 3, 3, 4, 5, 6, 7, 7, 8, 9, 10, 10, 11, 12, 13], note: "PyTorch"),
    nearest(14, 18.0 / 14, gives: [0, 0, 1, 2, 3, 3, 4, 5, 6, 7, 7, 8, 9, 10, 10, 11, 12, 13], note: "PyTorch"),
    nearest(21, 1.0 / 3, gives: [0, 3, 6, 9, 12, 15, 18], note: "PyTorch"),
    nearest(10, 1.6, gives: [0, 0, 1, 1, 2, 3, 3, 4, 5, 5, 6, 6, 7, 8, 8, 9], note: "PyTorch"),
    nearest(9, 4.0 / 3, gives: [0, 0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8], note: "PyTorch"),
    nearest(14, 1.0 / 7, gives: [0, 7], note: "PyTorch"), nearest(6, 1.0 / 3, gives: [0, 3], note: "PyTorch"),
    nearest(
      49, 20.0 / 49, gives: [0, 2, 4, 7, 9, 12, 14, 17, 19, 22, 24, 26, 29, 31, 34, 36, 39, 41, 44, 46], note: "PyTorch"),
    nearest(21, 1.0 / 3, nil, "half_pixel", gives: [1, 4, 7, 10, 13, 16, 19], note: "PyTorch, nearest-exact"),
    nearest(34, 0.3, gives: [0, 3, 6, 10, 13, 16, 20, 23, 26, 29], note: "ONNX Runtime"),
    nearest(34, 0.3, nil, "half_pixel", gives: [1, 4, 7, 11, 14, 17, 21, 24, 27, 31], note: "ONNX Runtime"),
    nearest(
      34, 0.3, nil, "half_pixel_symmetric", gives: [1, 4, 8, 11, 14, 18, 21, 24, 28, 31], note: "ONNX Runtime"),
    nearest(7, 1.3, nil, "asymmetric", "ceil", gives: [0, 1, 2, 3, 4, 4, 5, 6, 6], note: "ONNX Runtime"),
    nearest(7, 1.3, nil, "pytorch_half_pixel", "round_prefer_floor", gives: [0, 1, 1, 2, 3, 4, 4, 5, 6], note: "ONNX Runtime"),
    nearest(9, 1.7, gives: [0, 0, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 7, 7, 8], note: "ONNX Runtime"),
    nearest(9, 1.7, nil, "half_pixel", "ceil", gives: [0, 1, 1, 2, 3, 3, 4, 4, 5, 6, 6, 7, 7, 8, 8], note: "ONNX Runtime"),
    nearest(10, 1.4, nil, "asymmetric", "ceil", gives: [0, 1, 2, 3, 3, 4, 5, 5, 6, 7, 8, 8, 9, 9], note: "ONNX Runtime"),
  ]

  @Test(arguments: nearestRows) func findsTheNearest(_ row: OperatorCase) throws { try row.run() }

  private static let values = f32([1, 5, 2, 8, 3, 7])

  private static func interpolated(
    _ mode: String, _ scale: Double?, size: Int64? = nil, _ coordinates: String, _ more: [String: Attribute] = [:],
    gives elements: [Double], note: String
  ) -> OperatorCase {
    OperatorCase(
      "Resize", [values, nil, scale.map { f32([$0]) }, size.map { i64([$0]) }],
      ["mode": .text(mode), "coordinate_transformation_mode": .text(coordinates)].merging(more) { $1 }, gives: f32(elements),
      tolerance: 2e-6, note: note)
  }

  static let interpolatedRows: [OperatorCase] = [
    interpolated("linear", 1.3, "align_corners", gives: [1, 4.333333, 3, 5, 6.333334, 3.666666, 7], note: "PyTorch"),
    interpolated("cubic", 1.3, "align_corners", gives: [1, 4.6863427, 2.4999995, 5.1875, 6.870372, 3.1400485, 7], note: "PyTorch"),
    interpolated(
      "linear", 1.3, "half_pixel", gives: [1, 3.6153846, 3.7307692, 3.1538463, 7.7692313, 4.346154, 5], note: "PyTorch"),
    interpolated(
      "cubic", 1.3, "half_pixel", gives: [0.72912014, 4.017993, 3.7166882, 2.8402092, 7.9505854, 4.039685, 4.53125], note: "PyTorch"),
    interpolated(
      "linear", 1.3, "half_pixel_symmetric", gives: [1.7692306, 4.846154, 2.807692, 5, 6.653846, 3.1538467, 6.230771],
      note: "ONNX Runtime"),
    interpolated(
      "cubic", 1.3, "asymmetric", gives: [1, 4.4797454, 3.1121995, 3.6372309, 7.969045, 3.4162486, 5.174781], note: "ONNX Runtime"),
    interpolated(
      "linear", nil, size: 4, "half_pixel", ["antialias": .int(1), "exclude_outside": .int(1)], gives: [2.5, 3.6666667, 5.6666665, 5.5],
      note: "PyTorch, antialias"),
    interpolated(
      "cubic", nil, size: 4, "half_pixel", ["antialias": .int(1), "exclude_outside": .int(1), "cubic_coeff_a": .float(-0.5)],
      gives: [2.475727, 3.6370597, 5.7779484, 5.427185], note: "PyTorch, antialias"),
  ]

  @Test(arguments: interpolatedRows) func interpolates(_ row: OperatorCase) throws { try row.run() }

  /// Each element of each pair of sizes against whole numbers: floor(i · n / m), and round((i + ½) · n / m − ½), halves down.
  @Test func ratiosOfSizesAreExact() throws {
    for (count, size) in (1...40).flatMap({ count in (1...60).map { (count, $0) } }) {
      let x = f32((0..<count).map(Double.init))
      for isFactor in [false, true] {
        let scale = Float(size) / Float(count)
        guard !isFactor || Int(Float(count) * scale) == size else { continue }
        let given: [Tensor?] = isFactor ? [x, nil, try Tensor([scale], shape: [1])] : [x, nil, nil, i64([Int64(size)])]
        let down = try result(given, ["coordinate_transformation_mode": .text("asymmetric"), "nearest_mode": .text("floor")])
        let round = try result(given, [:])
        for i in 0..<size {
          #expect(down[i] == min(i * count / size, count - 1), "\(count) to \(size), element \(i)")
          // ⌈(2i + 1) n / 2m − 1⌉, a half of the quotient being rounded down.
          #expect(
            round[i] == max(0, min(((2 * i + 1) * count + 2 * size - 1) / (2 * size) - 1, count - 1)), "\(count) to \(size), element \(i)")
        }
      }
    }
  }

  private func result(_ inputs: [Tensor?], _ attributes: [String: Attribute]) throws -> [Int] {
    let node = Node(
      op: OperatorName("Resize"), opset: Catalog.newestOpset, inputs: inputs.indices.map { inputs[$0] == nil ? nil : ValueID($0) },
      outputs: [ValueID(9)], attributes: attributes)
    let op = try Catalog.makeTensorOperator(node)
    let types = try op.infer(InferenceContext(inputs: inputs.map { $0.map { Inferred(constant: $0) } }, outputCount: 1)).map(\.type)
    return try op.evaluate(EvaluationContext(inputs: inputs, outputs: types))[0].doubles().map { Int($0) }
  }

  @Test func keptAspectsAreWholeNumbers() throws {
    // 3 · 5 / 3 and 7 · 5 / 3 = 11⅔; 15 / 7 of 3 = 6 3/7.
    for (policy, sizes) in [("not_larger", [Int64(5), 12]), ("not_smaller", [6, 15])] {
      let x = f32((0..<21).map(Double.init), [3, 7])
      let y = try evaluate(
        "Resize", [x, nil, nil, i64([5, 15])],
        attributes: ["keep_aspect_ratio_policy": .text(policy)])[0]
      #expect(y.shape.map { Int64($0) } == sizes)
    }
  }
}
