import OnyxGraph
import OnyxTensor
import Testing

/// Operators in forms of their own. Expected numbers: ONNX Runtime 1.32.0, CPU, unless a case says otherwise.
struct ContribEarlyFormTests {
  @Test(arguments: cases) func givesTheNumbersOfONNXRuntime(_ test: ContribCase) throws { try test.run() }

  static let cases: [ContribCase] = [
    ContribCase(
      "ExpandDims", [numbers(.float32, [-0.25, -1, -0.75, -0.375, 0.125, 0.75], [2, 3]), numbers(.int32, [-1], [])], [:],
      gives: [numbers(.float32, [-0.25, -1, -0.75, -0.375, 0.125, 0.75], [2, 3, 1])]),
    ContribCase(
      "Range", [numbers(.float32, [1], []), numbers(.float32, [3], []), numbers(.float32, [0.5], [])], [:],
      gives: [numbers(.float32, [1, 1.5, 2, 2.5], [4])]),
    ContribCase(
      "Range", [numbers(.int64, [2], [1]), numbers(.int64, [5], [1])], [:],
      gives: [numbers(.int64, [2, 3, 4], [3])]),
    ContribCase(
      "Pad",
      [numbers(.float32, [-0.875, -1, 0.375, -0.5], [2, 2]), numbers(.int64, [0, 1, 1, 0], [1, 4]), numbers(.float32, [2], [1])], [:],
      gives: [numbers(.float32, [2, -0.875, -1, 2, 0.375, -0.5, 2, 2, 2], [3, 3])]),
    ContribCase(
      "Pad", [numbers(.float32, [0.625, 0.125, 0.875, -0.125, -0.125, 0.625], [2, 3]), numbers(.int64, [0, 1, 0, 1], [4])],
      ["mode": .text("reflect")],
      gives: [numbers(.float32, [0.125, 0.625, 0.125, 0.875, 0.125, -0.125, -0.125, -0.125, 0.625, -0.125], [2, 5])]),
    ContribCase(
      "GatherND", [numbers(.float32, [-0.875, -0.625, 0.875, -0.75, 0.75, 0.375], [2, 3]), numbers(.int32, [1, 2, 0, 0], [2, 2])], [:],
      gives: [numbers(.float32, [0.375, -0.875], [2])]),
    ContribCase(
      "GridSample",
      [
        numbers(.float32, [1, -0.5, 0.25, -1, 0.375, -1, -0.25, -0.375, -0.625], [1, 1, 3, 3]),
        numbers(.float32, [0.125, -0.5, -0.875, 0.5, -0.625, -0.375, -0.375, 0.375], [1, 2, 2, 2]),
      ], ["mode": .text("bilinear"), "padding_mode": .text("border")],
      gives: [numbers(.float32, [-0.24023438, -0.4375, 0.10986328, -0.34570312], [1, 1, 2, 2])]),
    ContribCase(
      "Unique", [numbers(.float32, [2, 1, 1, 3, 2], [5])], [:],
      gives: [numbers(.float32, [2, 1, 3], [3]), numbers(.int64, [0, 1, 1, 2, 0], [5]), numbers(.int64, [2, 2, 1], [3])]),
    ContribCase(
      "CDist",
      [
        numbers(.float32, [0.5, 0, -0.875, -0.125, 0.375, 1], [2, 3]),
        numbers(.float32, [1, -0.75, -0.5, 0, -0.5, -0.75, -0.625, 0.875, 0.5], [3, 3]),
      ], ["metric": .text("euclidean")],
      gives: [numbers(.float32, [0.9762812, 0.7180703, 1.9803724, 2.186607, 1.9605484, 0.8660254], [2, 3])]),
    ContribCase(
      "CDist", [numbers(.float32, [0, 0.125, -0.375, 0.125, -0.75, -0.875], [2, 3]), numbers(.float32, [0.25, 0.125, -0.25], [1, 3])],
      ["metric": .text("sqeuclidean")],
      gives: [numbers(.float32, [0.078125, 1.171875], [2, 1])]),
    ContribCase(
      "BiasAdd",
      [
        numbers(.float32, [-0.125, -0.75, 0.75, -1], [1, 2, 2]), numbers(.float32, [0, -0.25], [2]),
        numbers(.float32, [0.625, 0.125, -0.625, 0], [1, 2, 2]),
      ], [:],
      gives: [numbers(.float32, [0.5, -0.875, 0.125, -1.25], [1, 2, 2])], note: "by hand: no CPU kernel"),
  ]
}
