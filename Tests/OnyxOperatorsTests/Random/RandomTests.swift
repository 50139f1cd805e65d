import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// What every random operator promises, and the moments of its distribution.
///
/// A mean of n draws may be five standard errors off, which one sample in two million is; the samples are always the same.
struct RandomTests {
  /// The known answers that the authors publish with the generator.
  @Test func generatesThePublishedBlocks() {
    #expect(Philox(key: 0).block(SIMD4(repeating: 0)) == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    #expect(Philox(key: .max).block(SIMD4(repeating: .max)) == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    let block = Philox(key: 0x299F_31D0_A409_3822).block(SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344))
    #expect(block == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  /// An operator with inputs that make it draw 24 elements or more.
  struct Drawing: Sendable, CustomTestStringConvertible {
    let op: String
    var inputs: [Tensor?] = []
    var attributes: [String: Attribute] = [:]
    var seeds: [Attribute] = [.float(3), .float(3.5)]
    var testDescription: String { op }

    func draw(seed: Attribute? = nil, run: UInt64 = 0) throws -> Tensor {
      var attributes = attributes
      attributes["seed"] = seed
      return try make(op, attributes, inputs: inputs.count).evaluate(inputs, seed: run)[0]
    }
  }

  static let drawings: [Drawing] = [
    Drawing(op: "RandomNormal", attributes: ["shape": .ints([4, 6])]),
    Drawing(op: "RandomUniform", attributes: ["shape": .ints([4, 6])]),
    Drawing(op: "RandomNormalLike", inputs: [f32([Double](repeating: 0, count: 24), [4, 6])]),
    Drawing(op: "RandomUniformLike", inputs: [f32([Double](repeating: 0, count: 24), [4, 6])]),
    Drawing(op: "Bernoulli", inputs: [f32([Double](repeating: 0.5, count: 64), [4, 16])]),
    Drawing(op: "Multinomial", inputs: [f32([0, 0, 0, 0], [2, 2])], attributes: ["sample_size": .int(32)]),
    Drawing(
      op: "Dropout", inputs: [f32([Double](repeating: 1, count: 64), [4, 16]), nil, bools([true], [])], seeds: [.int(3), .int(4)]),
  ]

  @Test(arguments: drawings) func dependsOnTheSeedsAlone(_ drawing: Drawing) throws {
    let first = try drawing.draw()
    expectClose(try drawing.draw(), first, tolerance: 0, "the same run")
    #expect(try drawing.draw(run: 1) != first, "another run")
    let seeded = try drawing.draw(seed: drawing.seeds[0])
    expectClose(try drawing.draw(seed: drawing.seeds[0], run: 1), seeded, tolerance: 0, "the node's seed stands alone")
    #expect(try drawing.draw(seed: drawing.seeds[1]) != seeded, "another seed")
    #expect(try make(drawing.op, drawing.attributes, inputs: drawing.inputs.count).isDeterministic == false)
  }

  @Test func dropoutIsDeterministicWithoutDraws() throws {
    #expect(try make("Dropout", inputs: 2).isDeterministic)
    #expect(try make("Dropout", ["seed": .int(1)], inputs: 3).isDeterministic)
  }

  /// Mean and variance of the elements.
  static func moments(_ tensor: Tensor) throws -> (mean: Double, variance: Double) {
    let values = try tensor.doubles()
    let mean = values.reduce(0, +) / Double(values.count)
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
  }

  static let count = 20000.0

  @Test(arguments: [ElementType.float32, .float64, .float16, .bfloat16]) func drawsNormalNumbers(_ type: ElementType) throws {
    let attributes: [String: Attribute] = [
      "shape": .ints([100, 200]), "mean": .float(3), "scale": .float(2), "dtype": .int(Int64(type.rawValue)),
    ]
    let x = try evaluate("RandomNormal", [], attributes: attributes)[0]
    #expect(x.elementType == type && x.shape == [100, 200])
    let (mean, variance) = try Self.moments(x)
    #expect(abs(mean - 3) < 5 * 2 / Self.count.squareRoot())
    // The variance of a squared normal number of variance v is 2v².
    #expect(abs(variance - 4) < 5 * 4 * (2 / Self.count).squareRoot())
    // 0.6827, 0.9545 and 0.9973 of the numbers lie within 1, 2 and 3 standard deviations.
    for (width, share) in [(1.0, 0.682689), (2.0, 0.954500), (3.0, 0.997300)] {
      let inside = try x.doubles().filter { abs($0 - 3) <= 2 * width }.count
      // bfloat16 near 3 has steps of 1/64, which moves up to 1/128 of a deviation over the edge on both sides.
      let slack = type == .bfloat16 ? 0.01 : 0
      #expect(abs(Double(inside) / Self.count - share) < 5 * (share * (1 - share) / Self.count).squareRoot() + slack)
    }
  }

  @Test(arguments: [ElementType.float32, .float64, .float16, .bfloat16]) func drawsUniformNumbers(_ type: ElementType) throws {
    let attributes: [String: Attribute] = ["low": .float(-1), "high": .float(3), "dtype": .int(Int64(type.rawValue))]
    let x = try evaluate("RandomUniformLike", [strings([String](repeating: "", count: 20000), [100, 200])], attributes: attributes)[0]
    #expect(x.elementType == type && x.shape == [100, 200])
    let values = try x.doubles()
    #expect(values.allSatisfy { $0 >= -1 && $0 <= 3 })
    let (mean, variance) = try Self.moments(x)
    // The steps of bfloat16 begin at −1, and the mean of the numbers lies half a step of 4/256 lower.
    let step = type == .bfloat16 ? 4.0 / 512 : 0
    #expect(abs(mean - 1 + step) < 5 * (16.0 / 12 / Self.count).squareRoot())
    // The fourth central moment of a width w is w⁴/80, the variance w²/12.
    #expect(abs(variance - 16.0 / 12) < 5 * ((256.0 / 80 - 256.0 / 144) / Self.count).squareRoot())
  }

  /// A draw is a multiple of 2^−24 below 1, so that rounding to float32 cannot reach the upper bound.
  @Test func staysBelowTheUpperBound() throws {
    let x = try evaluate("RandomUniform", [], attributes: ["shape": .ints([20000])])[0]
    #expect(try x.doubles().allSatisfy { $0 >= 0 && $0 < 1 && ($0 * 0x1p24).rounded() == $0 * 0x1p24 })
  }

  @Test func drawsWithTheGivenProbabilities() throws {
    let probabilities = f32((0..<20000).map { Double($0 % 4) / 3 }, [5000, 4])
    let types: [ElementType?] = [nil, .bool, .int8, .uint64, .float64, .bfloat16]
    for type in types {
      let attributes: [String: Attribute] = type.map { ["dtype": .int(Int64($0.rawValue))] } ?? [:]
      let x = try evaluate("Bernoulli", [probabilities], attributes: attributes)[0]
      #expect(x.elementType == type ?? .float32)
      let draws = try x.doubles()
      for column in 0..<4 {
        let p = Double(column) / 3
        let ones = stride(from: column, to: 20000, by: 4).reduce(0.0) { $0 + draws[$1] }
        #expect(abs(ones / 5000 - p) <= 5 * (p * (1 - p) / 5000).squareRoot(), "probability \(p)")
      }
    }
  }

  @Test(arguments: [ElementType.int32, .int64]) func drawsClasses(_ type: ElementType) throws {
    // The logarithms of 1, 2, 0 and 5, plus 700; and the only possible class.
    let logits = f64([700, 700.69314718055994529, -.infinity, 701.60943791243410037, -.infinity, -800, -.infinity, -.infinity], [2, 4])
    let x = try evaluate("Multinomial", [logits], attributes: ["sample_size": .int(20000), "dtype": .int(Int64(type.rawValue))])[0]
    #expect(x.elementType == type && x.shape == [2, 20000])
    let draws = try x.ints()
    #expect(draws[20000...].allSatisfy { $0 == 1 })
    for (label, p) in [1.0 / 8, 2.0 / 8, 0, 5.0 / 8].enumerated() {
      let share = Double(draws[..<20000].filter { $0 == label }.count) / 20000
      #expect(abs(share - p) <= 5 * (p * (1 - p) / 20000).squareRoot(), "class \(label)")
    }
  }

  @Test func dropsTheGivenPart() throws {
    let results = try evaluate("Dropout", [f32([Double](repeating: 3, count: 20000)), f32([0.25], []), bools([true], [])], outputs: 2)
    let keeps = try results[1].booleans()
    #expect(try results[0].doubles() == keeps.map { $0 ? 4 : 0 })
    let share = Double(keeps.filter { $0 }.count) / 20000
    let deviation: Double = (0.75 * 0.25 / 20000).squareRoot()
    #expect(abs(share - 0.75) < 5 * deviation)
  }

  @Test(arguments: empty) func drawsNothing(_ test: OperatorCase) throws { try test.run() }

  static let empty: [OperatorCase] = [
    OperatorCase("RandomNormal", [], ["shape": .ints([2, 0]), "dtype": .int(10)], gives: f16([], [2, 0])),
    OperatorCase("RandomUniformLike", [f64([], [0])], gives: f64([], [0])),
    OperatorCase("Bernoulli", [f32([], [0])], gives: f32([], [0])),
    OperatorCase("Multinomial", [f32([], [0, 3])], gives: i32([], [0, 1])),
    OperatorCase("RandomNormal", [], ["shape": .ints([2]), "mean": .float(5), "scale": .float(0)], gives: f32([5, 5]), note: "no width"),
    OperatorCase("RandomUniform", [], ["shape": .ints([2]), "low": .float(5), "high": .float(5)], gives: f32([5, 5]), note: "no width"),
    OperatorCase("RandomUniform", [], ["shape": .ints([]), "low": .float(5), "high": .float(5)], gives: f32([5], []), note: "a scalar"),
    OperatorCase("Bernoulli", [f32([0, 1, 1, 0])], gives: f32([0, 1, 1, 0]), note: "certain"),
  ]

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  static let refused: [FailureCase] = [
    FailureCase("RandomNormal", [], says: "'shape' is missing"),
    FailureCase("RandomNormal", [], ["shape": .ints([-1])], says: "negative dimension"),
    FailureCase("RandomNormal", [], ["shape": .ints([1 << 40, 1 << 40])], says: "more elements than fit"),
    FailureCase("RandomNormal", [], ["shape": .ints([1 << 50])], code: .budgetExceeded, says: "does not fit in memory"),
    FailureCase("RandomNormal", [], ["shape": .ints([1]), "dtype": .int(6)], says: "int32, which the operator does not allow"),
    FailureCase("RandomNormal", [], ["shape": .ints([1]), "scale": .float(-1)], says: "no normal distribution"),
    FailureCase("RandomNormalLike", [f32([1])], ["mean": .float(.nan)], says: "no normal distribution"),
    FailureCase("RandomUniform", [], ["shape": .ints([1]), "low": .float(2)], says: "no uniform distribution"),
    FailureCase("RandomUniform", [], ["shape": .ints([1]), "high": .float(.infinity)], says: "no uniform distribution"),
    FailureCase("RandomUniformLike", [i32([1])], says: "'dtype' is missing"),
    FailureCase("Bernoulli", [f32([0.5, 1.5])], says: "probability 1.5 is outside"),
    FailureCase("Bernoulli", [f32([-0.5])], says: "probability -0.5 is outside"),
    FailureCase("Bernoulli", [f32([.nan])], says: "probability nan is outside"),
    FailureCase("Bernoulli", [f32([1])], ["dtype": .int(8)], says: "string, which the operator does not allow"),
    FailureCase("Multinomial", [f32([0, 0])], says: "rank 1"),
    FailureCase("Multinomial", [f32([0, 0], [1, 2])], ["sample_size": .int(0)], says: "'sample_size' is 0"),
    FailureCase("Multinomial", [f32([0, 0], [1, 2])], ["sample_size": .int(1 << 50)], code: .budgetExceeded, says: "does not fit"),
    FailureCase("Multinomial", [f32([0, 0], [1, 2])], ["dtype": .int(1)], says: "float32, which the operator does not allow"),
    FailureCase("Multinomial", [f32([.nan, 0], [1, 2])], says: "gives no class a probability"),
    FailureCase("Multinomial", [f32([-.infinity, -.infinity], [1, 2])], says: "gives no class a probability"),
    FailureCase("Multinomial", [f32([], [1, 0])], says: "gives no class a probability"),
    FailureCase("Multinomial", [f32([], [0, 1 << 50])], code: .budgetExceeded, says: "does not fit in memory"),
  ]

  @Test func infersShapesAndTypes() throws {
    #expect(try inferredType("RandomNormalLike", [.tensor(.float16, shape: ["n", 2])]) == "float16[n,2]")
    #expect(try inferredType("Multinomial", [.tensor(.float16, shape: ["n", 2])], ["sample_size": .int(7)]) == "int32[n,7]")
  }
}
