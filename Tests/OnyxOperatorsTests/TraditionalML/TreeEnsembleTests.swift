import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Decision trees. Expected numbers: ONNX Runtime 1.32.
struct TreeEnsembleTests {
  @Test(arguments: cases) func gives(_ test: OperatorCase) throws { try test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleRegressor",
      [
        f64(
          [
            0.630560946, -3.04556854, -0.0757534884, 2.86520647, 2.56236041, -1.02194009, -0.762702066, 2.67299212, 3.49537645, -3.09525538,
          ], [2, 5])
      ],
      [
        "nodes_treeids": .ints([0, 0, 0, 0, 0, 0, 0]), "nodes_nodeids": .ints([0, 1, 2, 3, 4, 5, 6]),
        "nodes_featureids": .ints([4, 4, 0, 0, 1, 0, 0]),
        "nodes_modes": texts(["BRANCH_LT", "BRANCH_GT", "LEAF", "LEAF", "BRANCH_GTE", "LEAF", "LEAF"]),
        "nodes_truenodeids": .ints([1, 2, 0, 0, 5, 0, 0]), "nodes_falsenodeids": .ints([4, 3, 0, 0, 6, 0, 0]),
        "nodes_values": .floats([1.19771779, -0.361582011, 0, 0, -5, 0, 0]),
        "target_weights": .floats([-1.38942575, -0.804147601, -1.3449744, -1.37629116, -0.734668016, -1.02912068, 0.484970629, 0.754992485]
        ), "target_treeids": .ints([0, 0, 0, 0, 0, 0, 0, 0]), "target_nodeids": .ints([2, 2, 3, 3, 5, 5, 6, 6]),
        "target_ids": .ints([0, 1, 0, 1, 0, 1, 0, 1]), "n_targets": .int(2), "aggregate_function": .text("MAX"),
        "post_transform": .text("SOFTMAX_ZERO"),
      ],
      gives: f32([0.573085845, 0.426914126, 0.507828534, 0.492171466], [2, 2]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleRegressor",
      [f32([-1.07138681, .nan, 1.15112674, 3.26308465, -3.52564716, 0.0855327398, 1.71934402, .nan, -0.0793784931], [3, 3])],
      [
        "nodes_treeids": .ints([0, 1, 1, 1, 2, 2, 2]), "nodes_nodeids": .ints([0, 0, 1, 2, 0, 1, 2]),
        "nodes_featureids": .ints([0, 2, 0, 0, 2, 0, 0]),
        "nodes_modes": texts(["LEAF", "BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"]),
        "nodes_truenodeids": .ints([0, 1, 0, 0, 1, 0, 0]), "nodes_falsenodeids": .ints([0, 2, 0, 0, 2, 0, 0]),
        "nodes_values": .floats([0, -0.260668814, 0, 0, 6.16684723, 0, 0]),
        "target_weights": .floats([
          -0.132704839, 0.474448085, -0.467725456, 1.14894378, 0.77712816, -0.990768373, 0.319793969, 1.98377478, 1.56018281, -0.0562719889,
          0.897611737, -0.673863232, -1.44807732, 0.554319561, 0.246537268,
        ]), "target_treeids": .ints([0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]),
        "target_nodeids": .ints([0, 0, 0, 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]),
        "target_ids": .ints([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]), "n_targets": .int(3), "aggregate_function": .text("MIN"),
        "post_transform": .text("LOGISTIC"), "base_values": .floats([0.325971931, -0.512914598, 0.473258525]),
      ],
      gives: f32(
        [0.548166931, 0.490384579, 0.450016379, 0.548166931, 0.490384579, 0.450016379, 0.548166931, 0.490384579, 0.450016379], [3, 3]),
      tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleRegressor",
      [
        f64(
          [
            .nan, -2.26226155, .nan, 0.590500465, -3.2121063, 0.517437399, 0.281240255, 2.3058134, 3.34039346, 0.735344122, -1.10788895,
            -2.34957836, -1.58353342, 0.0799548355, -4.13871305, 0.150490479, -0.0241135485, 1.28888707, -0.669234143, 0.204095797,
          ], [4, 5])
      ],
      [
        "nodes_treeids": .ints([0, 0, 0, 0, 0]), "nodes_nodeids": .ints([0, 1, 2, 3, 4]), "nodes_featureids": .ints([0, 3, 0, 0, 0]),
        "nodes_modes": texts(["BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF", "LEAF"]), "nodes_truenodeids": .ints([1, 2, 0, 0, 0]),
        "nodes_falsenodeids": .ints([4, 3, 0, 0, 0]), "nodes_values": .floats([0.247279659, -1.96326089, 0, 0, 0]),
        "target_weights": .floats([-2.21192598, -1.04586339, -0.507066607, -2.25307178, -1.8577199, 0.154042616]),
        "target_treeids": .ints([0, 0, 0, 0, 0, 0]), "target_nodeids": .ints([2, 2, 3, 3, 4, 4]), "target_ids": .ints([0, 1, 0, 1, 0, 1]),
        "n_targets": .int(2), "aggregate_function": .text("MIN"), "post_transform": .text("LOGISTIC"),
        "base_values": .floats([-0.803724229, 2.15437031]),
      ],
      gives: f32([0.0652871132, 0.909571409, 0.0652871132, 0.909571409, 0.2123546, 0.475344658, 0.2123546, 0.475344658], [4, 2]),
      tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleRegressor", [f32([-3.53952932], [1, 1])],
      [
        "nodes_treeids": .ints([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        "nodes_nodeids": .ints([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        "nodes_featureids": .ints([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        "nodes_modes": texts([
          "BRANCH_LEQ", "BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF", "LEAF", "BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_LEQ",
          "LEAF", "LEAF",
        ]), "nodes_truenodeids": .ints([1, 2, 3, 0, 0, 0, 7, 8, 0, 0, 11, 0, 0]),
        "nodes_falsenodeids": .ints([6, 5, 4, 0, 0, 0, 10, 9, 0, 0, 12, 0, 0]),
        "nodes_values": .floats([-0.985461652, 3, 2, 0, 0, 0, 1.64770985, -1, 0, 0, 0.846220374, 0, 0]),
        "target_weights": .floats([
          0.243597433, 1.02552402, 0.271284699, -2.23804879, 0.595877051, 0.00506239338, -0.955015004, 1.33416343, -1.78945088, 1.81317902,
          -0.683384955, 1.51404834, -0.0977800414, -1.37831688, 0.040975336, 0.276656955, 0.485657156, 1.00259101, -0.947291017, 0.43621698,
          0.679563284,
        ]), "target_treeids": .ints([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        "target_nodeids": .ints([3, 3, 3, 4, 4, 4, 5, 5, 5, 8, 8, 8, 9, 9, 9, 11, 11, 11, 12, 12, 12]),
        "target_ids": .ints([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]), "n_targets": .int(3),
        "aggregate_function": .text("AVERAGE"), "post_transform": .text("LOGISTIC"),
        "nodes_missing_value_tracks_true": .ints([1, 1, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 0]),
      ],
      gives: f32([0.560599983, 0.736047208, 0.567408264], [1, 3]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleRegressor",
      [
        f32(
          [
            1.80386662, .nan, -1.644063, 4.31882858, 2.98205471, 0.457435012, .nan, 0.761916995, 0.340484232, 2.56865168, -1.75366414,
            0.218826279, -1.39046872, .nan, 3.78369379, -0.004718496, 1.25755584, 2.99087381, -0.41987443, -1.68776977, 2.25964904,
            1.19260752, -0.234670728, 3.10167623, 0.653032959, .nan, 0.873809695, .nan, 3.94261885, 0.148643509,
          ], [6, 5])
      ],
      [
        "nodes_treeids": .ints([0, 0, 0, 1, 2, 2, 2, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6]),
        "nodes_nodeids": .ints([0, 1, 2, 0, 0, 1, 2, 0, 0, 1, 2, 0, 1, 2, 0, 1, 2]),
        "nodes_featureids": .ints([3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 2, 0, 0, 4, 0, 0]),
        "nodes_modes": texts([
          "BRANCH_GT", "LEAF", "LEAF", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF", "LEAF", "BRANCH_GT", "LEAF", "LEAF", "BRANCH_LT", "LEAF",
          "LEAF", "BRANCH_LT", "LEAF", "LEAF",
        ]), "nodes_truenodeids": .ints([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]),
        "nodes_falsenodeids": .ints([2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0, 0]),
        "nodes_values": .floats([-1, 0, 0, 0, 4.98339081, 0, 0, 0, -1.19650424, 0, 0, -2.89219761, 0, 0, -3, 0, 0]),
        "target_weights": .floats([
          1.15669632, 0.985851526, -0.556457102, 1.83514285, -0.24823381, 1.91149378, 1.16677535, -0.802293837, -0.35945183, 1.96705532,
          1.09716356, -0.0602958091,
        ]), "target_treeids": .ints([0, 0, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6]), "target_nodeids": .ints([1, 2, 0, 1, 2, 0, 1, 2, 1, 2, 1, 2]),
        "target_ids": .ints([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), "n_targets": .int(1), "aggregate_function": .text("SUM"),
        "post_transform": .text("NONE"),
      ],
      gives: f32([3.36796498, 3.36796498, 7.24956608, 7.42041111, 7.42041111, 7.42041111], [6, 1]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleRegressor", [f64([-0.366198376, 0.883698831, 1.29933465, -0.0334003635, -1.37796114, .nan], [3, 2])],
      [
        "nodes_treeids": .ints([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]),
        "nodes_nodeids": .ints([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2]),
        "nodes_featureids": .ints([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]),
        "nodes_modes": texts([
          "BRANCH_LEQ", "BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_LEQ", "LEAF", "BRANCH_LEQ",
          "LEAF", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF",
        ]), "nodes_truenodeids": .ints([1, 2, 3, 0, 0, 6, 0, 0, 9, 0, 11, 0, 0, 1, 0, 0]),
        "nodes_falsenodeids": .ints([8, 5, 4, 0, 0, 7, 0, 0, 10, 0, 12, 0, 0, 2, 0, 0]),
        "nodes_values": .floats([0.115408391, 0.0750781372, 0.95396173, 0, 0, -2.8048079, 0, 0, -0.92460376, 0, 5, 0, 0, -1.19867754, 0, 0]
        ),
        "target_weights": .floats([
          -1.28277683, -0.991761267, -0.821067572, 1.12960613, 2.20597339, 1.39393163, -1.21883309, 0.0771558806, -1.16778767,
        ]), "target_treeids": .ints([0, 0, 0, 0, 0, 0, 0, 1, 1]), "target_nodeids": .ints([3, 4, 6, 7, 9, 11, 12, 1, 2]),
        "target_ids": .ints([0, 0, 0, 0, 0, 0, 0, 0, 0]), "n_targets": .int(1), "aggregate_function": .text("MIN"),
        "post_transform": .text("NONE"), "base_values": .floats([1.30723464]),
        "nodes_missing_value_tracks_true": .ints([0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1]),
      ],
      gives: f32([0.0244578123, 0.139446974, 0.0244578123], [3, 1]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleClassifier",
      [i32([-1, -3, 4, -3, -1, -4, -2, 4, -4, 2, 3, -2, -1, -5, -3, -2, -5, 3, 2, 4, 1, -4, -5, 5, 2, -3, 5], [9, 3])],
      [
        "nodes_treeids": .ints([0]), "nodes_nodeids": .ints([0]), "nodes_featureids": .ints([0]), "nodes_modes": texts(["LEAF"]),
        "nodes_truenodeids": .ints([0]), "nodes_falsenodeids": .ints([0]), "nodes_values": .floats([0]),
        "class_weights": .floats([-0.045628909]), "class_treeids": .ints([0]), "class_nodeids": .ints([0]), "class_ids": .ints([0]),
        "post_transform": .text("SOFTMAX_ZERO"), "classlabels_strings": texts(["w38é", "w1é"]), "base_values": .floats([0.503210187]),
        "nodes_missing_value_tracks_true": .ints([1]),
      ],
      gives: strings(["w1é", "w1é", "w1é", "w1é", "w1é", "w1é", "w1é", "w1é", "w1é"]),
      f32(
        [
          -0.457581282, 0.457581282, -0.457581282, 0.457581282, -0.457581282, 0.457581282, -0.457581282, 0.457581282, -0.457581282,
          0.457581282, -0.457581282, 0.457581282, -0.457581282, 0.457581282, -0.457581282, 0.457581282, -0.457581282, 0.457581282,
        ], [9, 2]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleClassifier", [i64([-2, 0, -4, -4, -4, -5, 5, 1, -3, 4, 0, -4, -4, 2, 0, 4], [8, 2])],
      [
        "nodes_treeids": .ints([0, 0, 0, 1, 1, 1, 2, 2, 2]), "nodes_nodeids": .ints([0, 1, 2, 0, 1, 2, 0, 1, 2]),
        "nodes_featureids": .ints([0, 0, 0, 1, 0, 0, 0, 0, 0]),
        "nodes_modes": texts(["BRANCH_LT", "LEAF", "LEAF", "BRANCH_LT", "LEAF", "LEAF", "BRANCH_GT", "LEAF", "LEAF"]),
        "nodes_truenodeids": .ints([1, 0, 0, 1, 0, 0, 1, 0, 0]), "nodes_falsenodeids": .ints([2, 0, 0, 2, 0, 0, 2, 0, 0]),
        "nodes_values": .floats([-0.899278343, 0, 0, 3, 0, 0, 1, 0, 0]),
        "class_weights": .floats([
          0.467554867, 0.093289569, 0.184629306, 0.602135479, 0.109693691, 0.541265309, 0.0478741564, 0.393538445, 0.241525263,
          0.0972413048, 0.0516730398, 0.32011947, 0.00901027396, 0.245976612, 0.157519996, 0.0742653161, 0.115560435, 0.0820562541,
        ]), "class_treeids": .ints([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]),
        "class_nodeids": .ints([1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]),
        "class_ids": .ints([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]), "post_transform": .text("NONE"),
        "classlabels_strings": texts(["w9é", "w20é", "w17é"]), "base_values": .floats([0.450002104, -0.258655578, -0.766432047]),
      ],
      gives: strings(["w9é", "w9é", "w9é", "w9é", "w9é", "w9é", "w9é", "w9é"]),
      f32(
        [
          1.03969646, 0.343732864, -0.258221269, 1.03969646, 0.343732864, -0.258221269, 1.03969646, 0.343732864, -0.258221269, 1.10902202,
          0.49055317, 0.173878491, 1.08906353, 0.00186747313, -0.179627061, 1.17427707, 0.360136956, 0.0984147787, 1.03969646, 0.343732864,
          -0.258221269, 1.22364414, 0.0182715952, 0.177008986,
        ], [8, 3]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleClassifier",
      [
        i64(
          [-1, -4, -2, -5, -3, 0, 0, -3, 1, -2, 4, -3, 5, -4, 3, 2, 1, -1, -2, 1, 1, 3, -2, -4, 4, 1, -3, 0, -1, 1, -3, 4, -3, -2, 3, -5],
          [9, 4])
      ],
      [
        "nodes_treeids": .ints([0, 1, 1, 1, 2, 2, 2]), "nodes_nodeids": .ints([0, 0, 1, 2, 0, 1, 2]),
        "nodes_featureids": .ints([0, 1, 0, 0, 1, 0, 0]),
        "nodes_modes": texts(["LEAF", "BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"]),
        "nodes_truenodeids": .ints([0, 1, 0, 0, 1, 0, 0]), "nodes_falsenodeids": .ints([0, 2, 0, 0, 2, 0, 0]),
        "nodes_values": .floats([0, 0, 0, 0, 0.0812554359, 0, 0]),
        "class_weights": .floats([
          -0.327854186, -1.8194567, 1.75560379, 1.36773765, 0.688141763, 1.08323312, 1.97586596, 0.911106765, -1.62020087, -0.235002235,
          -2.38250208, -0.843440115, -1.27323556, -0.0383256972, 0.359164298,
        ]), "class_treeids": .ints([0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]),
        "class_nodeids": .ints([0, 0, 0, 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]),
        "class_ids": .ints([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]), "post_transform": .text("LOGISTIC"),
        "classlabels_int64s": .ints([31, 4, 98]), "nodes_missing_value_tracks_true": .ints([0, 0, 1, 0, 1, 0, 1]),
      ],
      gives: i64([98, 98, 98, 98, 98, 98, 98, 98, 98]),
      f32(
        [
          0.691017628, 0.0289216638, 0.880312979, 0.691017628, 0.0289216638, 0.880312979, 0.691017628, 0.0289216638, 0.880312979,
          0.691017628, 0.0289216638, 0.880312979, 0.691017628, 0.0289216638, 0.880312979, 0.592612624, 0.27955389, 0.621181726, 0.592612624,
          0.27955389, 0.621181726, 0.592612624, 0.27955389, 0.621181726, 0.691017628, 0.0289216638, 0.880312979,
        ], [9, 3]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleClassifier",
      [f64([-3.80668818, .nan, 3.44290297, -4.25846521, .nan, 1.7128876, -2.33164793, -2.87064589, 0.0699701558, -0.463346731], [2, 5])],
      [
        "nodes_treeids": .ints([0, 1, 1, 1, 2, 2, 2, 3]), "nodes_nodeids": .ints([0, 0, 1, 2, 0, 1, 2, 0]),
        "nodes_featureids": .ints([0, 2, 0, 0, 3, 0, 0, 0]),
        "nodes_modes": texts(["LEAF", "BRANCH_LT", "LEAF", "LEAF", "BRANCH_LT", "LEAF", "LEAF", "LEAF"]),
        "nodes_truenodeids": .ints([0, 1, 0, 0, 1, 0, 0, 0]), "nodes_falsenodeids": .ints([0, 2, 0, 0, 2, 0, 0, 0]),
        "nodes_values": .floats([0, -0.639380217, 0, 0, -4, 0, 0, 0]),
        "class_weights": .floats([-0.530546427, -1.44054914, 0.408403665, 0.0443697609, 0.462134272, -0.641622961]),
        "class_treeids": .ints([0, 1, 1, 2, 2, 3]), "class_nodeids": .ints([0, 1, 2, 1, 2, 0]), "class_ids": .ints([0, 0, 0, 0, 0, 0]),
        "post_transform": .text("NONE"), "classlabels_strings": texts(["w16é", "w36é"]),
        "nodes_missing_value_tracks_true": .ints([0, 0, 1, 0, 0, 1, 1, 1]),
      ],
      gives: strings(["w16é", "w16é"]), f32([0.719395936, -0.719395936, 2.15058422, -2.15058422], [2, 2]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleClassifier",
      [
        f32(
          [
            0.547462761, -0.721589148, 1.30451608, -0.671777189, -0.349927813, 3.34451771, -0.332962483, -3.04145241, 0.250753433,
            0.597420037, -0.974226892, 0.154310688, .nan, .nan, -0.348768622, -1.36785674, 0.667010486, -0.225642145, -1.78726232, .nan,
            3.60053825, -3.31535816, .nan, .nan, -2.68799734,
          ], [5, 5])
      ],
      [
        "nodes_treeids": .ints([0, 0, 0, 1]), "nodes_nodeids": .ints([0, 1, 2, 0]), "nodes_featureids": .ints([4, 0, 0, 0]),
        "nodes_modes": texts(["BRANCH_GTE", "LEAF", "LEAF", "LEAF"]), "nodes_truenodeids": .ints([1, 0, 0, 0]),
        "nodes_falsenodeids": .ints([2, 0, 0, 0]), "nodes_values": .floats([-2, 0, 0, 0]),
        "class_weights": .floats([
          -0.284246922, 1.19390702, -1.85055602, -0.502447248, 1.05283058, 0.758145154, -0.880713344, -0.263851881, -1.42254031, 1.34461832,
          -0.401825964, 1.25526035,
        ]), "class_treeids": .ints([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1]), "class_nodeids": .ints([1, 1, 1, 1, 2, 2, 2, 2, 0, 0, 0, 0]),
        "class_ids": .ints([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]), "post_transform": .text("NONE"),
        "classlabels_strings": texts(["w41é", "w4é", "w2é", "w48é"]),
      ],
      gives: strings(["w4é", "w4é", "w4é", "w4é", "w4é"]),
      f32(
        [
          -1.70678723, 2.53852534, -2.25238204, 0.752813101, -1.70678723, 2.53852534, -2.25238204, 0.752813101, -1.70678723, 2.53852534,
          -2.25238204, 0.752813101, -0.36970973, 2.10276341, -1.28253937, 0.991408467, -0.36970973, 2.10276341, -1.28253937, 0.991408467,
        ], [5, 4]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsembleClassifier",
      [
        f32(
          [
            -0.356284231, -2.34167957, -2.30750847, 2.21662045, 1.38232017, 1.61866975, .nan, 1.81008041, 2.60419393, 1.3620795,
            -2.98536372, .nan,
          ], [6, 2])
      ],
      [
        "nodes_treeids": .ints([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]),
        "nodes_nodeids": .ints([0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6]),
        "nodes_featureids": .ints([0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0]),
        "nodes_modes": texts([
          "BRANCH_LT", "BRANCH_GT", "LEAF", "LEAF", "BRANCH_GTE", "LEAF", "LEAF", "BRANCH_GT", "BRANCH_GT", "LEAF", "LEAF", "BRANCH_GTE",
          "LEAF", "LEAF",
        ]), "nodes_truenodeids": .ints([1, 2, 0, 0, 5, 0, 0, 1, 2, 0, 0, 5, 0, 0]),
        "nodes_falsenodeids": .ints([4, 3, 0, 0, 6, 0, 0, 4, 3, 0, 0, 6, 0, 0]),
        "nodes_values": .floats([0.136035323, 1.00385356, 0, 0, 4, 0, 0, -0.425263852, -2, 0, 0, 2.12288761, 0, 0]),
        "class_weights": .floats([0.180358231, 0.365499765, 0.11009948, 0.288294077, 0.473618805, 0.291956097, 0.0730213821, 0.123009533]),
        "class_treeids": .ints([0, 0, 0, 0, 1, 1, 1, 1]), "class_nodeids": .ints([2, 3, 5, 6, 2, 3, 5, 6]),
        "class_ids": .ints([0, 0, 0, 0, 0, 0, 0, 0]), "post_transform": .text("SOFTMAX_ZERO"),
        "classlabels_strings": texts(["w22é", "w47é"]), "base_values": .floats([0.85947907]),
      ],
      gives: strings(["w47é", "w47é", "w47é", "w47é", "w47é", "w47é"]),
      f32(
        [
          -0.516934872, 1.51693487, -0.298000216, 1.29800022, -0.621392012, 1.62139201, -0.270782709, 1.27078271, -0.621392012, 1.62139201,
          -0.347988367, 1.34798837,
        ], [6, 2]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsemble",
      [
        f64(
          [
            -1.52996653, 1.05626983, 0.0399319355, 0.649898549, -3.76970952, 1, -3, -0.696123409, 0.926475858, -0.428980117, 0.889051519,
            0.25733266, 0.109582332, -2, 1.84906064,
          ], [5, 3])
      ],
      [
        "n_targets": .int(3), "aggregate_function": .int(2), "post_transform": .int(3), "leaf_targetids": .ints([1, 0, 0, 0, 2, 2]),
        "leaf_weights": .tensor(f64([-0.310327441, -0.233052626, -0.142838567, 0.471438557, 0.0350939222, 0.46767652])),
        "nodes_featureids": .ints([1, 2, 0, 0]), "nodes_modes": .tensor(ints(.uint8, [4, 4, 0, 0])),
        "nodes_splits": .tensor(f64([0.623085558, -0.373901367, 0.491627306, -0.0344751924])), "nodes_truenodeids": .ints([1, 0, 2, 4]),
        "nodes_trueleafs": .ints([0, 1, 1, 1]), "nodes_falsenodeids": .ints([2, 1, 3, 5]), "nodes_falseleafs": .ints([0, 1, 1, 1]),
        "tree_roots": .ints([0, 3]),
      ],
      gives: f64(
        [
          0.455633872, 0, 0.544366128, 0.500940509, 0, 0.499059491, 0.455633872, 0, 0.544366128, 0.455633872, 0, 0.544366128, 0.351941693,
          0, 0.648058307,
        ], [5, 3]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsemble",
      [
        f32(
          [
            -0.0, -1.65953684, -1.16192627, 2.06315613, 0.718734324, -5.14509249, 2.38459659, -4, -1, 1.9235357, 0, 1.10948682, 2,
            0.598335266, -2.46620011, 0.737846375, -1.36311519, -4.7521863, -0.564023256, 1.09283841, 0, 0.028947087, 3.43793821,
            0.550654948, 2, 0.66076529, 3.25682521, -0.711055875, 2, 3.60499358,
          ], [6, 5])
      ],
      [
        "n_targets": .int(1), "aggregate_function": .int(0), "post_transform": .int(0),
        "leaf_targetids": .ints([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        "leaf_weights": .tensor(
          f32([
            -0.340446085, 0.834612072, -0.976200461, -1.04781616, 0.618109584, -0.508854985, 1.07657945, -0.650306523, 0.535686612,
            -0.774470568, -1.68310452, 1.44256938, -0.174070671, 0.987341642, 0.205433369, -1.65934193,
          ])), "nodes_featureids": .ints([2, 1, 0, 3, 4, 2, 2, 2, 3, 3, 0, 4]),
        "nodes_modes": .tensor(ints(.uint8, [1, 6, 0, 6, 4, 1, 0, 1, 1, 1, 2, 0])),
        "nodes_splits": .tensor(
          f32([
            0.453332901, -0.489697158, 0.847203553, -0.802476823, 0.515161097, -0.295781851, 0.16402708, -0.284147531, -0.87838918,
            -0.824874103, 0.263295323, -0.288743645,
          ])), "nodes_truenodeids": .ints([1, 0, 2, 4, 6, 6, 7, 8, 9, 10, 12, 14]),
        "nodes_trueleafs": .ints([0, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1]),
        "nodes_falsenodeids": .ints([2, 1, 3, 5, 5, 8, 7, 9, 10, 11, 13, 15]),
        "nodes_falseleafs": .ints([0, 1, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1]), "tree_roots": .ints([0, 3, 4, 11]),
        "membership_values": .tensor(f32([1, .nan, 1, 3, .nan])),
      ],
      gives: f32([-0.495972842, -0.495972842, -0.0730701089, -0.495972842, -0.539263964, -0.495972842], [6, 1]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsemble",
      [
        f32(
          [
            -2, -1.30779791, 1.27955496, -1.5945071, 2, 0.0280880146, -1.82341087, -1.31357718, -2.7261548, -2.88031268, 2, 1.67913711, -2,
            -1, 3.09306121, -1.46700346, 0.385625571, 1,
          ], [9, 2])
      ],
      [
        "n_targets": .int(3), "aggregate_function": .int(1), "post_transform": .int(3), "leaf_targetids": .ints([1, 0, 2, 0, 1, 2, 0, 2]),
        "leaf_weights": .tensor(
          f32([0.0996841416, -0.118937358, 0.30800885, -0.857177675, 0.547820151, -0.145020038, 0.391467333, 0.558796585])),
        "nodes_featureids": .ints([0, 0, 1, 0, 1, 0]), "nodes_modes": .tensor(ints(.uint8, [0, 0, 0, 0, 0, 0])),
        "nodes_splits": .tensor(f32([0.420828879, 0.511278927, -0.147090033, -1.23848736, 0.223477378, -0.689582527])),
        "nodes_truenodeids": .ints([0, 2, 3, 4, 2, 4]), "nodes_trueleafs": .ints([1, 0, 0, 0, 1, 1]),
        "nodes_falsenodeids": .ints([1, 7, 6, 5, 3, 5]), "nodes_falseleafs": .ints([1, 1, 1, 0, 1, 1]), "tree_roots": .ints([0, 1]),
      ],
      gives: f32(
        [
          0, 0.448106378, 0.551893651, 0.336767256, 0, 0.663232803, 0.336767256, 0, 0.663232803, 0, 0.448106378, 0.551893651, 0,
          0.448106378, 0.551893651, 0.336767256, 0, 0.663232803, 0, 0.448106378, 0.551893651, 0.336767256, 0, 0.663232803, 0.572432637,
          0.427567363, 0,
        ], [9, 3]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsemble", [f32([-2, 1.89717185, -2, 2, -0.0, -1.27498162, -4.1035018, 3], [2, 4])],
      [
        "n_targets": .int(3), "aggregate_function": .int(2), "post_transform": .int(3),
        "leaf_targetids": .ints([1, 1, 2, 2, 0, 1, 0, 0, 0]),
        "leaf_weights": .tensor(
          f32([0.844407916, 1.60658908, -1.01252031, -0.886393428, 0.624254704, 3.08251381, 0.482483327, -0.0480998456, 1.2806474])),
        "nodes_featureids": .ints([2, 0, 0, 0, 3, 0, 1]), "nodes_modes": .tensor(ints(.uint8, [6, 0, 4, 4, 3, 6, 3])),
        "nodes_splits": .tensor(f32([0.253950566, 0.539647818, 0.354788303, -0.125241876, 0.0295645762, 0.336398304, -0.0750951543])),
        "nodes_truenodeids": .ints([0, 2, 3, 2, 4, 6, 7]), "nodes_trueleafs": .ints([1, 0, 0, 1, 1, 1, 1]),
        "nodes_falsenodeids": .ints([1, 5, 4, 3, 5, 6, 8]), "nodes_falseleafs": .ints([1, 0, 0, 1, 1, 0, 1]), "tree_roots": .ints([0, 1]),
        "membership_values": .tensor(f32([3, 3, 3, .nan, 2, .nan])),
      ],
      gives: f32([0.27242884, 0.72757113, 0, 0.27242884, 0.72757113, 0], [2, 3]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.TreeEnsemble",
      [
        f32(
          [
            -1, -0.0659056231, -3.77787995, -3.84255314, -1.30655658, 0.304155946, .nan, 1, -1.92306769, -1, -2, -0.0576708764,
            -0.150023922, -0.046510037, 0.562124193, 2.0815773, 1.37761426, -2,
          ], [6, 3])
      ],
      [
        "n_targets": .int(2), "aggregate_function": .int(0), "post_transform": .int(3),
        "leaf_targetids": .ints([0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1]),
        "leaf_weights": .tensor(
          f32([
            -0.206309155, -0.409312367, 0.301211625, 0.0343795195, -2.58219838, 0.277373791, 0.120628648, -0.581906259, 0.183126554,
            -0.665014744, 0.135970429, -0.842237353, 0.684521854, 0.357306749,
          ])), "nodes_featureids": .ints([1, 0, 2, 0, 2, 1, 2, 2, 2, 0, 0]),
        "nodes_modes": .tensor(ints(.uint8, [6, 4, 2, 3, 6, 6, 2, 4, 4, 6, 1])),
        "nodes_splits": .tensor(
          f32([
            0.415490091, -0.824235141, 0.137876004, 1.26607919, 0.97621733, -0.378575772, 0.199302852, 0.0215415135, -1.26608062,
            0.715254784, -0.677288711,
          ])), "nodes_truenodeids": .ints([1, 0, 2, 4, 5, 4, 5, 8, 9, 10, 9]), "nodes_trueleafs": .ints([0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1]),
        "nodes_falsenodeids": .ints([2, 1, 3, 8, 7, 6, 6, 13, 12, 11, 10]), "nodes_falseleafs": .ints([0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1]),
        "tree_roots": .ints([0, 3, 7]), "membership_values": .tensor(f32([2, 3, .nan, 3, 2, 1, .nan, 2, 3, 2, .nan, 2, 3, .nan])),
        "nodes_missing_value_tracks_true": .ints([0, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0]),
      ],
      gives: f32(
        [
          0.488352031, 0.51164794, 0.510584354, 0.489415646, 0.425163656, 0.574836314, 0.488352031, 0.51164794, 0.510584354, 0.489415646,
          0.425163656, 0.574836314,
        ], [6, 2]), tolerance: 1e-5),
  ]
}
