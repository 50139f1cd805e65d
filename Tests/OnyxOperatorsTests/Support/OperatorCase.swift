import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// One run of an operator and what it must give: a row of a test table. Expected numbers come from numpy, from the ONNX
/// reference evaluator or from the standard's text.
struct OperatorCase: Sendable, CustomTestStringConvertible {
  let op: String
  let domain: String
  let inputs: [Tensor?]
  let attributes: [String: Attribute]
  let expected: [Tensor]
  /// Largest difference relative to the expected number; nil is one unit in the last place of the element type.
  let tolerance: Double?
  let note: String

  init(
    _ op: String, _ inputs: [Tensor?], _ attributes: [String: Attribute] = [:], gives expected: Tensor..., tolerance: Double? = nil,
    domain: String = "", note: String = ""
  ) {
    self.op = op
    self.domain = domain
    self.inputs = inputs
    self.attributes = attributes
    self.expected = expected
    self.tolerance = tolerance
    self.note = note
  }

  var testDescription: String {
    let types = inputs.map { $0.map(\.typeDescription) ?? "-" }.joined(separator: ", ")
    return "\(op)(\(types))" + (note.isEmpty ? "" : " \(note)")
  }

  /// Evaluates with every check of `evaluate(_:_:)` and compares the results.
  func run() throws {
    let results = try evaluate(op, inputs, attributes: attributes, outputs: expected.count, domain: domain)
    for (result, want) in zip(results, expected) { expectClose(result, want, tolerance: tolerance, testDescription) }
  }
}

/// Runs an operator of the catalog as a plan would: attributes, signature, inference, reference.
///
/// Besides, it records an issue unless
/// - inference over the constant inputs gives exactly the types of the results, and only true values;
/// - inference over less knowledge (no values; symbolic dimensions; symbolic values; no ranks) says nothing that the results
///   contradict, and does not throw;
/// - the results have element types that the signature allows;
/// - what `smallResult` makes, if anything, is the result, and nothing where another stage throws.
///
/// `dataDependent`: the output's size depends on floating elements or on a decoder, so even constant inputs do not tell it.
func evaluate(
  _ op: String, _ inputs: [Tensor?], attributes: [String: Attribute] = [:], outputs: Int = 1, domain: String = "",
  dataDependent: Bool = false
) throws -> [Tensor] {
  var inputs = inputs
  while let last = inputs.last, last == nil { inputs.removeLast() }
  let name = operatorName(op, domain: domain)
  let node = Node(
    name: "tested", op: name, opset: Catalog.newestOpset(of: name.domain) ?? Catalog.newestOpset,
    inputs: inputs.indices.map { inputs[$0] == nil ? nil : ValueID($0) }, outputs: (0..<outputs).map { ValueID(inputs.count + $0) },
    attributes: attributes)
  let made = try Catalog.makeTensorOperator(node)
  let signature = try #require(Catalog.definition(of: node.op)).signature
  let types = inputs.map { $0.map { ValueType.tensor($0.elementType, $0.shape) } }
  try signature.check(inputs: types, isPresent: inputs.map { $0 != nil }, outputCount: outputs)

  var given = inputs
  let small = outputs == 1 ? made.smallResult(&given) : nil
  let exact: [Inferred]
  do throws(OnyxError) {
    exact = try made.infer(InferenceContext(inputs: inputs.map { $0.map { Inferred(constant: $0) } }, outputCount: outputs))
  } catch {
    #expect(small == nil, "\(op): there is a small result of what breaks the rule")
    throw error
  }
  let results = try made.evaluate(EvaluationContext(inputs: inputs, outputs: exact.map(\.type)))
  if let small { expectClose(small, results[0], tolerance: 0, "\(op): the small result") }
  #expect(results.count == outputs, "\(op) gave \(results.count) results")
  if !dataDependent {
    for (inferred, result) in zip(exact, results) {
      #expect(inferred.type == .tensor(result.elementType, result.shape), "\(op): the inferred type is not the result's")
    }
  }
  for knowledge in Knowledge.allCases {
    var bindings: [String: Int] = [:]
    let known = inputs.enumerated().map { index, input in input.map { knowledge.of($0, index, &bindings) } }
    do {
      let inferred = try made.infer(InferenceContext(inputs: known, outputCount: outputs, symbolPrefix: "tested"))
      #expect(inferred.count >= outputs, "\(op): inference gave \(inferred.count) results, with \(knowledge)")
      for (inferred, result) in zip(inferred, results) { expectConsistent(inferred, result, bindings, "\(op) with \(knowledge)") }
    } catch { Issue.record("\(op): inference with \(knowledge) threw: \(error)") }
  }
  expectAllowed(results, inputs, signature)
  return results
}

/// The error that an operator gives for these inputs, from whichever stage finds it first; nil when it accepts them.
func failure(
  _ op: String, _ inputs: [Tensor?], attributes: [String: Attribute] = [:], outputs: Int = 1, domain: String = ""
) -> OnyxError? {
  do {
    _ = try evaluate(op, inputs, attributes: attributes, outputs: outputs, domain: domain)
    return nil
  } catch { return error as? OnyxError }
}

/// The name of an operator; one with a domain may be written as errors write it: "ai.onnx.ml.Scaler".
func operatorName(_ text: String, domain: String = "") -> OperatorName {
  guard let dot = text.lastIndex(of: ".") else { return OperatorName(text, domain: domain) }
  return OperatorName(String(text[text.index(after: dot)...]), domain: String(text[..<dot]))
}

/// How much inference is told of the inputs.
private enum Knowledge: CaseIterable {
  case constants, shapes, symbolicShapes, symbolicFirstShape, symbolicValues, ranklessFirst, ranksUnknown

  func of(_ tensor: Tensor, _ index: Int, _ bindings: inout [String: Int]) -> Inferred {
    let plain = Inferred(.tensor(tensor.elementType, tensor.shape))
    switch self {
    case .constants: return Inferred(constant: tensor)
    case .shapes: return plain
    case .symbolicShapes: return Self.symbolic(tensor, index, &bindings)
    case .symbolicFirstShape: return index == 0 ? Self.symbolic(tensor, index, &bindings) : Inferred(constant: tensor)
    case .symbolicValues: return Self.symbolicValue(tensor, index, &bindings) ?? plain
    case .ranklessFirst: return index == 0 ? Inferred(tensor.elementType, nil) : Inferred(constant: tensor)
    case .ranksUnknown: return Inferred(tensor.elementType, nil)
    }
  }

  private static func symbolic(_ tensor: Tensor, _ index: Int, _ bindings: inout [String: Int]) -> Inferred {
    var shape: [Dimension] = []
    for (axis, size) in tensor.shape.enumerated() {
      bindings["i\(index)a\(axis)"] = size
      shape.append(Dimension(symbol: "i\(index)a\(axis)"))
    }
    return Inferred(tensor.elementType, shape)
  }

  /// Integers that can be sizes become symbols; negative ones stay, since a symbol stands for a size.
  private static func symbolicValue(_ tensor: Tensor, _ index: Int, _ bindings: inout [String: Int]) -> Inferred? {
    guard tensor.elementType == .int64, tensor.shape.rank <= 1, tensor.elementCount <= 64, let values = try? tensor.ints() else {
      return nil
    }
    var dimensions: [Dimension] = []
    for (position, value) in values.enumerated() {
      if value >= 0 { bindings["v\(index)e\(position)"] = value }
      dimensions.append(value < 0 ? Dimension(value) : Dimension(symbol: "v\(index)e\(position)"))
    }
    return Inferred(.tensor(.int64, tensor.shape), value: .dimensions(dimensions))
  }
}

/// Records an issue when the inferred type or value says something else than the result.
private func expectConsistent(_ inferred: Inferred, _ result: Tensor, _ bindings: [String: Int], _ label: String) {
  #expect(inferred.elementType == result.elementType, "\(label)")
  if let shape = inferred.shape {
    #expect(shape.count == result.shape.rank, "\(label): inferred rank")
    for (axis, (dimension, size)) in zip(shape, result.shape).enumerated() {
      guard let known = (try? dimension.substituting(bindings))?.known else { continue }
      #expect(known == size, "\(label): axis \(axis) inferred as \(dimension)")
    }
  }
  if let constant = inferred.constant { expectClose(constant, result, tolerance: 0, "\(label): inferred value") }
  if let dimensions = inferred.dimensions, let values = try? result.ints() {
    #expect(dimensions.count == values.count, "\(label): inferred value count")
    for (dimension, value) in zip(dimensions, values) {
      guard let known = (try? dimension.substituting(bindings))?.known else { continue }
      #expect(known == value, "\(label): a value inferred as \(dimension)")
    }
  }
}

/// Records an issue when a result has an element type that the signature's type variable excludes.
private func expectAllowed(_ results: [Tensor], _ inputs: [Tensor?], _ signature: Signature) {
  var bound: [String: ElementType] = [:]
  for (index, input) in inputs.enumerated() {
    let parameter = signature.inputs[min(index, signature.inputs.count - 1)]
    if let input, parameter.isHomogeneous { bound[parameter.type] = input.elementType }
  }
  for (index, result) in results.enumerated() {
    let parameter = signature.outputs[min(index, signature.outputs.count - 1)]
    if let allowed = signature.types[parameter.type] {
      #expect(allowed.contains(result.elementType), "\(signature.op): output \(parameter.name)")
      if let type = bound[parameter.type] { #expect(type == result.elementType, "\(signature.op): output \(parameter.name)") }
    } else {
      #expect("\(result.elementType)" == parameter.type, "\(signature.op): output \(parameter.name)")
    }
  }
}

/// Records an issue unless both tensors have one type and shape and their elements agree. NaN agrees with NaN; with a
/// tolerance of 0 the signs of zeros must agree too. `nil` allows one unit in the last place.
func expectClose(_ got: Tensor, _ want: Tensor, tolerance: Double? = nil, _ label: String) {
  guard got.elementType == want.elementType, got.shape == want.shape else {
    Issue.record("\(label): \(got.typeDescription) instead of \(want.typeDescription)")
    return
  }
  do {
    switch got.elementType.domain {
    case .string: #expect(try got.strings() == want.strings(), "\(label)")
    case .signed, .unsigned, .bool: #expect(try got.integers() == want.integers(), "\(label)")
    case .complex:
      let (a, b) = (try got.complexes(), try want.complexes())
      expectClose(a.flatMap { [$0.real, $0.imaginary] }, b.flatMap { [$0.real, $0.imaginary] }, tolerance ?? 1e-6, label)
    case .floating: expectClose(try got.doubles(), try want.doubles(), tolerance ?? lastPlace(of: got.elementType), label)
    }
  } catch { Issue.record("\(label): \(error)") }
}

private func expectClose(_ got: [Double], _ want: [Double], _ tolerance: Double, _ label: String) {
  for (index, (a, b)) in zip(got, want).enumerated() {
    let agrees =
      a.isNaN || b.isNaN
      ? a.isNaN && b.isNaN
      : (tolerance == 0 ? a == b && a.sign == b.sign : a == b || abs(a - b) <= tolerance * max(abs(b), 1e-6))
    if !agrees { Issue.record("\(label): element \(index) is \(a) instead of \(b)") }
  }
}

private func lastPlace(of type: ElementType) -> Double {
  switch type {
  case .float64: 1e-13
  case .float32: 0x1p-23
  case .float16: 0x1p-10
  case .bfloat16: 0x1p-7
  default: 0
  }
}

/// A tensor of any floating, integer or bool type; `shape` nil is rank 1. A wrong literal is a bug of the test.
func tensor(_ type: ElementType, _ values: [Double], _ shape: Shape? = nil) -> Tensor {
  let shape = shape ?? [values.count]
  // The one narrow float with infinities: a literal keeps them.
  if type == .float8e5m2 { return try! Tensor(values.map { Float8E5M2($0, saturate: false) }, shape: shape) }
  return type.isFloating
    ? try! Tensor(floating: values, as: type, shape: shape) : try! Tensor(integral: values.map { Int64($0) }, as: type, shape: shape)
}

func f32(_ values: [Double], _ shape: Shape? = nil) -> Tensor { tensor(.float32, values, shape) }
func f64(_ values: [Double], _ shape: Shape? = nil) -> Tensor { tensor(.float64, values, shape) }
func f16(_ values: [Double], _ shape: Shape? = nil) -> Tensor { tensor(.float16, values, shape) }
func bf16(_ values: [Double], _ shape: Shape? = nil) -> Tensor { tensor(.bfloat16, values, shape) }

/// An integer tensor; `uint64` values past 2^63 are given as their bits.
func ints(_ type: ElementType, _ values: [Int64], _ shape: Shape? = nil) -> Tensor {
  try! Tensor(integral: values, as: type, shape: shape ?? [values.count])
}

func i64(_ values: [Int64], _ shape: Shape? = nil) -> Tensor { ints(.int64, values, shape) }
func i32(_ values: [Int64], _ shape: Shape? = nil) -> Tensor { ints(.int32, values, shape) }
func bools(_ values: [Bool], _ shape: Shape? = nil) -> Tensor { try! Tensor(values, shape: shape ?? [values.count]) }
func texts(_ values: [String]) -> Attribute { .strings(values.map { Array($0.utf8) }) }
func strings(_ values: [String], _ shape: Shape? = nil) -> Tensor { try! Tensor(values, shape: shape ?? [values.count]) }
