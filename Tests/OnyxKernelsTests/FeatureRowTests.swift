import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// Rows of the remaining operators of ai.onnx.ml, of Hardmax, LpNormalization and TfIdfVectorizer give exactly the references' numbers.
@Suite("Feature rows equal the reference")
struct FeatureRowTests {
  static let types: [ElementType] = [.float32, .float64, .int32, .int64]

  static func features(_ type: ElementType, _ shape: Shape) throws -> NodeCase.Input { try SelectionRowTests.tied(type, shape) }

  static func floats(_ count: Int) -> Attribute { .floats((0..<count).map { Float($0 % 5) - 1.75 }) }

  static func cases(_ type: ElementType) throws -> [NodeCase] {
    let x = try features(type, [41, 6])
    let numbers = Array(-4...12).map { Int64($0) }
    var cases = [
      NodeCase("Binarizer", [x], ["threshold": .float(1.5)], domain: "ai.onnx.ml"),
      NodeCase("Scaler", [x], ["offset": floats(6), "scale": floats(6)], domain: "ai.onnx.ml"),
      NodeCase("Scaler", [x], ["scale": .floats([0.3])], domain: "ai.onnx.ml"),
      NodeCase("LinearRegressor", [x], ["coefficients": floats(6), "intercepts": .floats([0.5])], domain: "ai.onnx.ml"),
      NodeCase(
        "LinearRegressor", [x], ["coefficients": floats(18), "targets": .int(3), "post_transform": .text("SOFTMAX")], domain: "ai.onnx.ml"),
      NodeCase("OneHotEncoder", [x], ["cats_int64s": .ints([3, -1, 0, 3, 2])], domain: "ai.onnx.ml"),
      NodeCase("ArrayFeatureExtractor", [x, .constant(try Tensor([5, 0, 0]))], domain: "ai.onnx.ml"),
    ]
    cases += ["MAX", "L1", "L2"].map { NodeCase("Normalizer", [x], ["norm": .text($0)], domain: "ai.onnx.ml") }
    if type.isFloating {
      cases += [Float.nan, 1.5, 0].flatMap { old in
        [6, 1].map { count in
          NodeCase(
            "Imputer", [x], ["replaced_value_float": .float(old), "imputed_value_floats": floats(count)], domain: "ai.onnx.ml")
        }
      }
    } else {
      cases.append(
        NodeCase(
          "Imputer", [x], ["replaced_value_int64": .int(-1), "imputed_value_int64s": .ints([1, 2, 3, 4, 5, 6])], domain: "ai.onnx.ml"))
    }
    let keys: [String: Attribute] =
      switch type {
      case .float32: ["keys_floats": .floats(numbers.map { Float($0) / 2 } + [.nan])]
      case .int64: ["keys_int64s": .ints(numbers + [2])]
      default: ["keys_tensor": .tensor(try keyTensor(type, numbers + [2]))]
      }
    for values in [["values_int64s": Attribute.ints((0..<18).map { 100 - $0 })], ["values_floats": floats(18)]] {
      cases.append(NodeCase("LabelEncoder", [x], keys.merging(values) { a, _ in a }, domain: "ai.onnx.ml"))
    }
    return cases
  }

  private static func keyTensor(_ type: ElementType, _ numbers: [Int64]) throws -> Tensor {
    type.isFloating
      ? try Tensor(floating: numbers.map { Double($0) / 2 }, as: type, shape: [numbers.count])
      : try Tensor(integral: numbers, as: type, shape: [numbers.count])
  }

  @Test(arguments: types) func features(_ type: ElementType) throws {
    for test in try Self.cases(type) { try SelectionRowTests.expectEqual(test, "\(test.op) of \(type)") }
  }

  @Test(arguments: ["NONE", "LOGISTIC", "SOFTMAX"]) func linearClassifiers(_ transform: String) throws {
    let x = try Self.features(.float32, [41, 6])
    for (classes, rows) in [(2, 1), (2, 2), (3, 3)] {
      let attributes: [String: Attribute] = [
        "coefficients": Self.floats(6 * rows), "intercepts": Self.floats(rows), "post_transform": .text(transform),
        "classlabels_ints": .ints((0..<classes).map { Int64(7 - $0) }),
      ]
      let test = NodeCase("LinearClassifier", [x], attributes, domain: "ai.onnx.ml", outputs: 2)
      try SelectionRowTests.expectEqual(test, "LinearClassifier of \(classes) by \(rows)")
    }
  }

  @Test func refusesWhatItDoesNotKnow() throws {
    let x = NodeCase.Input.given(try Tensor([1, 2, 3] as [Float], shape: [3]))
    let unknown = NodeCase("OneHotEncoder", [x], ["cats_int64s": .ints([1, 2]), "zeros": .int(0)], domain: "ai.onnx.ml")
    #expect(throws: OnyxError.self) { try unknown.run(KernelTable()) }
    for index in [3, -1, Int.max] {
      let outside = NodeCase("ArrayFeatureExtractor", [x, .given(try Tensor([index]))], domain: "ai.onnx.ml")
      #expect(throws: OnyxError.self) { try outside.run(KernelTable()) }
    }
  }

  @Test(arguments: [ElementType.float32, .float64, .float16, .bfloat16]) func lines(_ type: ElementType) throws {
    for (shape, axis) in [([7, 33], 1), ([3, 5, 70], 1), ([4, 6], 0), ([9], -1)] as [(Shape, Int64)] {
      for x in [try Self.features(type, shape), try SelectionRowTests.spread(type, shape)] {
        try SelectionRowTests.expectEqual(NodeCase("Hardmax", [x], ["axis": .int(axis)]), "Hardmax of \(type) \(shape)")
        for p in [1, 2] as [Int64] {
          let test = NodeCase("LpNormalization", [x], ["axis": .int(axis), "p": .int(p)])
          try SelectionRowTests.expectEqual(test, "LpNormalization \(p) of \(type) \(shape)")
        }
      }
    }
    let zeros = NodeCase.Input.given(try Tensor(floating: [0, 0, 3, 0, 4, 0], as: type, shape: [3, 2]))
    try SelectionRowTests.expectEqual(NodeCase("LpNormalization", [zeros], ["axis": .int(1)]), "lines of zeros of \(type)")
  }

  @Test(arguments: ["TF", "IDF", "TFIDF"]) func grams(_ mode: String) throws {
    var generator = SeededGenerator(seed: 8)
    let tokens = (0..<7 * 40).map { _ in Int64(generator.next() % 9) - 2 }
    let pool: [Int64] = [1, 3, 5, 1, 1, 2, 3, 4, 5, 1, 3, 1, 1, 2, 1, 1, 3, 5]
    for (lengths, skips) in [((1, 1), 0), ((1, 3), 0), ((2, 3), 3), ((3, 5), 100), ((2, 2), 1)] as [((Int64, Int64), Int64)] {
      let attributes: [String: Attribute] = [
        "mode": .text(mode), "min_gram_length": .int(lengths.0), "max_gram_length": .int(lengths.1), "max_skip_count": .int(skips),
        "ngram_counts": .ints([0, 4, 12]), "ngram_indexes": .ints([0, 1, 2, 3, 4, 5, 1, 7, 9, 2]), "pool_int64s": .ints(pool),
        "weights": .floats([1, 2, 0.5, 3, 0.1, 0.7, 1, 1.5, 2, 9]),
      ]
      for type in [ElementType.int32, .int64] {
        for shape in [[280], [7, 40]] as [Shape] {
          let x = NodeCase.Input.given(try Tensor(integral: tokens, as: type, shape: shape))
          try SelectionRowTests.expectEqual(NodeCase("TfIdfVectorizer", [x], attributes), "\(mode) \(lengths) \(skips) of \(type)")
        }
      }
    }
  }
}
