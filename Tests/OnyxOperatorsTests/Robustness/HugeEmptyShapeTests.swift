import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// Tensors without elements whose other extents are huge: they take no memory and pass every budget, so that nothing but the operator
/// keeps a loop over an extent from running for years, and a product of extents from overflowing.
struct HugeEmptyShapeTests {
  /// Operators that a node with plain attributes makes: all but those with bodies.
  static let operators = Catalog.definitions.map(\.signature.op).filter { attributes(of: $0, inputs: 3, outputs: 1) != nil }

  @Test func meetsTheCatalog() {
    let missing = Catalog.definitions.map(\.signature.op.name).filter { name in !Self.operators.contains { $0.name == name } }
    #expect(Set(missing) == Self.unmade)
  }

  @Test(arguments: operators) func answersAtOnce(_ op: OperatorName) throws {
    let signature = try #require(Catalog.definition(of: op)).signature
    var random = SeededGenerator(seed: op.name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    let start = ContinuousClock.now
    for round in 0..<Self.rounds {
      let inputs = Self.inputs(signature, &random)
      let outputs = max(1, signature.outputs.count - Int.random(in: 0...1, using: &random))
      guard let attributes = Self.attributes(of: op, inputs: inputs.count, outputs: outputs) else { continue }
      let error = Self.failure(op, signature, inputs, attributes, outputs)
      #expect(error?.code != .internalBug, "round \(round): \(inputs.map { $0?.typeDescription ?? "-" }), \(error?.reason ?? "")")
    }
    #expect(ContinuousClock.now - start < .seconds(60) * Sanitizer.patience)
  }

  private static let rounds = 400

  private static func failure(
    _ op: OperatorName, _ signature: Signature, _ inputs: [Tensor?], _ attributes: [String: Attribute], _ outputs: Int
  ) -> OnyxError? {
    do throws(OnyxError) {
      let made = try Catalog.make(node(op, inputs: inputs, outputs: outputs, attributes))
      let types = inputs.map { $0.map { ValueType.tensor($0.elementType, $0.shape) } }
      try signature.check(inputs: types, isPresent: inputs.map { $0 != nil }, outputCount: outputs)
      if let made = made as? any TensorOperator {
        let types = try made.outputTypes(inputs, outputCount: outputs)
        _ = made.multiplyAccumulates(
          inputs: inputs.map { $0.map { .tensor($0.elementType, $0.shape) } }, outputs: types.map { $0 })
        let results = try made.evaluate(EvaluationContext(inputs: inputs, outputs: types))
        for (result, type) in zip(results, types) {
          #expect(type.knownShape.map { $0 == result.shape } ?? true, "\(op) \(inputs.map { $0?.typeDescription ?? "-" })")
        }
      } else if let made = made as? any ValueOperator {
        var context = ValueContext(inputs: inputs.map { $0.map { .tensor($0) } }, outputCount: outputs)
        _ = try made.evaluate(&context)
      }
      return nil
    } catch { return error }
  }

  /// Loops over an extent beside another of 0 that chance finds seldom.
  static let listed: [OperatorCase] = [
    OperatorCase("ai.onnx.ml.Normalizer", [rows], gives: rows),
    OperatorCase("ai.onnx.ml.FeatureVectorizer", [rows, rows], gives: rows),
    OperatorCase(
      "TfIdfVectorizer", [i64([], [1 << 60, 0])],
      [
        "mode": .text("TF"), "min_gram_length": .int(1), "max_gram_length": .int(1), "max_skip_count": .int(0), "ngram_counts": .ints([]),
        "ngram_indexes": .ints([]), "pool_int64s": .ints([]),
      ], gives: rows),
    OperatorCase(
      "CausalConvWithState", [f32([], [1 << 60, 1, 0]), f32([1], [1, 1, 1])], gives: f32([], [1 << 60, 1, 0]), f32([], [1 << 60, 1, 0])),
    OperatorCase(
      "LinearAttention", Array(repeating: f32([], [1 << 60, 1, 0]), count: 3),
      ["q_num_heads": .int(1), "kv_num_heads": .int(1), "update_rule": .text("linear")], gives: f32([], [1 << 60, 1, 0]),
      f32([], [1 << 60, 1, 0, 0])),
    OperatorCase(
      "LinearAttention", Array(repeating: f32([], [0, 1 << 60, 1]), count: 3),
      ["q_num_heads": .int(1), "kv_num_heads": .int(1), "update_rule": .text("linear")], gives: f32([], [0, 1 << 60, 1]),
      f32([], [0, 1, 1, 1])),
    OperatorCase(
      "Conv", [f32([], [1, 0, 1, 1 << 31]), f32([], [2, 0, 1, 1 << 31]), f32([3, 4])], gives: f32([3, 4], [1, 2, 1, 1])),
    OperatorCase(
      "com.microsoft.GroupQueryAttention",
      [
        f32([], [1, 1 << 30, 0]), f32([], [1, 1 << 30, 0]), f32([], [1, 1 << 30, 0]), f32([], [1, 1, 1 << 60, 0]),
        f32([], [1, 1, 1 << 60, 0]), i32([(1 << 31) - 2]), i32([(1 << 31) - 1], []), f32([], [1, 0]), f32([], [1, 0]),
      ], ["num_heads": .int(1), "kv_num_heads": .int(1), "do_rotary": .int(1)], gives: f32([], [1, 1 << 30, 0])),
    OperatorCase(
      "com.microsoft.DynamicQuantizeLSTM",
      [f32([], [1 << 60, 0, 1]), ramp(.int8, [1, 1, 4]), ramp(.int8, [1, 1, 4]), nil, nil, nil, nil, nil] + quantized,
      ["hidden_size": .int(1)], gives: f32([], [1 << 60, 1, 0, 1])),
  ]

  private static let rows = f32([], [1 << 60, 0])
  private static let quantized: [Tensor?] = [f32([1]), ramp(.int8, [1]), f32([1]), ramp(.int8, [1])]

  @Test(arguments: listed) func givesEmptyTensors(_ test: OperatorCase) throws { try test.run() }

  // MARK: Nodes

  private static func node(
    _ op: OperatorName, inputs: [Tensor?], outputs: Int, _ attributes: [String: Attribute]
  ) -> Node {
    Node(
      op: op, opset: Catalog.newestOpset(of: op.domain) ?? 1, inputs: inputs.indices.map { inputs[$0] == nil ? nil : ValueID($0) },
      outputs: (0..<outputs).map { ValueID(inputs.count + $0) }, attributes: attributes)
  }

  private static func attributes(of op: OperatorName, inputs: Int, outputs: Int) -> [String: Attribute]? {
    plainAttributes(of: op, inputs: inputs, outputs: outputs, given: particular[op.name] ?? [:])
  }

  // MARK: Inputs

  private static func inputs(_ signature: Signature, _ random: inout SeededGenerator) -> [Tensor?] {
    // The extents that the inputs of a round share, so that some fit together.
    let extents = (0..<5).map { _ in extent(&random) }
    let rank = Int.random(in: 0...4, using: &random)
    var bound: [String: ElementType] = [:]
    var inputs: [Tensor?] = []
    for parameter in signature.inputs {
      if case .optional = parameter.presence, Int.random(in: 0..<4, using: &random) > 0 {
        inputs.append(nil)
        continue
      }
      let named = ElementType.allCases.filter { $0.description == parameter.type }
      let candidates = (signature.types[parameter.type].map(Array.init) ?? named).sorted { $0.rawValue < $1.rawValue }
      guard let type = bound[parameter.type] ?? candidates.randomElement(using: &random) else { return inputs }
      bound[parameter.type] = type
      let own = Int.random(in: 0..<3, using: &random) == 0 ? Int.random(in: 0...4, using: &random) : rank
      let isPlain = Int.random(in: 0..<3, using: &random) == 0
      let sharesAll = Bool.random(using: &random)
      inputs.append(
        tensor(
          type,
          (0..<own).map { axis in
            if isPlain { return 1 }
            return sharesAll || Bool.random(using: &random) ? extents[axis] : extent(&random)
          }))
      if case .variadic = parameter.presence, Bool.random(using: &random) { inputs.append(inputs[inputs.count - 1]) }
    }
    while let last = inputs.last, last == nil { inputs.removeLast() }
    return inputs
  }

  private static func extent(_ random: inout SeededGenerator) -> Int {
    [0, 0, 1, 1, 4, 1 << 60, 1 << 60, 1 << 48, .max].randomElement(using: &random)!
  }

  /// Ones. Huge extents stand beside a 0 only.
  private static func tensor(_ type: ElementType, _ dimensions: [Int]) -> Tensor {
    let isEmpty = dimensions.contains(0)
    guard let shape = try? Shape(dimensions.map { isEmpty || $0 < 1 << 48 ? $0 : 1 }) else {
      return tensor(type, dimensions.map { min($0, 1) })
    }
    let ones = [Double](repeating: 1, count: shape.elementCount)
    switch type.domain {
    case .string: return strings(ones.map { _ in "a" }, shape)
    case .complex: return try! Tensor(complex: ones.map { Complex128($0, 0) }, as: type, shape: shape)
    case .floating: return OnyxOperatorsTests.tensor(type, ones, shape)
    default: return ints(type, ones.map { Int64($0) }, shape)
    }
  }

  /// What chance or small numbers would not find.
  private static let particular: [String: [String: Attribute]] = [
    "BitShift": ["direction": .text("LEFT")], "Constant": ["value_int": .int(1)], "Einsum": ["equation": .text("ij,ij->i")],
    "Imputer": ["imputed_value_floats": .floats([1])], "LabelEncoder": ["keys_int64s": .ints([1]), "values_int64s": .ints([1])],
    "LinearClassifier": ["coefficients": .floats([1]), "classlabels_ints": .ints([1])],
    "MatMulNBits": ["K": .int(1), "N": .int(1), "block_size": .int(16)], "OneHotEncoder": ["cats_int64s": .ints([1])],
    "Momentum": ["mode": .text("standard")], "SVMClassifier": ["rho": .floats([1]), "classlabels_ints": .ints([1])],
    "TfIdfVectorizer": ["mode": .text("TF"), "pool_int64s": .ints([1]), "ngram_counts": .ints([0]), "ngram_indexes": .ints([0])],
    "ZipMap": ["classlabels_int64s": .ints([1])], "DictVectorizer": ["int64_vocabulary": .ints([1])],
    "InterleavedPhases": ["strides": .ints([1, 1]), "crops": .ints([0, 0, 0, 0])],
  ]

  private static let unmade: Set<String> = [
    "AttentionBlock", "BatchedScan", "If", "Loop", "Scan", "SequenceMap", "TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor",
  ]
}
