import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Optimizers. Expected numbers: the reference evaluator of onnx 1.23.2.
struct OptimizerTests {
  @Test(arguments: cases) func gives(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "ai.onnx.preview.training.Adagrad",
      [
        f32([0.100000001], []), i64([2], []),
        f32([-0.297235757, -0.297896832, -1.56693244, 1.24805915, -1.39722276, -1.53342938], [2, 3]),
        f32([0.793183208, -1.0661447, 1.05222535, 0.338870406, 0.352329224, -0.367882341], [2, 3]),
        f32([1.37783217, 1.1554265, 0.103161775, 0.102583922, 1.17638147, 1.11158276], [2, 3]),
      ], ["decay_factor": .float(0.810000658), "epsilon": .float(1e-05), "norm_coefficient": .float(0.298121095)],
      gives: f32([-0.316878676, -0.269957393, -1.60039008, 1.21326005, -1.39496708, -1.50990784], [2, 3]),
      f32([1.87425244, 2.48934555, 0.445491791, 0.60802412, 1.18050468, 1.79225719], [2, 3]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.preview.training.Adagrad",
      [
        f32([0.100000001], []), i64([1], []),
        f32([-1.987041, -0.635005534, -0.349187136, 1.56210709, 0.647068501, -0.966671169], [2, 3, 1]),
        f32([-1.06618965, -0.440467954, 0.2205659, -0.75446856, 0.422792792, -1.36052394], [2, 3, 1]),
        f32([0.319775909, 1.15429735, 2.5742774, 0.027376119, 0.246198937, 0.436003566], [2, 3, 1]),
      ], ["decay_factor": .float(0.225875869), "epsilon": .float(1e-05), "norm_coefficient": .float(0.287180871)],
      gives: f32([-1.90993869, -0.594093919, -0.355285615, 1.63385403, 0.583843946, -0.89101249], [2, 3, 1]),
      f32([2.99898767, 1.5422138, 2.58874607, 0.120927244, 0.616615415, 3.11948442], [2, 3, 1]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.preview.training.Adagrad",
      [
        f64([0.1], []), i64([3], []),
        f64(
          [0.0881387455, 1.52588091, 0.992954846, 0.894875954, -0.611731842, -0.469885344, 1.02355876, -1.01442511, 0.986797161], [3, 3]),
        f64(
          [-1.30287354, 2.05734041, 1.20071677, -0.530122125, -0.446136974, -1.97479068, -0.0476803055, 1.15149345, 0.59016028], [3, 3]),
        f64([0.251240305, 1.98094602, 0.535443211, 0.399179506, 0.286884141, 0.56378502, 2.53362819, 0.435796365, 1.6115482], [3, 3]),
      ], ["decay_factor": .float(0.306708753), "epsilon": .float(1e-05), "norm_coefficient": .float(0.304850489)],
      gives: f64(
        [0.136612474, 1.48040157, 0.946127292, 0.914519759, -0.571985108, -0.420798866, 1.01502637, -1.05541428, 0.956878358], [3, 3]),
      f64([1.87942753, 8.34398227, 2.79571352, 0.465392447, 0.687096919, 5.0498592, 2.60351022, 1.14517378, 2.40540403], [3, 3]),
      tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.preview.training.Adam",
      [
        f32([0.100000001], []), i64([0], []), f32([-0.513611138, -0.548702538], [1, 2, 1]), f32([-0.691845596, 1.63959873], [1, 2, 1]),
        f32([1.42874897, 0.277659774], [1, 2, 1]), f32([0.0931163207, 1.62939632], [1, 2, 1]),
      ],
      [
        "alpha": .float(0.762441397), "beta": .float(0.590035677), "epsilon": .float(1e-05), "norm_coefficient": .float(0.873179078),
        "norm_coefficient_post": .float(0.917223573),
      ],
      gives: f32([-0.0513495617, -0.0486989319], [1, 2, 1]), f32([0.81844449, 0.487382054], [1, 2, 1]),
      f32([0.588030756, 1.51350951], [1, 2, 1]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.preview.training.Adam",
      [
        f32([0.100000001], []), i64([0], []), f32([-0.643321395], [1, 1]), f32([-0.388094723], [1, 1]), f32([0.279356033], [1, 1]),
        f32([0.116557099], [1, 1]),
      ],
      [
        "alpha": .float(0.00227122591), "beta": .float(0.869012415), "epsilon": .float(1e-05), "norm_coefficient": .float(0.207754314),
        "norm_coefficient_post": .float(0.500796854),
      ],
      gives: f32([-0.251013428], [1, 1]), f32([-0.519928038], [1, 1]), f32([0.136947066], [1, 1]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.preview.training.Adam",
      [
        f32([0.100000001], []), i64([1], []), f32([-0.971161246, 0.915879428]), f32([-0.597673833, -0.609997392]),
        f32([0.39903456, 0.121495239]), f32([0.561350107, 0.265524089]),
      ],
      [
        "alpha": .float(0.247190565), "beta": .float(0.417439073), "epsilon": .float(1e-05), "norm_coefficient": .float(0.545176148),
        "norm_coefficient_post": .float(0.0551003367),
      ],
      gives: f32([-0.844875038, 0.880277097]), f32([-0.74987483, -0.0532898009]), f32([0.97442472, 0.117976762]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.preview.training.Momentum",
      [
        f64([0.1], []), i64([0], []), f64([2.24998779, -0.30766091, -0.144434032], [3, 1]),
        f64([0.619453772, -0.0983281112, 0.836431734], [3, 1]), f64([0.994773774, 0.829243806, 2.06292305], [3, 1]),
      ], ["alpha": .float(0.870956719), "beta": .float(0.159178764), "mode": .text("standard"), "norm_coefficient": .float(0.179089993)],
      gives: f64([2.06110689, -0.364541747, -0.405162206], [3, 1]), f64([1.88880897, 0.568808363, 2.60728174], [3, 1]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.preview.training.Momentum",
      [
        f32([0.100000001], []), i64([2], []), f32([0.260889441, -0.792333066]), f32([-1.09824479]), f32([-1.42859781]),
        f32([-0.196218774, -0.993650615]), f32([-1.97245479]), f32([0.28522107]), f32([1.62953627, 0.67381233]), f32([0.241726801]),
        f32([0.782250702]),
      ], ["alpha": .float(0.339175344), "beta": .float(0.808648407), "mode": .text("nesterov"), "norm_coefficient": .float(0.997146726)],
      gives: f32([0.233997315, -0.57278949]), f32([-0.710133791]), f32([-1.29241872]), f32([0.604392409, -1.21386409]), f32([-2.39859438]),
      f32([-0.655973434]), tolerance: 2e-6),
    OperatorCase(
      "ai.onnx.preview.training.Momentum",
      [
        f64([0.1], []), i64([1], []), f64([-2.00716175, -0.564431982, 0.540062728]), f64([0.993107747, 1.29462626, -0.942219839]),
        f64([0.777812341, 2.77442042, 0.213935764]),
      ], ["alpha": .float(0.709524751), "beta": .float(0.665333927), "mode": .text("standard"), "norm_coefficient": .float(0.315921456)],
      gives: f64([-2.0862351, -0.835555875, 0.576220784]), f64([0.790733507, 2.71123893, -0.361580559]), tolerance: 2e-6),
  ]

  static let rate = f32([0.5], [])
  static let first = i64([0], [])

  static let refused: [FailureCase] = [
    FailureCase("ai.onnx.preview.training.Adagrad", [rate, first, f32([1]), f32([1]), f32([1])], outputs: 3, says: "give 2"),
    FailureCase("ai.onnx.preview.training.Adagrad", [rate, first, f32([1])], says: "each updated one needs its gradient and 1 more"),
    FailureCase("ai.onnx.preview.training.Adam", [rate, first, f32([1]), f32([1]), f32([1])], says: "and 2 more"),
    FailureCase("ai.onnx.preview.training.Adagrad", [f32([1, 2]), first, f32([1]), f32([1]), f32([1])], says: "input 0 has 2"),
    FailureCase("ai.onnx.preview.training.Adagrad", [rate, i64([]), f32([1]), f32([1]), f32([1])], says: "input 1 has 0"),
    FailureCase("ai.onnx.preview.training.Adagrad", [rate, first, f32([1]), f32([1, 2]), f32([1])], says: "another shape"),
    FailureCase("ai.onnx.preview.training.Adagrad", [rate, first, f32([1]), f64([1]), f32([1])], says: "differ in type"),
    FailureCase("ai.onnx.preview.training.Adagrad", [rate, first, f32([1]), f32([1], [1, 1]), f32([1])], says: "another rank"),
    FailureCase("ai.onnx.preview.training.Momentum", [rate, first, f32([1]), f32([1]), f32([1])], says: "is missing"),
    FailureCase(
      "ai.onnx.preview.training.Momentum", [rate, first, f32([1]), f32([1]), f32([1])],
      ["alpha": .float(1), "beta": .float(1), "norm_coefficient": .float(0), "mode": .text("heavy")], says: "'mode' is 'heavy'"),
  ]
}
