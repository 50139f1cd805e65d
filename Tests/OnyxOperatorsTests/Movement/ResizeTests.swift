import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Resize. Expected elements: the ONNX reference evaluator 1.23.2.
struct ResizeTests {
  static let values: [OperatorCase] = [
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("half_pixel")],
      gives: f32([1, 3, 4.5, 2.5, 5, 7.1666665, 3.8333333, 5, 7]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.6])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("half_pixel")],
      gives: f32([2.3333333, 2.0000002, 4.6666675]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("half_pixel")],
      gives: f32([2, 2.75, 6.75, 6]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("half_pixel_symmetric")],
      gives: f32([1, 3, 4.5, 2.5, 5, 7.1666665, 3.8333333, 5, 7]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.6])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("half_pixel_symmetric")], gives: f32([4.3333335, 5, 3.6666665]),
      tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("half_pixel_symmetric")], gives: f32([2, 2.75, 6.75, 6]),
      tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("pytorch_half_pixel")],
      gives: f32([1, 3, 4.5, 2.5, 5, 7.1666665, 3.8333333, 5, 7]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.6])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("pytorch_half_pixel")],
      gives: f32([2.3333333, 2.0000002, 4.6666675]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("pytorch_half_pixel")], gives: f32([2, 2.75, 6.75, 6]),
      tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("align_corners")],
      gives: f32([1, 3.5, 4.25, 2.375, 5, 7.375, 4.25, 4.5, 7]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.6])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("align_corners")],
      gives: f32([1, 5, 7]), tolerance: 1e-5, note: "PyTorch 2.15: the length is 3, not 3.6"),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("align_corners")],
      gives: f32([1, 3, 6.3333335, 7]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("asymmetric")],
      gives: f32([1, 3.6666667, 4, 2, 6, 6.3333335, 3, 5.6666665, 7]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.6])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("asymmetric")],
      gives: f32([1, 3.0000002, 6.333334]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("asymmetric")],
      gives: f32([1, 3.5, 8, 5]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("half_pixel")],
      gives: f32([0.6527781, 3.28125, 4.8125033, 1.979167, 5.1875, 7.733799, 3.4745378, 4.53125, 7.347225]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.6])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("half_pixel")],
      gives: f32([2.425927, 2.000002, 4.462962]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("half_pixel")],
      gives: f32([2.0117188, 2.1875, 7.359375, 5.9179688]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("half_pixel_symmetric")],
      gives: f32([0.6527781, 3.28125, 4.8125033, 1.979167, 5.1875, 7.733799, 3.4745378, 4.53125, 7.347225]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.6])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("half_pixel_symmetric")], gives: f32([4.686343, 5.1875, 3.140049]),
      tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("half_pixel_symmetric")],
      gives: f32([2.0117188, 2.1875, 7.359375, 5.9179688]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("pytorch_half_pixel")],
      gives: f32([0.6527781, 3.28125, 4.8125033, 1.979167, 5.1875, 7.733799, 3.4745378, 4.53125, 7.347225]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.6])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("pytorch_half_pixel")],
      gives: f32([2.425927, 2.000002, 4.462962]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("pytorch_half_pixel")],
      gives: f32([2.0117188, 2.1875, 7.359375, 5.9179688]),
      tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("align_corners")],
      gives: f32([1, 3.8881836, 4.53125, 1.9238281, 5.1875, 7.8671875, 3.921875, 3.8920898, 7]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.6])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("align_corners")],
      gives: f32([1, 5.1875, 7]), tolerance: 1e-5, note: "PyTorch 2.15: the length is 3, not 3.6"),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("align_corners")],
      gives: f32([1, 2.4999995, 6.8703685, 7]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("asymmetric")],
      gives: f32([1, 4.074074, 4.1666646, 2, 6.4999986, 6.8703685, 3, 5.4629607, 7.4444427]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.6])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("asymmetric")],
      gives: f32([1, 2.4999995, 6.870374]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("asymmetric")],
      gives: f32([1, 3.3125, 8, 4.53125]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("round_prefer_floor"), "coordinate_transformation_mode": .text("half_pixel")],
      gives: f32([1, 1, 5, 2, 2, 8, 3, 3, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("round_prefer_floor"), "coordinate_transformation_mode": .text("half_pixel")], gives: f32([1, 2, 8, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("round_prefer_floor"), "coordinate_transformation_mode": .text("half_pixel_symmetric")],
      gives: f32([1, 1, 5, 2, 2, 8, 3, 3, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("round_prefer_floor"), "coordinate_transformation_mode": .text("half_pixel_symmetric")],
      gives: f32([1, 2, 8, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("round_prefer_floor"), "coordinate_transformation_mode": .text("pytorch_half_pixel")],
      gives: f32([1, 1, 5, 2, 2, 8, 3, 3, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("round_prefer_floor"), "coordinate_transformation_mode": .text("pytorch_half_pixel")],
      gives: f32([1, 2, 8, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("round_prefer_floor"), "coordinate_transformation_mode": .text("align_corners")],
      gives: f32([1, 5, 5, 2, 2, 8, 3, 3, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("round_prefer_floor"), "coordinate_transformation_mode": .text("align_corners")], gives: f32([1, 2, 8, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("round_prefer_floor"), "coordinate_transformation_mode": .text("asymmetric")],
      gives: f32([1, 5, 5, 2, 8, 8, 3, 7, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("round_prefer_floor"), "coordinate_transformation_mode": .text("asymmetric")], gives: f32([1, 5, 8, 3])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("round_prefer_ceil"), "coordinate_transformation_mode": .text("half_pixel")],
      gives: f32([1, 5, 5, 2, 8, 8, 3, 7, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("round_prefer_ceil"), "coordinate_transformation_mode": .text("half_pixel")], gives: f32([1, 2, 8, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("round_prefer_ceil"), "coordinate_transformation_mode": .text("half_pixel_symmetric")],
      gives: f32([1, 5, 5, 2, 8, 8, 3, 7, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("round_prefer_ceil"), "coordinate_transformation_mode": .text("half_pixel_symmetric")],
      gives: f32([1, 2, 8, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("round_prefer_ceil"), "coordinate_transformation_mode": .text("pytorch_half_pixel")],
      gives: f32([1, 5, 5, 2, 8, 8, 3, 7, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("round_prefer_ceil"), "coordinate_transformation_mode": .text("pytorch_half_pixel")],
      gives: f32([1, 2, 8, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("round_prefer_ceil"), "coordinate_transformation_mode": .text("align_corners")],
      gives: f32([1, 5, 5, 2, 8, 8, 3, 3, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("round_prefer_ceil"), "coordinate_transformation_mode": .text("align_corners")], gives: f32([1, 2, 8, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("round_prefer_ceil"), "coordinate_transformation_mode": .text("asymmetric")],
      gives: f32([1, 5, 5, 2, 8, 8, 3, 7, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("round_prefer_ceil"), "coordinate_transformation_mode": .text("asymmetric")], gives: f32([1, 2, 8, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("floor"), "coordinate_transformation_mode": .text("half_pixel")],
      gives: f32([1, 1, 5, 5, 2, 8, 8, 3, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("floor"), "coordinate_transformation_mode": .text("half_pixel")], gives: f32([1, 5, 8, 3])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("floor"), "coordinate_transformation_mode": .text("half_pixel_symmetric")],
      gives: f32([1, 1, 5, 5, 2, 8, 8, 3, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("floor"), "coordinate_transformation_mode": .text("half_pixel_symmetric")], gives: f32([1, 5, 8, 3])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("floor"), "coordinate_transformation_mode": .text("pytorch_half_pixel")],
      gives: f32([1, 1, 5, 5, 2, 8, 8, 3, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("floor"), "coordinate_transformation_mode": .text("pytorch_half_pixel")], gives: f32([1, 5, 8, 3])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("floor"), "coordinate_transformation_mode": .text("align_corners")], gives: f32([1, 1, 5, 5, 2, 8, 8, 3, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("floor"), "coordinate_transformation_mode": .text("align_corners")], gives: f32([1, 5, 8, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("floor"), "coordinate_transformation_mode": .text("asymmetric")],
      gives: f32([1, 1, 5, 2, 2, 8, 3, 3, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("floor"), "coordinate_transformation_mode": .text("asymmetric")], gives: f32([1, 5, 8, 3])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("ceil"), "coordinate_transformation_mode": .text("half_pixel")],
      gives: f32([1, 5, 2, 2, 8, 3, 3, 7, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("ceil"), "coordinate_transformation_mode": .text("half_pixel")], gives: f32([5, 2, 3, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("ceil"), "coordinate_transformation_mode": .text("half_pixel_symmetric")],
      gives: f32([1, 5, 2, 2, 8, 3, 3, 7, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("ceil"), "coordinate_transformation_mode": .text("half_pixel_symmetric")], gives: f32([5, 2, 3, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("ceil"), "coordinate_transformation_mode": .text("pytorch_half_pixel")],
      gives: f32([1, 5, 2, 2, 8, 3, 3, 7, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("ceil"), "coordinate_transformation_mode": .text("pytorch_half_pixel")], gives: f32([5, 2, 3, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("ceil"), "coordinate_transformation_mode": .text("align_corners")], gives: f32([1, 5, 2, 2, 8, 3, 3, 7, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("ceil"), "coordinate_transformation_mode": .text("align_corners")], gives: f32([1, 2, 3, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])],
      ["nearest_mode": .text("ceil"), "coordinate_transformation_mode": .text("asymmetric")],
      gives: f32([1, 5, 2, 2, 8, 3, 3, 7, 7])),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, nil, i64([4])],
      ["nearest_mode": .text("ceil"), "coordinate_transformation_mode": .text("asymmetric")], gives: f32([1, 2, 8, 7])),
    OperatorCase(
      "Resize", [f32([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]), nil, f32([1, 1, 2, 2])], ["mode": .text("linear")],
      gives: f32(
        [
          1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4, 2, 2.25, 2.75, 3.25, 3.75, 4.25, 4.75, 5, 4, 4.25, 4.75, 5.25, 5.75, 6.25, 6.75, 7, 5,
          5.25, 5.75,
          6.25, 6.75, 7.25, 7.75, 8,
        ], [1, 1, 4, 8]), tolerance: 1e-5, note: "bilinear"),
    OperatorCase(
      "Resize", [f32([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]), nil, f32([1, 1, 2, 0.75])], ["mode": .text("cubic")],
      gives: f32(
        [0.70428354, 2.078125, 3.4519682, 2.0324092, 3.40625, 4.7800937, 4.21991, 5.59375, 6.9675946, 5.5480356, 6.921875, 8.29572],
        [1, 1, 4, 3]),
      tolerance: 1e-5, note: "bicubic"),
    OperatorCase(
      "Resize", [f64([0, 1, 2, 3, 4, 5, 6, 7], [2, 2, 2]), nil, nil, i64([3, 3, 1])], ["mode": .text("linear")],
      gives: f64([0.5, 1.5, 2.5, 2.5, 3.5, 4.5, 4.5, 5.5, 6.5], [3, 3, 1]), tolerance: 1e-12, note: "trilinear"),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([2])], ["mode": .text("cubic"), "cubic_coeff_a": .float(-0.5)],
      gives: f32([0.71875, 1.8828125, 4.3984375, 4.53125, 2.28125, 3.125, 7.0625, 7.3125, 3.875, 3.4609375, 6.0703125, 7.28125]),
      tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.5])], ["mode": .text("cubic"), "exclude_outside": .int(1)],
      gives: f32([0.5945944, 3.0857143, 4.8125014, 1.9791663, 5.1875, 7.733796, 3.4745364, 4.742857, 7.4054055]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.6])], ["mode": .text("linear"), "antialias": .int(1)], gives: f32([2.5, 4, 5.375]),
      tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.35])], ["mode": .text("linear"), "antialias": .int(1)],
      gives: f32([3.2434783, 5.2807016]),
      tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.7])], ["mode": .text("linear"), "antialias": .int(1)],
      gives: f32([1, 2.5294116, 4.882353, 3.3235295, 2.8823526, 6.411764, 6.3823533, 3.4411771, 4.9999995, 7]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.4])], ["mode": .text("linear"), "antialias": .int(1), "exclude_outside": .int(1)],
      gives: f32([3.1818182, 5.16]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.6])], ["mode": .text("cubic"), "antialias": .int(1)],
      gives: f32([2.4313235, 4.4071455, 5.3036146]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.35])], ["mode": .text("cubic"), "antialias": .int(1)],
      gives: f32([3.064975, 5.501806]),
      tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([1.7])], ["mode": .text("cubic"), "antialias": .int(1)],
      gives: f32([0.6104985, 2.6770117, 4.9715595, 3.0081031, 2.5779948, 6.9699144, 6.932719, 3.170251, 4.531249, 7.2200527]),
      tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.4])], ["mode": .text("cubic"), "antialias": .int(1), "exclude_outside": .int(1)],
      gives: f32([2.9811556, 5.216356]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), f32([0.2, 0.9]), nil, i64([4])],
      ["mode": .text("nearest"), "coordinate_transformation_mode": .text("tf_crop_and_resize")], gives: f32([5, 2, 8, 3]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), f32([-0.4, 1.3]), nil, i64([5])],
      ["mode": .text("nearest"), "coordinate_transformation_mode": .text("tf_crop_and_resize"), "extrapolation_value": .float(10.0)],
      gives: f32([10, 1, 2, 3, 10]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), f32([0.2, 0.9]), nil, i64([4])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("tf_crop_and_resize")], gives: f32([5, 2.9999998, 6.3333335, 5]),
      tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), f32([-0.4, 1.3]), nil, i64([5])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("tf_crop_and_resize"), "extrapolation_value": .float(10.0)],
      gives: f32([10, 1.4999996, 3.499999, 4.499999, 10]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), f32([0.2, 0.9]), nil, i64([4])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("tf_crop_and_resize")],
      gives: f32([5, 2.687501, 6.8703737, 4.5312495]),
      tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), f32([-0.4, 1.3]), nil, i64([5])],
      ["mode": .text("cubic"), "coordinate_transformation_mode": .text("tf_crop_and_resize"), "extrapolation_value": .float(10.0)],
      gives: f32([10, 1.4487314, 3.2187471, 3.892087, 10]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 5, 2, 8, 3, 7]), f64([0.2, 0.9]), nil, i64([1])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("tf_crop_and_resize")], gives: f32([6.5]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]), f32([0.4, 0.6, 0.6, 0.8]), nil, i64([3, 3])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("tf_crop_and_resize"), "axes": .ints([2, 3])],
      gives: f32([4.4, 4.7000003, 5, 4.8, 5.1, 5.4, 5.2000003, 5.5, 5.8], [1, 1, 3, 3]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]), f32([0.6, 0.4, 0.8, 0.6]), nil, i64([3, 3])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("tf_crop_and_resize"), "axes": .ints([3, 2])],
      gives: f32([4.4, 4.7000003, 5, 4.8, 5.1, 5.4, 5.2000003, 5.5, 5.8], [1, 1, 3, 3]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]), nil, f32([2, 0.5])], ["axes": .ints([-1, 2])],
      gives: f32([1, 1, 2, 2, 3, 3, 4, 4], [1, 1, 1, 8])),
    OperatorCase(
      "Resize", [f32([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]), nil, nil, i64([3, 3])],
      ["mode": .text("nearest"), "axes": .ints([2, 3]), "keep_aspect_ratio_policy": .text("not_larger")],
      gives: f32([1, 2, 4, 5, 6, 8], [1, 1, 2, 3]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]), nil, nil, i64([3, 3])],
      ["mode": .text("linear"), "axes": .ints([2, 3]), "keep_aspect_ratio_policy": .text("not_larger")],
      gives: f32([1.8333334, 3.1666667, 4.5, 5.1666665, 6.5, 7.8333335], [1, 1, 2, 3]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]), nil, nil, i64([3, 3])],
      ["mode": .text("cubic"), "axes": .ints([2, 3]), "keep_aspect_ratio_policy": .text("not_larger")],
      gives: f32([1.7002354, 3.074077, 4.4479213, 5.5011606, 6.875, 8.248845], [1, 1, 2, 3]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]), nil, nil, i64([3, 3])],
      ["mode": .text("nearest"), "axes": .ints([2, 3]), "keep_aspect_ratio_policy": .text("not_smaller")],
      gives: f32([1, 1, 2, 3, 3, 4, 1, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8], [1, 1, 3, 6]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]), nil, nil, i64([3, 3])],
      ["mode": .text("linear"), "axes": .ints([2, 3]), "keep_aspect_ratio_policy": .text("not_smaller")],
      gives: f32(
        [1, 1.5, 2.1666667, 2.8333333, 3.5, 4, 3, 3.5, 4.1666665, 4.8333335, 5.5, 6, 5, 5.5, 6.1666665, 6.8333335, 7.5, 8], [1, 1, 3, 6]),
      tolerance: 1e-5),
    OperatorCase(
      "Resize", [f32([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]), nil, nil, i64([3, 3])],
      ["mode": .text("cubic"), "axes": .ints([2, 3]), "keep_aspect_ratio_policy": .text("not_smaller")],
      gives: f32(
        [
          0.56597275, 1.0590283, 1.8657432, 2.439816, 3.246529, 3.7395866, 2.9131956, 3.40625, 4.2129655, 4.7870383, 5.59375, 6.086808,
          5.260421,
          5.7534747, 6.5601916, 7.1342645, 7.9409757, 8.434034,
        ], [1, 1, 3, 6]), tolerance: 1e-5),
    OperatorCase(
      "Resize", [ints(.int8, [0, 100, 50, 120], [1, 4]), nil, f32([1, 1.6])], ["mode": .text("cubic")],
      gives: ints(.int8, [-9, 47, 101, 62, 65, 116], [1, 6])),
    OperatorCase(
      "Resize", [ints(.uint8, [0, 100, 50, 120], [1, 4]), nil, f32([1, 1.6])], ["mode": .text("cubic")],
      gives: ints(.uint8, [0, 47, 101, 62, 65, 116], [1, 6])),
    OperatorCase(
      "Resize", [i32([0, 100, 50, 120], [1, 4]), nil, f32([1, 1.6])], ["mode": .text("cubic")],
      gives: i32([-9, 47, 101, 62, 65, 116], [1, 6])),
    OperatorCase(
      "Resize", [i64([0, 100, 50, 120], [1, 4]), nil, f32([1, 1.6])], ["mode": .text("cubic")],
      gives: i64([-9, 47, 101, 62, 65, 116], [1, 6])),
    OperatorCase(
      "Resize", [ints(.uint16, [0, 100, 50, 120], [1, 4]), nil, f32([1, 1.6])], ["mode": .text("cubic")],
      gives: ints(.uint16, [0, 47, 101, 62, 65, 116], [1, 6])),
    OperatorCase("Resize", [f16([0, 100]), nil, f32([2.5])], ["mode": .text("linear")], gives: f16([0, 10, 50, 90, 100])),
    OperatorCase("Resize", [f32([1, 3]), f32([]), f32([]), i64([4])], gives: f32([1, 1, 3, 3]), note: "empty roi and scales"),
    OperatorCase("Resize", [strings(["a", "b"]), nil, f32([2])], gives: strings(["a", "a", "b", "b"])),
    OperatorCase(
      "Resize", [bools([true, false]), nil, f32([2])], ["mode": .text("linear")],
      gives: bools([true, true, false, false]), note: "rounded"),
    OperatorCase(
      "Resize", [complexes(.complex64, [(1, 1), (3, -1)]), nil, f32([2])], ["mode": .text("linear")],
      gives: complexes(.complex64, [(1, 1), (1.5, 0.5), (2.5, -0.5), (3, -1)])),
    OperatorCase(
      "Resize", [complexes(.complex128, [(1, 1), (3, -1)]), f32([-1, 2]), nil, i64([2])],
      ["coordinate_transformation_mode": .text("tf_crop_and_resize"), "extrapolation_value": .float(5.0)],
      gives: complexes(.complex128, [(5, 0), (5, 0)])),
    OperatorCase("Resize", [f32([1, 5, 2, 8, 3, 7]), nil, f32([0.1])], ["mode": .text("linear")], gives: f32([]), note: "nothing left"),
    OperatorCase("Resize", [f32([], [2, 0]), nil, f32([2, 2])], gives: f32([], [4, 0])),
    OperatorCase("Resize", [f32([5], []), nil, nil, i64([])], gives: f32([5], []), note: "rank 0"),
    OperatorCase(
      "Resize", [f32([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), nil, f32([0.7])],
      ["nearest_mode": .text("floor"), "coordinate_transformation_mode": .text("asymmetric")], gives: f32([0, 1, 2, 4, 5, 7, 8]),
      note: "7 elements: 10 · 0.7 in Float"),
    OperatorCase(
      "Resize", [f32([1, .infinity, 3]), nil, nil, i64([3])],
      ["mode": .text("linear"), "coordinate_transformation_mode": .text("align_corners")],
      gives: f32([1, .infinity, 3]), note: "infinity stays alone"),
    OperatorCase(
      "Resize", [i64([.max, .max]), nil, f32([2])], ["mode": .text("linear")], gives: i64([.max, .max, .max, .max]), note: "clamped"),
    OperatorCase(
      "Resize", [ints(.uint64, [-1, -1]), nil, f32([2])], ["mode": .text("linear")], gives: ints(.uint64, [-1, -1, -1, -1]), note: "clamped"
    ),
  ]

  @Test(arguments: values) func computes(_ row: OperatorCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("Resize", [symbolic(.float32, ["n", 3, "h", 8]), nil, constant(f32([1, 1, 2, 0.5]))], gives: "float32[n,3,2*h,4]"),
    RuleCase("Resize", [symbolic(.float32, ["n", "h"]), nil, constant(f32([0.5, 1.5]))], gives: "float32[floor(n/2),floor((h)*1.5)]"),
    RuleCase("Resize", [symbolic(.float32, [try! "n" * 2]), nil, constant(f32([0.5]))], gives: "float32[n]"),
    RuleCase("Resize", [symbolic(.float32, ["n", 3, "h", 8]), nil, nil, sizes(["n", 3, "a", "b"])], gives: "float32[n,3,a,b]"),
    RuleCase("Resize", [symbolic(.float32, ["n", 3, 4, 8]), nil, symbolic(.float32, [4])], gives: "float32[t.0,t.1,t.2,t.3]"),
    RuleCase(
      "Resize", [symbolic(.float32, ["n", 3, 4, 8]), nil, nil, symbolic(.int64, [2])], ["axes": .ints([2, 3])],
      gives: "float32[n,3,t.2,t.3]"),
    RuleCase(
      "Resize", [symbolic(.float32, ["n", 4, 8]), nil, nil, constant(i64([6, 6]))],
      ["axes": .ints([1, 2]), "keep_aspect_ratio_policy": .text("not_larger")], gives: "float32[n,3,6]"),
    RuleCase("Resize", [symbolic(.float32, nil), nil, constant(f32([2]))], gives: "float32[?]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("Resize", [f32([1])], says: "neither of"),
    FailureCase("Resize", [f32([1]), nil, f32([1]), i64([1])], says: "both"),
    FailureCase("Resize", [f32([1]), nil, f32([1, 1])], says: "'scales' has 2 elements for 1 axes"),
    FailureCase("Resize", [f32([1]), nil, f32([0])], says: "must be above 0"),
    FailureCase("Resize", [f32([1]), nil, f32([-1])], says: "must be above 0"),
    FailureCase("Resize", [f32([1]), nil, f32([.nan])], says: "must be above 0"),
    FailureCase("Resize", [f32([1]), nil, f32([.infinity])], says: "must be above 0"),
    FailureCase("Resize", [f32([1]), nil, f32([1e30])], says: "cannot be scaled"),
    FailureCase("Resize", [f32([1, 2, 3]), nil, f32([4e18])], says: "overflows"),
    FailureCase("Resize", [f32([1]), nil, f32([1e15])], code: .budgetExceeded, says: "too large"),
    FailureCase("Resize", [f32([1]), nil, f32([1e15])], ["mode": .text("linear")], code: .budgetExceeded, says: "too large"),
    FailureCase("Resize", [f32([1]), nil, nil, i64([-1])], says: "size of Resize is -1"),
    FailureCase("Resize", [f32([1]), nil, nil, i64([.max])], code: .budgetExceeded, says: "too large"),
    FailureCase("Resize", [f32([], [0]), nil, nil, i64([2])], says: "Axis 0 is empty"),
    FailureCase("Resize", [f32([], [0]), nil, nil, i64([2])], ["keep_aspect_ratio_policy": .text("not_larger")], says: "aspect ratio"),
    FailureCase("Resize", [f32([1]), nil, nil, i64([2])], ["axes": .ints([1])], says: "Axis 1 is outside"),
    FailureCase("Resize", [f32([1], [1, 1]), nil, nil, i64([2, 2])], ["axes": .ints([1, -1])], says: "given twice"),
    FailureCase(
      "Resize", [f32([1]), nil, nil, i64([2])], ["coordinate_transformation_mode": .text("tf_crop_and_resize")],
      says: "needs an input 'roi'"),
    FailureCase("Resize", [strings(["a"]), nil, nil, i64([2])], ["mode": .text("linear")], says: "Strings cannot be interpolated"),
    FailureCase("Resize", [f32([1]), nil, nil, i64([2])], ["mode": .text("bicubic")], says: "'mode' is 'bicubic'"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
