import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Elementwise operators of one and two operands for every element type that their kernels serve: arithmetic, comparisons, bits.
///
/// SAFETY: see `KernelCall`.
enum ElementRows {
  static let all = arithmetic + comparisons + bits + [logicalNot, prelu, power, shift, clip] + unaries + [floatTests]

  private static func row<Op: Operator>(
    _ op: String, _ elements: ServedElements, _ prepare: @escaping @Sendable (Op, KernelQuery) throws(OnyxError) -> Preparation
  ) -> KernelRow {
    KernelRow(KernelRow.name(of: op, "elements"), [op], elements, prepare)
  }

  /// The types for which the kernels have a function of two elements.
  private static func types(binary function: Int) -> Set<ElementType> {
    Set(ElementType.allCases.filter { $0 != .bool && ElementBinary(function, $0, isa: .host) != nil })
  }

  private static let arithmetic = ["Add", "Sub", "Mul", "Div", "Mod", "Max", "Min", "Sum", "Mean"].map { name in
    row(name, .everywhere(.numbers)) { (op: Arithmetic, query) throws(OnyxError) in
      let function =
        switch op.function.kind {
        case .add, .mean: ONYX_ELEMENT_ADD
        case .subtract: ONYX_ELEMENT_SUBTRACT
        case .multiply: ONYX_ELEMENT_MULTIPLY
        case .divide: ONYX_ELEMENT_DIVIDE
        case .modulo: ONYX_ELEMENT_MODULO
        case .remainder: ONYX_ELEMENT_REMAINDER
        case .maximum: ONYX_ELEMENT_MAXIMUM
        case .minimum: ONYX_ELEMENT_MINIMUM
        }
      if query.inputs.count == 1 { return .view(of: 0) }
      let isMean = op.function.kind == .mean
      return query.inputs.count == 2 && !isMean ? binary(query, function) : fold(query, function, isMean: isMean)
    }
  }

  private static let comparisons = ["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"].map { name in
    row(name, .input(0, Set.numbers.union([.bool]))) { (op: Comparison, query) throws(OnyxError) in
      switch op.relation {
      case .equal: binary(query, ONYX_ELEMENT_EQUAL)
      case .less: binary(query, ONYX_ELEMENT_LESS)
      case .greater: binary(query, ONYX_ELEMENT_LESS, isSwapped: true)
      case .lessOrEqual: binary(query, ONYX_ELEMENT_LESS_OR_EQUAL)
      case .greaterOrEqual: binary(query, ONYX_ELEMENT_LESS_OR_EQUAL, isSwapped: true)
      }
    }
  }

  private static let bits = ["And", "Or", "Xor", "BitwiseAnd", "BitwiseOr", "BitwiseXor"].map { name in
    row(name, .everywhere(name.hasPrefix("Bitwise") ? .integers : [.bool])) { (op: Logic, query) throws(OnyxError) in
      switch op.function {
      case .and: binary(query, ONYX_ELEMENT_AND)
      case .or: binary(query, ONYX_ELEMENT_OR)
      case .xor: binary(query, ONYX_ELEMENT_XOR)
      }
    }
  }

  private static let shift = row("BitShift", .everywhere(.integers)) { (op: BitShift, query) throws(OnyxError) in
    binary(query, op.direction == .left ? ONYX_ELEMENT_SHIFT_LEFT : ONYX_ELEMENT_SHIFT_RIGHT)
  }

  private static let prelu = row("PRelu", .everywhere(types(binary: ONYX_ELEMENT_PRELU))) { (_: PRelu, query) throws(OnyxError) in
    binary(query, ONYX_ELEMENT_PRELU)
  }

  private static let power = row("Pow", .everywhere(types(binary: ONYX_ELEMENT_POWER))) { (_: Pow, query) throws(OnyxError) in
    binary(query, ONYX_ELEMENT_POWER)
  }

  /// A bool is its byte compared with 0.
  private static let logicalNot = row("Not", .everywhere([.bool])) { (_: Not, query) throws(OnyxError) in
    guard let count = query.input(0)?.shape.elementCount, let equal = ElementBinary(ONYX_ELEMENT_EQUAL, .uint8, isa: query.isa) else {
      return .declined(inputsMissing)
    }
    let loops = BroadcastLoops(shape: [count], operands: [[1], [0]])
    return .run(inPlaceInputs: [0]) { call in
      var zero: UInt8 = 0
      unsafe equal.run(call.output(0, as: UInt8.self), call.input(0, as: UInt8.self), &zero, loops, pool: call.pool)
    }
  }

  private static let unaries = [
    ("Abs", ONYX_ELEMENT_ABSOLUTE), ("Neg", ONYX_ELEMENT_NEGATE), ("Sign", ONYX_ELEMENT_SIGN), ("Relu", ONYX_ELEMENT_RELU),
    ("BitwiseNot", ONYX_ELEMENT_NOT), ("Floor", ONYX_ELEMENT_FLOOR), ("Ceil", ONYX_ELEMENT_CEIL), ("Round", ONYX_ELEMENT_ROUND),
    ("Sqrt", ONYX_ELEMENT_SQUARE_ROOT), ("Reciprocal", ONYX_ELEMENT_RECIPROCAL), ("LeakyRelu", ONYX_ELEMENT_LEAKY_RELU),
    ("HardSigmoid", ONYX_ELEMENT_HARD_SIGMOID), ("HardSwish", ONYX_ELEMENT_HARD_SWISH), ("Softsign", ONYX_ELEMENT_SOFTSIGN),
    ("ThresholdedRelu", ONYX_ELEMENT_THRESHOLDED_RELU), ("Shrink", ONYX_ELEMENT_SHRINK),
  ].map { (name, function) in
    let types = ElementType.allCases.filter { $0 != .bool && ElementUnary(function, $0, isa: .host) != nil }
    return KernelRow(KernelRow.name(of: name, "elements"), [name], .everywhere(Set(types))) { (query) throws(OnyxError) in
      var parameters = (query.op as? any ParametricOperator)?.parameters ?? []
      if let shrink = query.op as? Shrink { parameters = [shrink.bias, shrink.lambd] }
      return unary(query, function, parameters.first ?? 0, parameters.dropFirst().first ?? 0)
    }
  }

  private static let floatTests = KernelRow("float_test_elements", ["IsNaN", "IsInf"], .input(0, .floats)) {
    (op: FloatTest, query) throws(OnyxError) in
    switch op.kind {
    case .nan: unary(query, ONYX_ELEMENT_IS_NAN)
    case .infinite(let negative, let positive): unary(query, ONYX_ELEMENT_IS_INFINITE, negative ? 1 : 0, positive ? 1 : 0)
    }
  }
}

/// The kernels with their shapes.
extension ElementRows {
  static let inputsMissing = "an input is missing"

  private static func unary(_ query: KernelQuery, _ function: Int, _ p0: Float = 0, _ p1: Float = 0) -> Preparation {
    guard let x = query.input(0), let kernel = ElementUnary(function, x.elementType, p0: p0, p1: p1, isa: query.isa) else {
      return .declined(inputsMissing)
    }
    let count = x.shape.elementCount
    return .run(inPlaceInputs: kernel.width == kernel.resultWidth ? [0] : []) { call in
      unsafe kernel.run(call.output(0, as: UInt8.self), call.input(0, as: UInt8.self), count: count, pool: call.pool)
    }
  }

  /// `isSwapped` gives the function the operands in the opposite order.
  private static func binary(_ query: KernelQuery, _ function: Int, isSwapped: Bool = false) -> Preparation {
    guard query.inputs.count == 2, let inputs = query.allInputs, let y = query.outputs[0]?.shape,
      inputs[0].elementType == inputs[1].elementType, let kernel = ElementBinary(function, inputs[0].elementType, isa: query.isa)
    else { return .declined("the inputs are not two of one type") }
    let (first, second) = isSwapped ? (1, 0) : (0, 1)
    let loops = BroadcastLoops(shape: Array(y), operands: [first, second].map { inputs[$0].shape.broadcastStrides(to: y) })
    guard !y.contains(0) else { return .run { _ in } }
    return .run(inPlaceInputs: inPlaceInputs(query)) { call in
      unsafe kernel.run(
        call.output(0, as: UInt8.self), call.input(first, as: UInt8.self), call.input(second, as: UInt8.self), loops, pool: call.pool)
    }
  }

  /// Passes over up to four operands each; the result of a pass is the first operand of the next.
  private static func fold(_ query: KernelQuery, _ function: Int, isMean: Bool) -> Preparation {
    guard let inputs = query.allInputs, let y = query.outputs[0]?.shape, let type = inputs.first?.elementType,
      let kernel = ElementFold(function, type, isa: query.isa)
    else { return .declined(inputsMissing) }
    guard !y.contains(0) else { return .run { _ in } }
    let strides = inputs.map { $0.shape.broadcastStrides(to: y) }
    var passes: [(inputs: Range<Int>, loops: BroadcastLoops)] = []
    while passes.last?.inputs.upperBound != inputs.count {
      let first = passes.last?.inputs.upperBound ?? 0
      let before = first == 0 ? [] : [y.strides]
      let next = first..<min(first + ElementFold.operandsOfAPass - before.count, inputs.count)
      passes.append((next, BroadcastLoops(shape: Array(y), operands: before + strides[next])))
    }
    let steps = passes
    let divisor = type == .float64 ? Double(inputs.count).bitPattern : UInt64(Float(inputs.count).bitPattern)
    return .run(inPlaceInputs: inPlaceInputs(query).filter { $0 < 2 }) { call in
      let output = unsafe UnsafeMutableRawPointer(call.output(0, as: UInt8.self))
      var divisor = divisor
      for (inputs, loops) in steps {
        var operands: [UnsafeRawPointer] = unsafe inputs.lowerBound == 0 ? [] : [UnsafeRawPointer(output)]
        for index in inputs { unsafe operands.append(UnsafeRawPointer(call.input(index, as: UInt8.self))) }
        unsafe withUnsafePointer(to: &divisor) { divisor in
          let isLast = inputs.upperBound == strides.count
          unsafe kernel.run(output, operands, loops, divisor: isMean && isLast ? UnsafeRawPointer(divisor) : nil, pool: call.pool)
        }
      }
    }
  }

  /// Limits that are not given are the bounds of the type.
  private static let clip = row("Clip", .everywhere(.numbers)) { (_: Clip, query) throws(OnyxError) in
    guard let x = query.input(0), let index = x.elementType.kernelIndex else { return .declined(inputsMissing) }
    for bound in [1, 2] where query.input(bound).map({ $0.shape.elementCount != 1 }) ?? false { return .declined("a limit is no scalar") }
    let bounds = bounds(of: x.elementType)
    let (count, width, isa) = (x.shape.elementCount, x.elementType.byteWidth, query.isa)
    return .run(inPlaceInputs: [0]) { call in
      var (lowest, highest) = bounds
      let function = unsafe isa.elements.clip[index]!
      unsafe withUnsafePointer(to: &lowest) { lowest in
        unsafe withUnsafePointer(to: &highest) { highest in
          let low = unsafe call.optionalInput(1, as: UInt8.self).map { unsafe UnsafeRawPointer($0) } ?? UnsafeRawPointer(lowest)
          let high = unsafe call.optionalInput(2, as: UInt8.self).map { unsafe UnsafeRawPointer($0) } ?? UnsafeRawPointer(highest)
          let (y, x) = unsafe (call.output(0, as: UInt8.self), call.input(0, as: UInt8.self))
          call.pool.parallelFor(count: count, grain: 65536 / max(width, 2)) { range in
            unsafe function(y + range.lowerBound * width, x + range.lowerBound * width, Int64(range.count), low, high)
          }
        }
      }
    }
  }

  /// The bits of the lowest and the highest element, infinities of floats.
  private static func bounds(of type: ElementType) -> (UInt64, UInt64) {
    switch type {
    case .float16: (0xFC00, 0x7C00)
    case .bfloat16: (0xFF80, 0x7F80)
    case .float32: (0xFF80_0000, 0x7F80_0000)
    case .float64: (0xFFF0_0000_0000_0000, 0x7FF0_0000_0000_0000)
    default: (UInt64(bitPattern: type.integerBounds.lowest), UInt64(bitPattern: type.integerBounds.highest))
    }
  }

  /// Inputs with the shape and the element width of the output.
  static func inPlaceInputs(_ query: KernelQuery) -> [Int] {
    guard let y = query.outputs[0] else { return [] }
    return query.inputs.indices.filter { index in
      query.inputs[index].map { $0.shape == y.shape && $0.elementType.byteWidth == y.elementType.byteWidth } ?? false
    }
  }
}
