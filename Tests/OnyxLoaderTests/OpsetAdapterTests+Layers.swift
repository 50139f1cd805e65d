import OnyxGraph
import OnyxTensor

extension OpsetAdapterTests {
  private static let flattened = """
    n/flatten_output = Flatten(a) {axis=1}
    n/shape_output = Shape(a)
    n/flat_output = Softmax(n/flatten_output) {axis=-1}
    n_output = Reshape(n/flat_output, n/shape_output) {allowzero=1}
    """

  static let normalizationCases: [Case] = [
    Case("Softmax", 12, [["n", 10]], "n_output = Softmax(a) {axis=-1}"),
    Case("Softmax", 1, [["n", 10, 1, 1]], "n_output = Softmax(a) {axis=1}"),
    Case("LogSoftmax", 11, unknown, ["axis": .int(-1)], "n_output = LogSoftmax(a) {axis=-1}"),
    Case("Hardmax", 11, [[2, 3, 4]], ["axis": .int(2)], "n_output = Hardmax(a) {axis=-1}"),
    Case("Softmax", 11, image, flattened),
    Case("Softmax", 11, unknown, flattened),
    Case("Softmax", 13, image, ["axis": .int(1)], "n_output = Softmax(a) {axis=1}"),
    Case(
      "BatchNormalization", 1, [["n", 4, 8, 8], [4], [4], [4], [4]],
      ["consumed_inputs": .ints([0, 0, 0, 1, 1]), "is_test": .int(1), "epsilon": .float(0.5), "spatial": .int(1)],
      "n_output = BatchNormalization(a, b, c, d, e) {epsilon=0.5}"),
    Case(
      "BatchNormalization", 9, [["n", 4], [4], [4], [4], [4]], outputs: 3,
      "n_output_0, n_output_1, n_output_2 = BatchNormalization(a, b, c, d, e) {training_mode=1}"),
    Case(
      "BatchNormalization", 7, [["n", 4, 8], [4, 8], [4, 8], [4, 8], [4, 8]], ["spatial": .int(0)],
      """
      n/vector = [-1]
      n/shape_output = Shape(a)
      n/flatten_output = Flatten(a) {axis=1}
      n/scale_output = Reshape(b, n/vector)
      n/bias_output = Reshape(c, n/vector)
      n/mean_output = Reshape(d, n/vector)
      n/variance_output = Reshape(e, n/vector)
      n/flat_output = BatchNormalization(n/flatten_output, n/scale_output, n/bias_output, n/mean_output, n/variance_output)
      n_output = Reshape(n/flat_output, n/shape_output) {allowzero=1}
      """),
    Case("BatchNormalization", 14, [["n", 4], [4], [4], [4], [4]], "n_output = BatchNormalization(a, b, c, d, e)"),
    Case(
      "InstanceNormalization", 1, [["n", 4, 8], [4], [4]], ["consumed_inputs": .ints([0]), "epsilon": .float(1)],
      "n_output = InstanceNormalization(a, b, c) {epsilon=1.0}"),
    Case(
      "GroupNormalization", 18, [["n", 4, 8], [2], [2]], ["num_groups": .int(2)],
      """
      n/repeats = [1, 2]
      n/axis = [1]
      n/vector = [-1]
      n/scale_column_output = Unsqueeze(b, n/axis)
      n/scale_rows_output = Expand(n/scale_column_output, n/repeats)
      n/scale_output = Reshape(n/scale_rows_output, n/vector)
      n/bias_column_output = Unsqueeze(c, n/axis)
      n/bias_rows_output = Expand(n/bias_column_output, n/repeats)
      n/bias_output = Reshape(n/bias_rows_output, n/vector)
      n_output = GroupNormalization(a, n/scale_output, n/bias_output) {num_groups=2}
      """),
    Case(
      "GroupNormalization", 20, [nil, [2], [2]], ["num_groups": .int(2)],
      """
      n/groups = [2]
      n/one = [1]
      n/axis = [1]
      n/vector = [-1]
      n/channels_output = Shape(a) {end=2, start=1}
      n/channels_of_group_output = Div(n/channels_output, n/groups)
      n/repeats_output = Concat(n/one, n/channels_of_group_output) {axis=0}
      n/scale_column_output = Unsqueeze(b, n/axis)
      n/scale_rows_output = Expand(n/scale_column_output, n/repeats_output)
      n/scale_output = Reshape(n/scale_rows_output, n/vector)
      n/bias_column_output = Unsqueeze(c, n/axis)
      n/bias_rows_output = Expand(n/bias_column_output, n/repeats_output)
      n/bias_output = Reshape(n/bias_rows_output, n/vector)
      n_output = GroupNormalization(a, n/scale_output, n/bias_output) {num_groups=2}
      """),
    Case(
      "GroupNormalization", 18, [["n", 2, 8], [2], [2]], ["num_groups": .int(2)], "n_output = GroupNormalization(a, b, c) {num_groups=2}"),
    Case(
      "GroupNormalization", 21, [["n", 4, 8], [4], [4]], ["num_groups": .int(2)], "n_output = GroupNormalization(a, b, c) {num_groups=2}"),
    Case("Dropout", 6, vector, ["ratio": .float(0.3), "is_test": .int(1), "consumed_inputs": .ints([0])], "n_output = Dropout(a)"),
    Case(
      "Dropout", 7, vector, ["ratio": .float(0.3)], outputs: 2,
      "n_output_0, n/mask_output = Dropout(a)\nn_output_1 = CastLike(n/mask_output, a)"),
    Case("Dropout", 10, vector, ["ratio": .float(0.3)], outputs: 2, "n_output_0, n_output_1 = Dropout(a)"),
    Case("Dropout", 12, vector, ["seed": .int(3)], "n_output = Dropout(a) {seed=3}"),
  ]

  private static let rule = "coordinate_transformation_mode=\"asymmetric\""

  static let resizeCases: [Case] = [
    Case(
      "Upsample", 1, image, ["height_scale": .float(2), "width_scale": .float(3), "mode": .text("bilinear")],
      "n/scales = [1.0, 1.0, 2.0, 3.0]\nn_output = Resize(a, _, n/scales) {\(rule), mode=\"linear\", nearest_mode=\"floor\"}"),
    Case(
      "Upsample", 7, [[2, 3]], ["scales": .floats([1, 2])],
      "n/scales = [1.0, 2.0]\nn_output = Resize(a, _, n/scales) {\(rule), mode=\"nearest\", nearest_mode=\"floor\"}"),
    Case(
      "Upsample", 9, [["n", 4], [2]], ["mode": .text("linear")],
      "n_output = Resize(a, _, b) {\(rule), mode=\"linear\", nearest_mode=\"floor\"}"),
    Case(
      "Resize", 10, [["n", 4], [2]], ["mode": .text("linear")],
      "n_output = Resize(a, _, b) {\(rule), mode=\"linear\", nearest_mode=\"floor\"}"),
    Case(
      "Resize", 10, [["n", 4], [2]],
      """
      n/one = 1.0
      n/shrinking_output = Min(b, n/one)
      n/growing_output = Max(b, n/one)
      n/shrink_output = Resize(a, _, n/shrinking_output) {\(rule), mode="nearest", nearest_mode="ceil"}
      n_output = Resize(n/shrink_output, _, n/growing_output) {\(rule), mode="nearest", nearest_mode="floor"}
      """),
    Case("Resize", 13, [nil, nil, nil], ["mode": .text("cubic")], "n_output = Resize(a, b, c) {mode=\"cubic\"}"),
  ]
}
