import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// Random nodes with hostile shapes, values and attributes: whatever comes, an operator answers with a result that its
/// own inference foretold, or with an error that blames the model. (A trap would end the test process.)
struct MovementRobustnessTests {
  private static let attributes: [String: [(String, [String])]] = [
    "AffineGrid": [("align_corners", [])], "CenterCropPad": [("axes", ["*"])],
    "Col2Im": [("strides", ["*"]), ("dilations", ["*"]), ("pads", ["*"])], "Compress": [("axis", [])], "Concat": [("axis", [])],
    "ConstantOfShape": [], "DepthToSpace": [("blocksize", []), ("mode", ["DCR", "CRD"])], "Dropout": [("seed", [])], "Expand": [],
    "EyeLike": [("k", []), ("dtype", [])], "Flatten": [("axis", [])], "Gather": [("axis", [])], "GatherElements": [("axis", [])],
    "GatherND": [("batch_dims", [])],
    "GridSample": [("mode", ["linear", "nearest", "cubic"]), ("padding_mode", ["zeros", "border", "reflection"]), ("align_corners", [])],
    "Identity": [], "NonZero": [], "OneHot": [("axis", [])], "Pad": [("mode", ["constant", "reflect", "edge", "wrap"])],
    "Reshape": [("allowzero", [])],
    "Resize": [
      ("mode", ["linear", "nearest", "cubic"]), ("antialias", []), ("exclude_outside", []), ("axes", ["*"]),
      ("keep_aspect_ratio_policy", ["stretch", "not_larger", "not_smaller"]),
      (
        "coordinate_transformation_mode",
        ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize"]
      ), ("nearest_mode", ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]),
    ],
    "ReverseSequence": [("time_axis", []), ("batch_axis", [])], "ScatterElements": [("axis", []), ("reduction", ["none", "add", "max"])],
    "ScatterND": [("reduction", ["none", "mul", "min"])], "Shape": [("start", []), ("end", [])], "Size": [], "Slice": [],
    "SpaceToDepth": [("blocksize", []), ("mode", ["DCR", "CRD"])], "Split": [("axis", []), ("num_outputs", [])], "Squeeze": [],
    "Tile": [], "Transpose": [("perm", ["*"])], "Trilu": [("upper", [])], "Unique": [("axis", []), ("sorted", [])], "Unsqueeze": [],
  ]

  /// Shapes that fit together, for operators that chance alone would never satisfy.
  private static let fitting: [String: [[Int]]] = [
    "AffineGrid": [[1, 2, 3], [4]], "Col2Im": [[1, 4, 1], [2], [2]], "GridSample": [[1, 2, 3], [1, 3, 1]],
    "Resize": [[2, 3], [4], [2], [2]],
    "DepthToSpace": [[1, 4, 2, 2]], "SpaceToDepth": [[1, 2, 2, 2]], "ReverseSequence": [[2, 2], [2]],
  ]

  static let operators = attributes.keys.sorted()

  @Test(arguments: operators) func answers(_ op: String) throws {
    let signature = try #require(Catalog.definition(of: OperatorName(op))).signature
    var random = SeededGenerator(seed: op.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    var accepted = 0
    for round in 0..<600 {
      let shapes = Bool.random(using: &random) ? Self.fitting[op] : nil
      let inputs = Self.inputs(signature, shapes, &random)
      let attributes = Self.attributes(op, shapes != nil, &random)
      let outputs = signature.outputs.count > 1 || op == "Split" ? Int.random(in: 1...3, using: &random) : 1
      let error = Self.failure(op, signature, inputs, attributes, min(outputs, op == "Dropout" ? 2 : 3))
      if error == nil { accepted += 1 }
      #expect(error?.code != .internalBug, "\(op), round \(round): \(error.map { "\($0)" } ?? "")")
    }
    #expect(accepted > 0, "no random node was valid: the test proves nothing")
  }

  private static func failure(_ op: String, _ signature: Signature, _ inputs: [Tensor?], _ attributes: [String: Attribute], _ outputs: Int)
    -> OnyxError?
  {
    let node = Node(
      op: OperatorName(op), opset: Catalog.newestOpset, inputs: inputs.indices.map { inputs[$0] == nil ? nil : ValueID($0) },
      outputs: (0..<outputs).map { ValueID(inputs.count + $0) }, attributes: attributes)
    do throws(OnyxError) {
      let made = try Catalog.makeTensorOperator(node)
      try signature.check(
        inputs: inputs.map { $0.map { .tensor($0.elementType, $0.shape) } }, isPresent: inputs.map { $0 != nil }, outputCount: outputs)
      for knowledge in 0..<3 {
        let known = inputs.enumerated().map { index, tensor in tensor.map { describe($0, index, knowledge) } }
        _ = try made.infer(InferenceContext(inputs: known, outputCount: outputs))
      }
      let types = try made.outputTypes(inputs, outputCount: outputs)
      let results = try made.evaluate(EvaluationContext(inputs: inputs, outputs: types))
      #expect(
        results.map { .tensor($0.elementType, $0.shape) } == types, "\(op) \(inputs.map { $0?.typeDescription ?? "-" }) \(attributes)")
      return nil
    } catch { return error }
  }

  private static func describe(_ tensor: Tensor, _ index: Int, _ knowledge: Int) -> Inferred {
    switch knowledge {
    case 0: Inferred(.tensor(tensor.elementType, tensor.shape))
    case 1: Inferred(tensor.elementType, tensor.shape.indices.map { Dimension(symbol: "i\(index)a\($0)") })
    default: Inferred(tensor.elementType, nil)
    }
  }

  private static func attributes(_ op: String, _ isFitting: Bool, _ random: inout SeededGenerator) -> [String: Attribute] {
    var result: [String: Attribute] = [:]
    for (name, choices) in attributes[op] ?? []
    where Int.random(in: 0..<4, using: &random) < (isFitting ? 1 : 2) || name == "blocksize" || op == "Concat" {
      if choices == ["*"] {
        result[name] = .ints((0..<Int.random(in: 0...4, using: &random)).map { _ in integer(&random) })
      } else if let choice = choices.randomElement(using: &random) {
        result[name] = .text(choice)
      } else {
        result[name] = .int(integer(&random))
      }
    }
    return result
  }

  private static func inputs(_ signature: Signature, _ shapes: [[Int]]?, _ random: inout SeededGenerator) -> [Tensor?] {
    var bound: [String: ElementType] = [:]
    var inputs: [Tensor?] = []
    for parameter in signature.inputs {
      if case .optional = parameter.presence, Bool.random(using: &random) {
        inputs.append(nil)
        continue
      }
      let wanted: Set<ElementType> = [.float32, .int64, .int32, .bool, .string, .complex64, .uint8]
      let candidates = (signature.types[parameter.type] ?? (parameter.type == "float32" ? [.float32] : [.int64])).intersection(wanted)
      let type = bound[parameter.type] ?? candidates.sorted { $0.rawValue < $1.rawValue }.randomElement(using: &random) ?? .int64
      bound[parameter.type] = type
      if let shapes {
        inputs.append(tensor(type, shapes[min(inputs.count, shapes.count - 1)], small: true, &random))
        continue
      }
      // Most parameters behind the first are vectors or scalars.
      let rank =
        inputs.isEmpty || Int.random(in: 0..<4, using: &random) == 0
        ? Int.random(in: 0...4, using: &random) : Int.random(in: 0...1, using: &random)
      inputs.append(tensor(type, (0..<rank).map { _ in Int.random(in: 0...3, using: &random) }, small: false, &random))
      if case .variadic = parameter.presence, Bool.random(using: &random) { inputs.append(inputs[inputs.count - 1]) }
    }
    while let last = inputs.last, last == nil { inputs.removeLast() }
    return inputs
  }

  private static func tensor(_ type: ElementType, _ dimensions: [Int], small: Bool, _ random: inout SeededGenerator) -> Tensor {
    let shape = try! Shape(dimensions)
    let count = shape.elementCount
    switch type.domain {
    case .string: return strings((0..<count).map { _ in ["", "a", "b"].randomElement(using: &random)! }, shape)
    case .complex: return complexes(type, (0..<count).map { _ in (1, Double.random(in: 0...2, using: &random).rounded()) }, shape)
    case .floating: return OnyxOperatorsTests.tensor(type, (0..<count).map { _ in number(&random) }, shape)
    default: return ints(type, (0..<count).map { _ in small ? Int64.random(in: 1...2, using: &random) : integer(&random) }, shape)
    }
  }

  /// Small numbers mostly, and the edges; nothing in between that would only take memory.
  private static func integer(_ random: inout SeededGenerator) -> Int64 {
    if Int.random(in: 0..<12, using: &random) > 0 { return Int64.random(in: -2...3, using: &random) }
    return [.min, .max, .min + 1, .max - 1, 1 << 40, 1 << 62, -1 << 40, Int64(Int32.max), Int64(Int32.min)].randomElement(using: &random)!
  }

  private static func number(_ random: inout SeededGenerator) -> Double {
    if Int.random(in: 0..<8, using: &random) > 0 { return Double(Int.random(in: -4...4, using: &random)) / 2 }
    return [.nan, .infinity, -.infinity, 1e30, -1e30, 1e-30, 0.1, -0.0].randomElement(using: &random)!
  }
}
