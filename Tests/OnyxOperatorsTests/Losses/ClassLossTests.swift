import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Expected: torch.nn.functional.nll_loss, cross_entropy and log_softmax (2.15).
struct ClassLossTests {
  /// Two samples of three classes in two places.
  static let values = [-0.25, 0.625, 0.125, -0.375, 0.5, 0, -0.5, 0.375, -0.125, -0.625, 0.25, -0.25]
  static let scores = f64(values, [2, 3, 2])
  static let labels = i64([2, 0, 1, 1], [2, 2])
  static let weights = f64([0.5, 2, 1])
  static let crossEntropy = [0.76994887174683513, 0.64350561063495104, 1.144948871746835, 1.643505610634951]
  static let logarithms = f64(
    [
      -1.519948871746835, -0.64350561063495104, -1.144948871746835, -1.643505610634951, -0.76994887174683513, -1.268505610634951,
      -1.519948871746835, -0.64350561063495104, -1.144948871746835, -1.643505610634951, -0.76994887174683513, -1.268505610634951,
    ], [2, 3, 2])

  static func reduction(_ name: String, ignoring label: Int64? = nil) -> [String: Attribute] {
    var attributes: [String: Attribute] = ["reduction": .text(name)]
    attributes["ignore_index"] = label.map { .int($0) }
    return attributes
  }

  @Test(arguments: likelihoods) func computesTheLikelihood(_ test: OperatorCase) throws { try test.run() }

  static let likelihoods: [OperatorCase] = [
    likelihood([scores, labels, weights], reduction("none"), f64([-0.5, -0.3125, 0.25, 1.25], [2, 2])),
    likelihood([scores, labels, weights], reduction("sum"), f64([0.6875], [])),
    likelihood([scores, labels, weights], [:], f64([0.125], [])),
    // (−0.5 − 0.625 + 0.125 + 0.625) / 4 by hand.
    likelihood([scores, labels], reduction("mean"), f64([-0.09375], [])),
    likelihood([scores, i32([2, -7, -7, 1], [2, 2]), weights], reduction("mean", ignoring: -7), f64([0.25], [])),
    likelihood([scores, i32([2, -7, -7, 1], [2, 2]), weights], reduction("none", ignoring: -7), f64([-0.5, 0, 0, 1.25], [2, 2])),
    likelihood([f32([1, 2, 3, 4], [2, 2]), i64([1, 0])], reduction("none"), f32([-2, -3])),
    likelihood([f16([1, 2, 3, 4], [2, 2]), i64([1, 0])], reduction("sum"), f16([-5], [])),
    likelihood([bf16([1, 2, 3, 4], [2, 2]), i64([1, 0])], reduction("mean"), bf16([-2.5], [])),
    // As in PyTorch, the mean of nothing is no number, its sum 0.
    likelihood([f32([1, 2], [1, 2]), i64([5])], reduction("mean", ignoring: 5), f32([.nan], [])),
    likelihood([f32([], [0, 2]), i64([])], reduction("mean"), f32([.nan], [])),
    likelihood([f32([], [0, 2]), i64([])], reduction("sum"), f32([0], [])),
    likelihood([f32([], [0, 2, 3]), i64([], [0, 3])], reduction("none"), f32([], [0, 3])),
    likelihood([f32([], [2, 0]), i64([9, 9])], reduction("none", ignoring: 9), f32([0, 0])),
  ]

  static func likelihood(_ inputs: [Tensor?], _ attributes: [String: Attribute], _ expected: Tensor) -> OperatorCase {
    OperatorCase("NegativeLogLikelihoodLoss", inputs, attributes, gives: expected, note: "\(attributes)")
  }

  @Test(arguments: entropies) func computesTheCrossEntropy(_ test: OperatorCase) throws { try test.run() }

  static let entropies: [OperatorCase] = [
    entropy([scores, labels], reduction("none"), f64(crossEntropy, [2, 2])),
    entropy([scores, labels], reduction("sum"), f64([4.2019089647635726], [])),
    entropy([scores, labels], [:], f64([1.0504772411908931], [])),
    entropy(
      [scores, labels, weights], reduction("none"),
      f64([0.76994887174683513, 0.32175280531747552, 2.28989774349367, 3.2870112212699021], [2, 2])),
    entropy([scores, labels, weights], reduction("sum"), f64([6.6686106418278825], [])),
    entropy([scores, labels, weights], reduction("mean"), f64([1.212474662150524], [])),
    entropy([scores, labels], reduction("none", ignoring: 1), f64([0.76994887174683513, 0.64350561063495104, 0, 0], [2, 2])),
    entropy([scores, labels], reduction("sum", ignoring: 1), f64([1.4134544823817863], [])),
    entropy([scores, labels], reduction("mean", ignoring: 1), f64([0.70672724119089314], [])),
    OperatorCase(
      "SoftmaxCrossEntropyLoss", [scores, labels], reduction("none"), gives: f64(crossEntropy, [2, 2]), logarithms, tolerance: 1e-14,
      note: "with the logarithms"),
    OperatorCase(
      "SoftmaxCrossEntropyLoss", [f32(values, [2, 3, 2]), labels], [:], gives: f32([1.0504772411908931], []),
      try! logarithms.converted(to: .float32)),
    OperatorCase(
      "SoftmaxCrossEntropyLoss", [f16(values, [2, 3, 2]), labels], [:], gives: f16([1.0504772411908931], []),
      try! logarithms.converted(to: .float16)),
    OperatorCase(
      "SoftmaxCrossEntropyLoss", [bf16(values, [2, 3, 2]), labels], [:], gives: bf16([1.0504772411908931], []),
      try! logarithms.converted(to: .bfloat16)),
    entropy([f64([1000, 1000 - 745], [1, 2]), i64([1])], [:], f64([745], [])),
    OperatorCase(
      "SoftmaxCrossEntropyLoss", [f32([], [2, 0]), i64([9, 9])], reduction("sum", ignoring: 9), gives: f32([0], []), f32([], [2, 0]),
      note: "no classes"),
  ]

  static func entropy(_ inputs: [Tensor?], _ attributes: [String: Attribute], _ expected: Tensor) -> OperatorCase {
    OperatorCase("SoftmaxCrossEntropyLoss", inputs, attributes, gives: expected, tolerance: 1e-14, note: "\(attributes)")
  }

  @Test(arguments: ["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"]) func refuses(_ op: String) {
    for test in Self.refused(op) { test.run() }
  }

  static func refused(_ op: String) -> [FailureCase] {
    [
      FailureCase(op, [f64([1], [1]), i64([0])], says: "rank 1"),
      FailureCase(op, [scores, i64([0, 1])], says: "labels have rank 1; scores of rank 3 need rank 2"),
      FailureCase(op, [scores, i64([0, 1, 2], [1, 3])], says: "axis 0 of the labels: 1 and 2"),
      FailureCase(op, [scores, labels, f64([1, 2])], says: "number of weights is not that of the classes: 2 and 3"),
      FailureCase(op, [scores, labels, f64([1, 2, 3], [1, 3])], says: "weights have rank 2"),
      FailureCase(op, [scores, i64([0, 1, 3, 0], [2, 2])], says: "label 3 is outside the 3 classes"),
      FailureCase(op, [scores, i64([0, 1, -1, 0], [2, 2])], reduction("sum", ignoring: 3), says: "label -1 is outside"),
      FailureCase(op, [scores, labels], reduction("average"), says: "'reduction' is 'average'"),
    ]
  }

  @Test func infersSymbolicLabels() throws {
    let types: [ValueType] = [.tensor(.float16, shape: ["n", 10, "d"]), .tensor(.int64, shape: nil)]
    #expect(try inferredType("NegativeLogLikelihoodLoss", types, Self.reduction("none")) == "float16[n,d]")
    #expect(try inferredType("SoftmaxCrossEntropyLoss", types) == "float16[]")
  }
}
