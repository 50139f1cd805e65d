import OnyxGraph
import OnyxTensor

/// Integer arithmetic on symbolic dimensions. Each function gives nil where no dimension can say the result for every
/// binding of the symbols; symbols stand for sizes, so they are never negative.
enum ShapeArithmetic {
  typealias Binary = @Sendable (Dimension, Dimension) throws(OnyxError) -> Dimension?

  /// Truncating division, as ONNX Div: the same as flooring where nothing is negative.
  static let divide: Binary = { (a, b) throws(OnyxError) in
    if let exact = try a.dividedExactly(by: b) { return exact }
    if let x = a.known, let y = b.known { return Dimension(Int(IntegerMath.divide(Int64(x), Int64(y)))) }
    return a.isNeverNegative && b.isNeverNegative ? try a.dividedDown(by: b) : nil
  }

  /// The remainder of `divide`; for operands that are never negative also that of flooring division.
  static let remainder: Binary = { (a, b) throws(OnyxError) in
    guard a.isNeverNegative, b.isNeverNegative else { return nil }
    if try a.dividedExactly(by: b) != nil { return 0 }
    guard let x = a.known, let y = b.known else { return Dimension(derived: "(\(a))mod(\(b))", of: [a, b]) }
    return Dimension(Int(IntegerMath.remainder(Int64(x), Int64(y))))
  }

  static let maximum: Binary = { (a, b) throws(OnyxError) in
    if try (a - b).isNeverNegative { return a }
    if try (b - a).isNeverNegative { return b }
    return a.isNeverNegative || b.isNeverNegative ? named("max", a, b) : nil
  }

  static let minimum: Binary = { (a, b) throws(OnyxError) in
    if try (a - b).isNeverNegative { return b }
    if try (b - a).isNeverNegative { return a }
    return a.isNeverNegative && b.isNeverNegative ? named("min", a, b) : nil
  }

  /// Whether a < b for every binding; nil when that depends on the binding.
  static let isLess: @Sendable (Dimension, Dimension) throws(OnyxError) -> Bool? = { (a, b) throws(OnyxError) in
    if try (b - a - 1).isNeverNegative { return true }
    return try (a - b).isNeverNegative ? false : nil
  }

  /// Whether a = b for every binding; nil when that depends on the binding.
  static let isEqual: @Sendable (Dimension, Dimension) throws(OnyxError) -> Bool? = { (a, b) throws(OnyxError) in
    if a == b { return true }
    let (above, below) = (try a - b - 1, try b - a - 1)
    return above.isNeverNegative || below.isNeverNegative ? false : nil
  }

  private static func named(_ function: String, _ a: Dimension, _ b: Dimension) -> Dimension {
    let operands = "\(a)" <= "\(b)" ? [a, b] : [b, a]
    return Dimension(derived: "\(function)(\(operands[0]),\(operands[1]))", of: operands)
  }
}

extension InferenceContext {
  /// The result of an elementwise operator over dimensions: `function` gets the operands of one element. nil when an operand
  /// or one result is unknown, or when the result is no small int32 or int64 tensor of rank 0 or 1.
  func dimensions(_ shape: [Dimension]?, _ element: ElementType?, _ function: ([Dimension]) throws(OnyxError) -> Dimension?) -> KnownValue?
  {
    guard element == .int64 || element == .int32, let operands = elementwiseOperands(shape) else { return nil }
    var results: [Dimension] = []
    for operand in operands {
      // Dimensions throw on overflow, where the run wraps: nothing is known of such a value.
      guard let result = (try? function(operand)) ?? nil else { return nil }
      if element == .int32, let known = result.known, Int32(exactly: known) == nil { return nil }
      results.append(result)
    }
    return .dimensions(results)
  }

  /// As `dimensions`, for a comparison.
  func truths(_ shape: [Dimension]?, _ function: (Dimension, Dimension) throws(OnyxError) -> Bool?) -> KnownValue? {
    guard let shape, let operands = elementwiseOperands(shape), let known = ValueType.tensor(.bool, shape: shape).knownShape else {
      return nil
    }
    var results: [Bool] = []
    for operand in operands {
      guard let result = (try? function(operand[0], operand[1])) ?? nil else { return nil }
      results.append(result)
    }
    return (try? Tensor(results, shape: known)).map { .tensor($0) }
  }

  /// For each element of a small result of rank 0 or 1, the dimensions that every input has there.
  private func elementwiseOperands(_ shape: [Dimension]?) -> [[Dimension]]? {
    guard let shape, shape.count <= 1, let result = ValueType.tensor(.int64, shape: shape).knownShape,
      result.elementCount <= KnownValue.largestElementCount
    else { return nil }
    var operands = [[Dimension]](repeating: [], count: result.elementCount)
    for input in inputs {
      guard let dimensions = input?.dimensions, let own = input?.type.knownShape, own.elementCount == dimensions.count else { return nil }
      for (index, position) in StridedPositions(of: own, in: result).enumerated() { operands[index].append(dimensions[position]) }
    }
    return operands
  }

  /// The single output of `op`: its type, and its value as far as `smallConstant` finds it.
  func folded(_ op: any TensorOperator, _ type: ValueType) -> Inferred { Inferred(type, value: smallConstant(op, type)) }

  /// The single output of `op`, which has this type, evaluated here when all inputs are small constants: shape arithmetic
  /// also passes through floats and bools (a Resize's scales, a Where's condition).
  func smallConstant(_ op: any TensorOperator, _ type: ValueType) -> KnownValue? {
    guard let shape = type.knownShape, shape.elementCount <= KnownValue.largestElementCount else { return nil }
    var constants: [Tensor?] = []
    for input in inputs {
      guard let input else {
        constants.append(nil)
        continue
      }
      guard let constant = input.constant, constant.elementCount <= KnownValue.largestElementCount else { return nil }
      constants.append(constant)
    }
    return (try? op.evaluate(EvaluationContext(inputs: constants, outputs: [type])))?.first.map { .tensor($0) }
  }

  /// The type of a broadcasting operator's result.
  func broadcastShape() throws(OnyxError) -> [Dimension]? {
    guard let shapes = allShapes() else { return nil }
    return try broadcast(shapes)
  }
}
