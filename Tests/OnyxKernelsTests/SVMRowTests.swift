import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// Support vector machines give exactly the reference's labels and scores.
@Suite("SVM rows equal the reference")
struct SVMRowTests {
  /// `classes` of 1, 2, 3, … vectors.
  static func attributes(_ classes: Int, features: Int, _ more: [String: Attribute]) -> [String: Attribute] {
    let vectors = classes * (classes + 1) / 2
    func numbers(_ count: Int, _ step: Int) -> Attribute { .floats((0..<count).map { Float($0 * step % 11) / 4 - 1.25 }) }
    return [
      "vectors_per_class": .ints((1...classes).map { Int64($0) }), "classlabels_ints": .ints((0..<classes).map { Int64(50 - 7 * $0) }),
      "coefficients": numbers(vectors * (classes - 1), 3), "rho": numbers(classes * (classes - 1) / 2, 5),
      "support_vectors": numbers(vectors * features, 7),
    ].merging(more) { $1 }
  }

  static func test(_ classes: Int, _ x: NodeCase.Input, features: Int, _ more: [String: Attribute], outputs: Int = 2) -> NodeCase {
    NodeCase("SVMClassifier", [x], attributes(classes, features: features, more), domain: "ai.onnx.ml", outputs: outputs)
  }

  @Test(arguments: FeatureRowTests.types) func everyType(_ type: ElementType) throws {
    let x = try FeatureRowTests.features(type, [41, 6])
    for classes in 2...5 {
      for kind in ["LINEAR", "POLY", "RBF", "SIGMOID"] {
        let kernel: [String: Attribute] = ["kernel_type": .text(kind), "kernel_params": .floats([0.25, 0.5, 2])]
        let test = Self.test(classes, x, features: 6, kernel)
        try SelectionRowTests.expectEqual(test, "\(classes) classes, \(kind) of \(type)")
        #expect(try test.run(KernelTable()).rows == ["svm_classifier"])
      }
    }
  }

  @Test func probabilitiesAndTransforms() throws {
    let x = try FeatureRowTests.features(.float32, [300, 3])
    for classes in 2...4 {
      let pairs = classes * (classes - 1) / 2
      let sigmoids: [String: Attribute] = [
        "prob_a": .floats((0..<pairs).map { Float($0) / 3 - 1 }), "prob_b": .floats((0..<pairs).map { 0.5 - Float($0) / 4 }),
      ]
      try SelectionRowTests.expectEqual(Self.test(classes, x, features: 3, sigmoids), "probabilities of \(classes)")
      for transform in ["LOGISTIC", "SOFTMAX", "PROBIT"] {
        let test = Self.test(classes, x, features: 3, ["post_transform": .text(transform)])
        try SelectionRowTests.expectEqual(test, "\(transform) of \(classes)")
      }
    }
    try SelectionRowTests.expectEqual(Self.test(3, FeatureRowTests.features(.float32, [3]), features: 3, [:]), "one sample")
  }

  /// Vectors that do not fit the samples are the reference's to refuse.
  @Test func otherFeaturesAreRefused() throws {
    let test = Self.test(3, try FeatureRowTests.features(.float32, [5, 4]), features: 3, [:])
    #expect(throws: OnyxError.self) { try test.run(KernelTable()) }
  }
}
