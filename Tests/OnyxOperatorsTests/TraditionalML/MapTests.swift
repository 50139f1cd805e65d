import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Operators on maps. Expected values: ONNX Runtime 1.32 for maps of floats, the only ones that its Python takes; else the standard's text.
struct MapTests {
  private static func make(_ op: String, _ attributes: [String: Attribute]) throws -> any ValueOperator {
    let node = Node(
      op: OperatorName(op, domain: "ai.onnx.ml"), opset: 5, inputs: [ValueID(0)], outputs: [ValueID(1)], attributes: attributes)
    return try #require(try Catalog.make(node) as? any ValueOperator)
  }

  /// The result, whose kind the rule must tell from the kind of the input.
  private static func run(_ op: String, _ input: Value, _ attributes: [String: Attribute]) throws -> Value {
    let made = try make(op, attributes)
    let type: ValueType = if case .tensor(let tensor) = input { .tensor(tensor.elementType, tensor.shape) } else { ValueType(input.kind) }
    let signature = try #require(Catalog.definition(of: OperatorName(op, domain: "ai.onnx.ml"))).signature
    try signature.check(inputs: [type], isPresent: [true], outputCount: 1)
    let inferred = try made.infer(InferenceContext(inputs: [Inferred(type)], outputCount: 1))[0].type
    var context = ValueContext(inputs: [input])
    let result = try made.evaluate(&context)[0]
    #expect(inferred.kind == result.kind)
    if case .tensor(let tensor) = result, let shape = inferred.knownShape { #expect(shape == tensor.shape) }
    return result
  }

  private static func refusal(_ op: String, _ input: Value, _ attributes: [String: Attribute]) -> String {
    do {
      _ = try run(op, input, attributes)
      return "accepted"
    } catch { return (error as? OnyxError)?.reason ?? "\(error)" }
  }

  private static func map(_ keys: Tensor, _ values: Tensor) throws -> Value { .map(try MapValue(keys: keys, values: values)) }

  @Test func zipMapPairsLabelsWithScores() throws {
    let scores = Value.tensor(f32([0.1, 0.9, 0.75, 0.25], [2, 2]))
    let maps = try Self.run("ZipMap", scores, ["classlabels_int64s": .ints([7, 3])]).sequence()
    #expect(maps.count == 2)
    guard case .map(let first)? = maps.first, case .map(let last)? = maps.last else { throw OnyxError.bug("No maps were made.") }
    #expect(first.keys == i64([7, 3]) && first.values == f32([0.1, 0.9]))
    #expect(last.keys == i64([7, 3]) && last.values == f32([0.75, 0.25]))
    let named = try Self.run("ZipMap", .tensor(f32([1, 2])), ["classlabels_strings": texts(["a", "b"])])
    #expect("\(named.kind)" == "seq(map(string,float32))")
    #expect(try named.sequence().count == 1)
    #expect(try Self.run("ZipMap", .tensor(f32([], [0, 2])), ["classlabels_int64s": .ints([7, 3])]).sequence().isEmpty)
  }

  /// "é" and "e" with an accent look alike and are two keys.
  @Test func keysAreDifferentBytes() throws {
    let keys = strings(["é", "e\u{301}"])
    let map = try MapValue(keys: keys, values: i64([1, 2]))
    #expect(try map.keys.strings().map { $0.utf8.count } == [2, 3])
    #expect(throws: OnyxError.self) { try MapValue(keys: strings(["é", "é"]), values: i64([1, 2])) }
  }

  @Test func zipMapRefuses() {
    let scores = Value.tensor(f32([1, 2], [1, 2]))
    #expect(Self.refusal("ZipMap", scores, [:]).contains("Exactly one"))
    #expect(Self.refusal("ZipMap", scores, ["classlabels_int64s": .ints([1, 1])]).contains("comes twice"))
    #expect(Self.refusal("ZipMap", scores, ["classlabels_int64s": .ints([1, 2, 3])]).contains("2 features"))
    #expect(Self.refusal("ZipMap", .tensor(f32([1, 2], [1, 1, 2])), ["classlabels_int64s": .ints([1, 2])]).contains("rank 3"))
  }

  @Test func castMapOrdersByKeys() throws {
    let numbers = try Self.map(i64([4, 0, 2]), f32([1.5, -2, 3]))
    #expect(try Self.run("CastMap", numbers, [:]).tensor() == f32([-2, 3, 1.5], [1, 3]))
    #expect(try Self.run("CastMap", numbers, ["cast_to": .text("TO_INT64")]).tensor() == i64([-2, 3, 1], [1, 3]))
    let sparse: [String: Attribute] = ["map_form": .text("SPARSE"), "max_map": .int(6)]
    #expect(try Self.run("CastMap", numbers, sparse).tensor() == f32([-2, 0, 3, 0, 1.5, 0], [1, 6]))
    let words = try Self.map(i64([1, 0]), strings(["7", "-8"]))
    #expect(try Self.run("CastMap", words, ["cast_to": .text("TO_INT64")]).tensor() == i64([-8, 7], [1, 2]))
    #expect(try Self.run("CastMap", words, ["cast_to": .text("TO_STRING")]).tensor() == strings(["-8", "7"], [1, 2]))
    // By the rules of Cast, as the reference evaluator casts; ONNX Runtime writes "1.500000".
    #expect(try Self.run("CastMap", numbers, ["cast_to": .text("TO_STRING")]).tensor() == strings(["-2.0", "3.0", "1.5"], [1, 3]))
    #expect(
      try Self.run("CastMap", words, ["cast_to": .text("TO_STRING")].merging(sparse) { $1 }).tensor()
        == strings(["-8", "7", "", "", "", ""], [1, 6]))
  }

  @Test func castMapRefuses() throws {
    let numbers = try Self.map(i64([4, -1]), f32([1, 2]))
    #expect(
      Self.refusal("CastMap", numbers, ["map_form": .text("SPARSE"), "max_map": .int(4)]).contains("key 4 of the map is outside 0 … 3"))
    #expect(Self.refusal("CastMap", numbers, ["map_form": .text("SPARSE"), "max_map": .int(5)]).contains("key -1"))
    #expect(Self.refusal("CastMap", numbers, ["map_form": .text("SPARSE"), "max_map": .int(0)]).contains("'max_map' is 0"))
    #expect(Self.refusal("CastMap", numbers, ["map_form": .text("SPARSE"), "max_map": .int(1 << 50)]).contains("too large"))
    #expect(Self.refusal("CastMap", numbers, ["cast_to": .text("TO_BOOL")]).contains("'cast_to' is 'TO_BOOL'"))
    #expect(Self.refusal("CastMap", try Self.map(i64([1]), strings(["one"])), [:]).contains("one"))
    #expect(Self.refusal("CastMap", .tensor(f32([1])), [:]).contains("does not allow"))
  }

  @Test func dictVectorizerFollowsTheVocabulary() throws {
    let words: [String: Attribute] = ["string_vocabulary": texts(["a", "c", "b", "z"])]
    // The standard's example.
    #expect(try Self.run("DictVectorizer", Self.map(strings(["a", "c"]), i64([4, 8])), words).tensor() == i64([4, 8, 0, 0], [1, 4]))
    #expect(
      try Self.run("DictVectorizer", Self.map(strings(["z", "no"]), f64([0.5, 9])), words).tensor() == f64([0, 0, 0, 0.5], [1, 4]))
    let numbers: [String: Attribute] = ["int64_vocabulary": .ints([10, -1])]
    #expect(try Self.run("DictVectorizer", Self.map(i64([-1]), strings(["x"])), numbers).tensor() == strings(["", "x"], [1, 2]))
    #expect(try Self.run("DictVectorizer", Self.map(i64([10]), f32([2.5])), numbers).tensor() == f32([2.5, 0], [1, 2]))
  }

  @Test func dictVectorizerRefuses() throws {
    let numbers = try Self.map(i64([1]), f32([2]))
    #expect(Self.refusal("DictVectorizer", numbers, [:]).contains("Exactly one"))
    #expect(Self.refusal("DictVectorizer", numbers, ["string_vocabulary": texts(["a"])]).contains("The keys of the map are int64"))
    #expect(Self.refusal("DictVectorizer", try Self.map(i64([1]), i64([2])), ["int64_vocabulary": .ints([1])]).contains("does not allow"))
  }
}
