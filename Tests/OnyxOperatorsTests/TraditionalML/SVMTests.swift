import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Support vector machines. Expected numbers: ONNX Runtime 1.32, unless a row says otherwise.
struct SVMTests {
  @Test(arguments: cases + casesByHand) func gives(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "ai.onnx.ml.SVMRegressor", [f32([2.85311413], [1, 1])],
      [
        "kernel_type": .text("POLY"), "kernel_params": .floats([0.3, 0.5, 3]), "rho": .floats([0.510725796]), "n_supports": .int(4),
        "one_class": .int(0), "support_vectors": .floats([0.166176587, -0.688161433, 1.53863788, 0.65888083]),
        "coefficients": .floats([0.505905449, 0.376125276, 1.04791284, 0.5050053]),
      ],
      gives: f32([7.53865242], [1, 1]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.SVMRegressor", [f32([-1.31938004, -0.417443663], [2, 1])],
      [
        "kernel_type": .text("SIGMOID"), "kernel_params": .floats([0.3, 0.5, 3]), "rho": .floats([-1.41909707]), "n_supports": .int(1),
        "one_class": .int(1), "support_vectors": .floats([0.453921109]), "coefficients": .floats([0.0597465299]),
      ],
      gives: f32([-1, -1], [2, 1]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.SVMRegressor", [f32([-0.681277871, 1.34008718, -2.88104105, 4.56604719, 2.39080858], [1, 5])],
      [
        "kernel_type": .text("LINEAR"), "kernel_params": .floats([0.3, 0.5, 1]), "rho": .floats([-1.16319942]), "n_supports": .int(0),
        "one_class": .int(0), "coefficients": .floats([-1.87007356, -0.779302418, 0.748757541, 0.0754489973, -0.490964741]),
      ],
      gives: f32([-3.9199934], [1, 1]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.SVMRegressor", [f32([-0.682146549], [1, 1])],
      [
        "kernel_type": .text("RBF"), "kernel_params": .floats([0.3, 0.5, 2]), "rho": .floats([-0.526934981]), "n_supports": .int(1),
        "one_class": .int(0), "support_vectors": .floats([-0.330674887]), "coefficients": .floats([-0.584448218]),
      ],
      gives: f32([-1.09012008], [1, 1]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.SVMRegressor",
      [
        f32(
          [
            0.0885616615, -1.21556377, -3.10482168, -2.34108496, -0.960923195, -0.439251393, 0.712484539, 1.10352945, 0.44584313,
            0.440816998, -2.01504946, -4.30950975,
          ], [6, 2])
      ],
      [
        "kernel_type": .text("SIGMOID"), "kernel_params": .floats([0.3, 0.5, 2]), "rho": .floats([-0.954149246]), "n_supports": .int(1),
        "one_class": .int(0), "support_vectors": .floats([-0.274553984, -1.24360704]), "coefficients": .floats([-1.11051047]),
      ],
      gives: f32([-1.7737757, -1.98241568, -1.65484691, -0.987019897, -1.27645195, -2.04137874], [6, 1]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.SVMClassifier",
      [
        f32(
          [
            0.0471691228, -0.0379495919, 1.45274162, 3.65770912, -2.37609792, 0.175378665, -0.372433037, 1.11876261, 0.318373382,
            1.31930625, -0.843265355, 0.0980043113,
          ], [6, 2])
      ],
      [
        "kernel_type": .text("SIGMOID"), "kernel_params": .floats([0.3, 0.5, 1]), "post_transform": .text("SOFTMAX"),
        "classlabels_ints": .ints([91, 90]), "vectors_per_class": .ints([1, 3]),
        "support_vectors": .floats([
          -0.605804622, -1.30206168, -0.725693643, 0.719726503, 0.758383691, -0.21835354, 0.051710695, -0.305052459,
        ]), "coefficients": .floats([-1.10783625, 1.30168629, 0.372635305, 2.47635531]), "rho": .floats([-0.756170273]),
      ],
      gives: i64([91, 91, 91, 91, 91, 91]),
      f32(
        [
          0.362490475, 0.637509525, -0.798871398, 1.7988714, 0.489689112, 0.510310888, -0.0267064571, 1.02670646, -0.199501157, 1.19950116,
          0.362106264, 0.637893736,
        ], [6, 2]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.SVMClassifier",
      [f64([-2.77539006, -1.89773924, 0.201500131, 0.686734658, -0.189210653, 2.00697025, 1.98553108, 0.645558288], [4, 2])],
      [
        "kernel_type": .text("LINEAR"), "kernel_params": .floats([0.3, 0.5, 2]), "post_transform": .text("SOFTMAX_ZERO"),
        "classlabels_ints": .ints([94, 46, 61]), "vectors_per_class": .ints([1, 1, 1]),
        "support_vectors": .floats([-0.341204017, -1.04690087, 0.110457808, 0.259836793, -2.04791427, 0.02111632]),
        "coefficients": .floats([0.651909471, 0.169287786, -0.951947689, 1.27142537, -0.693737507, -1.2257483]),
        "rho": .floats([-1.0781734, -0.0119886119, 0.985384881]),
      ],
      gives: i64([61, 46, 46, 46]),
      f32(
        [
          0.911297381, 0.0866102204, 0.00209237379, 0.046414759, 0.116846152, 0.836739063, 0.0776001737, 0.0389442854, 0.883455515,
          0.000496592431, 0.0276634097, 0.971840024,
        ], [4, 3]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.SVMClassifier", [i64([5, 4, -1, 0, 4, -1, -4, -1, -1, -5, -3, -1, 4, -1, 1, -2], [4, 4])],
      [
        "kernel_type": .text("POLY"), "kernel_params": .floats([0.3, 0.5, 3]), "post_transform": .text("SOFTMAX_ZERO"),
        "classlabels_ints": .ints([17, 61]), "vectors_per_class": .ints([2, 3]),
        "support_vectors": .floats([
          0.999245942, -0.0086787967, 0.174060881, -0.0514531545, -1.00302446, -0.82996726, -1.0500071, 0.192648575, -0.713493407,
          -1.0613879, 0.238105893, 0.525031745, -1.76080918, 1.68967283, 0.0322811343, -0.105167352, 1.0667752, 0.0698123872, -0.603858948,
          2.19457436,
        ]), "coefficients": .floats([-1.07439578, -0.0976208746, 0.847194731, -1.06964552, -0.102027975]), "rho": .floats([0.38656491]),
      ],
      gives: i64([61, 17, 17, 17]),
      f32([15.2455549, -14.2455549, -5.23842096, 6.23842096, -6.69181681, 7.69181681, -2.50114822, 3.50114822], [4, 2]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.SVMClassifier", [f64([-1.93296763, 1.52508425, -3.03488798, -0.626522581, 3.90214434, 0.103175868], [3, 2])],
      [
        "kernel_type": .text("SIGMOID"), "kernel_params": .floats([0.3, 0.5, 3]), "post_transform": .text("SOFTMAX_ZERO"),
        "classlabels_strings": texts(["w28é", "w19é", "w15é"]), "vectors_per_class": .ints([1, 2, 1]),
        "support_vectors": .floats([0.1637979, -1.00541782, -1.25929892, -0.329151005, 1.20097077, 0.190951779, 1.45959949, -0.131522655]),
        "coefficients": .floats([
          -0.310065359, -1.39223742, -0.576224566, 1.43518376, 0.327550262, 0.733121097, 0.705097854, -0.00954543985,
        ]), "rho": .floats([-0.204805985, 0.11918357, 0.67130208]), "prob_a": .floats([-0.491972208, -0.154144183, -0.769933939]),
        "prob_b": .floats([-0.261595428, -0.941453099, 1.00465786]),
      ],
      gives: strings(["w19é", "w19é", "w28é"]),
      f32([0.345631927, 0.346559048, 0.307808995, 0.343935966, 0.342527628, 0.313536406, 0.393426597, 0.31090197, 0.295671433], [3, 3]),
      tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.SVMClassifier", [i32([4, 1, -1], [3, 1])],
      [
        "kernel_type": .text("LINEAR"), "kernel_params": .floats([0.3, 0.5, 2]), "post_transform": .text("NONE"),
        "coefficients": .floats([1.69334888, -1.43474758, 1.55896211]), "rho": .floats([-0.281405181]),
        "classlabels_ints": .ints([0, 1, 2]),
      ],
      gives: i64([0, 0, 1]),
      f32([6.49199057, -6.02039528, 5.95444345, 1.41194367, -1.71615279, 1.2775569, -1.9747541, 1.15334237, -1.84036732], [3, 3]),
      tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.SVMClassifier", [i32([0, 2, -3, 4, -5, 1, 5, -5, 4, 0, 4, -5], [4, 3])],
      [
        "kernel_type": .text("RBF"), "kernel_params": .floats([0.3, 0.5, 1]), "post_transform": .text("SOFTMAX_ZERO"),
        "coefficients": .floats([
          -0.372031063, -0.127318755, 0.969434619, 1.41170168, 0.767133057, 1.26842213, -0.404359847, -0.306435078, 0.318353653,
          -0.30107227, -0.50712961, 1.65214431, -0.20118092, -0.966014147, 0.487397552,
        ]), "rho": .floats([1.83579481]), "classlabels_ints": .ints([0, 1, 2, 3, 4]),
      ],
      gives: i64([2, 4, 1, 2]),
      f32(
        [
          0.108435184, 0.264566779, 0.534409761, 0.00654303981, 0.0860452428, 0.00833031628, 0.161025271, 0.00934729632, 0.146276861,
          0.675020218, 0.00221202243, 0.624069452, 0.000340793369, 0.323304474, 0.0500732511, 0.045269873, 0.363402665, 0.57339865,
          0.000326230715, 0.0176025797,
        ], [4, 5]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.SVMClassifier", [i64([-4, -5, 0, 0, 4, -3, 1, 3, 0, 1, 5, 5, 5, 2, 1, -4, -2, -1, 3, 1], [5, 4])],
      [
        "kernel_type": .text("SIGMOID"), "kernel_params": .floats([0.3, 0.5, 3]), "post_transform": .text("SOFTMAX"),
        "classlabels_ints": .ints([87, 28]), "vectors_per_class": .ints([1, 1]),
        "support_vectors": .floats([
          1.63065279, 1.06595039, -0.0951234028, -1.39657915, -0.790289521, 0.579481661, -0.721477687, 0.892272949,
        ]), "coefficients": .floats([0.36145854, 0.292651385]), "rho": .floats([0.653444767]),
      ],
      gives: i64([87, 87, 87, 87, 87]),
      f32(
        [0.553641796, 0.446358234, 0.378043294, 0.621956706, 0.454125404, 0.545874596, 0.255917549, 0.744082451, 0.542451859, 0.457548112],
        [5, 2]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.SVMClassifier", [i32([5, 5, 5], [1, 3])],
      [
        "kernel_type": .text("LINEAR"), "kernel_params": .floats([0.3, 0.5, 2]), "post_transform": .text("NONE"),
        "classlabels_ints": .ints([72, 94]), "vectors_per_class": .ints([2, 3]),
        "support_vectors": .floats([
          -0.422806561, 0.102042675, 0.90569663, 0.33042559, 0.67453897, -2.02411914, 1.19305742, 2.34060168, 1.33490407, -0.31761995,
          -0.84844327, 0.277464241, -0.986975849, 0.72567153, -0.525410473,
        ]), "coefficients": .floats([0.960663676, 1.36213613, -2.03225183, 0.292778015, -0.698281229]), "rho": .floats([-1.40977991]),
      ],
      gives: i64([94]), f32([53.5661011, -53.5661011], [1, 2]), tolerance: 1e-5),
    OperatorCase(
      "ai.onnx.ml.SVMClassifier", [i64([-5, 4, 4])],
      [
        "kernel_type": .text("RBF"), "kernel_params": .floats([0.3, 0.5, 3]), "post_transform": .text("SOFTMAX"),
        "classlabels_ints": .ints([33, 93, 49, 61]), "vectors_per_class": .ints([2, 1, 2, 1]),
        "support_vectors": .floats([
          0.0108010657, 0.173127145, -0.564658821, -0.0591781028, -0.231109276, 0.267666548, 1.37792468, 0.313593149, -1.70212913,
          -1.01574552, -1.62815905, -0.839278698, 0.510321498, 0.352508157, -0.645517647, 0.218238309, -0.803188205, -1.46549952,
        ]),
        "coefficients": .floats([
          -1.4512161, -0.905245125, 1.36961591, -1.3863225, 1.19238389, 1.27654541, -0.230472013, -0.0979501978, -0.661019385,
          -0.0740890801, 0.607244551, -0.0408757888, 0.944864035, 1.13373339, 0.292165846, 0.27570799, -0.112323724, 0.294505835,
        ]), "rho": .floats([-1.16330791, 0.353313208, 0.153384268, -0.912073851, 2.09598041, -1.02169037]),
      ],
      gives: i64([33]), f32([0.0264854264, 0.120688856, 0.0988187045, 0.0340499543, 0.689442277, 0.0305148121], [1, 6]), tolerance: 1e-5),
  ]

  static let casesByHand: [OperatorCase] = [
    OperatorCase(
      "ai.onnx.ml.SVMRegressor", [i32([3, 4], [2, 1])], ["coefficients": .floats([2]), "rho": .floats([-7]), "one_class": .int(1)],
      gives: f32([-1, 1], [2, 1])),
    OperatorCase(
      "ai.onnx.ml.SVMClassifier", [f64([1, 2], [2, 1])],
      ["coefficients": .floats([-1, 1]), "rho": .floats([0.5]), "classlabels_strings": texts(["a", "b"])],
      gives: strings(["b", "b"]), f32([-0.5, 1.5, -1.5, 2.5], [2, 2]), note: "no vectors"),
  ]

  static let refused: [FailureCase] = [
    FailureCase(
      "ai.onnx.ml.SVMRegressor", [f32([], [1 << 60, 0])],
      ["coefficients": .floats([1]), "n_supports": .int(1), "support_vectors": .floats([])], code: .budgetExceeded,
      says: "does not fit in memory"),
    FailureCase(
      "ai.onnx.ml.SVMClassifier", [f32([], [1 << 60, 0])],
      [
        "coefficients": .floats([1, 1]), "rho": .floats([0]), "support_vectors": .floats([]), "vectors_per_class": .ints([1, 1]),
        "classlabels_ints": .ints([1, 2]),
      ], outputs: 2, code: .budgetExceeded, says: "does not fit in memory"),
    FailureCase("ai.onnx.ml.SVMRegressor", [f32([1, 2])], ["coefficients": .floats([1])], says: "2 features; the operator was made for 1"),
    FailureCase(
      "ai.onnx.ml.SVMRegressor", [f32([1])], ["coefficients": .floats([1]), "n_supports": .int(2)], says: "1 coefficients for 2"),
    FailureCase("ai.onnx.ml.SVMRegressor", [f32([1])], ["n_supports": .int(-1)], says: "-1 support vectors"),
    FailureCase(
      "ai.onnx.ml.SVMRegressor", [f32([1, 2])], ["coefficients": .floats([1]), "n_supports": .int(1), "support_vectors": .floats([1])],
      says: "1 numbers for 1 support vectors of 2 features"),
    FailureCase("ai.onnx.ml.SVMRegressor", [f32([1])], ["kernel_params": .floats([1])], says: "'kernel_params' has 1 numbers"),
    FailureCase("ai.onnx.ml.SVMRegressor", [f32([1])], ["kernel_type": .text("COSINE")], says: "'kernel_type' is 'COSINE'"),
    FailureCase("ai.onnx.ml.SVMClassifier", [f32([1])], outputs: 2, says: "Exactly one"),
    FailureCase("ai.onnx.ml.SVMClassifier", [f32([1])], ["classlabels_ints": .ints([1])], outputs: 2, says: "'rho' is missing"),
    FailureCase(
      "ai.onnx.ml.SVMClassifier", [f32([1])], ["classlabels_ints": .ints([1, 2]), "vectors_per_class": .ints([1])], outputs: 2,
      says: "2 classes, and support vectors of 1"),
    FailureCase(
      "ai.onnx.ml.SVMClassifier", [f32([1])], ["classlabels_ints": .ints([1, 2]), "vectors_per_class": .ints([.max, 1])], outputs: 2,
      says: "support vectors"),
    FailureCase(
      "ai.onnx.ml.SVMClassifier", [f32([1])], ["classlabels_ints": .ints([1, 2]), "vectors_per_class": .ints([1, 1])], outputs: 2,
      says: "0 coefficients for 2 support vectors of 2 classes"),
    FailureCase(
      "ai.onnx.ml.SVMClassifier", [f32([1])],
      ["classlabels_ints": .ints([1, 2]), "vectors_per_class": .ints([1, 1]), "coefficients": .floats([1, 1])], outputs: 2,
      says: "a number for each of the 1 pairs"),
    FailureCase(
      "ai.onnx.ml.SVMClassifier", [f32([1])], ["classlabels_ints": .ints([1]), "prob_a": .floats([1])], outputs: 2, says: "'prob_b' 0"),
  ]
}
