import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Elementwise operators on types other than float32: arithmetic, comparisons, logic, selection and conversion.
///
/// SAFETY: see `KernelCall`.
enum GenericRows {
  static let all = arithmetic + comparisons + logic + [choice, cast]

  private static let arithmetic = ["Add", "Sub", "Mul", "Div"].map { name in
    KernelRow(KernelRow.name(of: name, "generic"), [name], .everywhere([.int64, .int32, .float64])) {
      (op: Arithmetic, query) throws(OnyxError) in
      switch query.input(0)?.elementType {
      case .int64: integers(query, op.function.kind, Int64.self)
      case .int32: integers(query, op.function.kind, Int32.self)
      default: floats(query, op.function.kind, Double.self)
      }
    }
  }

  private static func integers<T: IntegerElement>(_ query: KernelQuery, _ kind: Arithmetic.Kind, _ type: T.Type) -> Preparation {
    switch kind {
    case .add: binary(query, WrappingSum<T>.self)
    case .subtract: binary(query, WrappingDifference<T>.self)
    case .multiply: binary(query, WrappingProduct<T>.self)
    default: binary(query, IntegerQuotient<T>.self)
    }
  }

  private static func floats<T: BinaryFloatingPoint & BitwiseCopyable>(
    _ query: KernelQuery, _ kind: Arithmetic.Kind, _ type: T.Type
  ) -> Preparation {
    switch kind {
    case .add: binary(query, FloatingSum<T>.self)
    case .subtract: binary(query, FloatingDifference<T>.self)
    case .multiply: binary(query, FloatingProduct<T>.self)
    default: binary(query, FloatingQuotient<T>.self)
    }
  }

  private static let comparisons = ["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"].map { name in
    KernelRow(KernelRow.name(of: name, "generic"), [name], .input(0, [.float32, .float64, .int64, .int32, .uint8, .bool])) {
      (op: Comparison, query) throws(OnyxError) in
      switch query.input(0)?.elementType {
      case .float32: comparison(query, op.relation, Float.self)
      case .float64: comparison(query, op.relation, Double.self)
      case .int64: comparison(query, op.relation, Int64.self)
      case .int32: comparison(query, op.relation, Int32.self)
      default: comparison(query, op.relation, UInt8.self)
      }
    }
  }

  private static func comparison<T: Comparable & BitwiseCopyable>(
    _ query: KernelQuery, _ relation: Comparison.Relation, _ type: T.Type
  ) -> Preparation {
    switch relation {
    case .equal: binary(query, IsEqual<T>.self)
    case .less: binary(query, IsLess<T>.self)
    case .greater: binary(query, IsLess<T>.self, swapped: true)
    case .lessOrEqual: binary(query, IsLessOrEqual<T>.self)
    case .greaterOrEqual: binary(query, IsLessOrEqual<T>.self, swapped: true)
    }
  }

  private static let logic = [
    KernelRow("and_bool", ["And"], .everywhere([.bool])) { (query) throws(OnyxError) in binary(query, LogicalAnd.self) },
    KernelRow("or_bool", ["Or"], .everywhere([.bool])) { (query) throws(OnyxError) in binary(query, LogicalOr.self) },
    KernelRow("xor_bool", ["Xor"], .everywhere([.bool])) { (query) throws(OnyxError) in binary(query, LogicalXor.self) },
    KernelRow("not_bool", ["Not"], .everywhere([.bool])) { (query) throws(OnyxError) in unary(query, LogicalNot.self) },
  ]

  /// By the width of the elements; elements of 16 bytes are aligned as words of 8.
  private static let choice = KernelRow("where_width", ["Where"], .output(0, ServedElements.any.types)) { (query) throws(OnyxError) in
    switch query.outputs[0]?.elementType.byteWidth {
    case 1: select(query, UInt8.self)
    case 2: select(query, UInt16.self)
    case 4: select(query, UInt32.self)
    case 8: select(query, UInt64.self)
    default: select(query, Complex128.self)
    }
  }

  private static let cast = KernelRow(
    "cast_generic", ["Cast", "CastLike"], .input(0, [.float32, .float64, .float16, .int64, .int32, .uint8, .bool])
  ) { (query) throws(OnyxError) in
    switch query.input(0)?.elementType {
    case .float32: cast(query, from: Float.self)
    case .float64: cast(query, from: Double.self)
    case .float16: cast(query, from: Float16.self)
    case .int64: cast(query, from: Int64.self)
    case .int32: cast(query, from: Int32.self)
    default: cast(query, from: UInt8.self)
    }
  }

  private static func cast<T: CastSource>(_ query: KernelQuery, from type: T.Type) -> Preparation {
    switch query.outputs[0]?.elementType {
    case .float32: unary(query, Conversion<T, Float>.self)
    case .float64: unary(query, Conversion<T, Double>.self)
    case .float16: unary(query, Conversion<T, Float16>.self)
    case .int64: unary(query, Conversion<T, Int64>.self)
    case .int32: unary(query, Conversion<T, Int32>.self)
    case .uint8: unary(query, Conversion<T, UInt8>.self)
    case .bool: unary(query, Conversion<T, Truth>.self)
    case let other: .declined("the output is \(other.map { "\($0)" } ?? "missing")")
    }
  }
}

/// The kernels with their shapes.
extension GenericRows {
  private static func unary<F: UnaryElementFunction>(_ query: KernelQuery, _ function: F.Type) -> Preparation {
    guard let x = query.input(0), let y = query.outputs[0], x.shape == y.shape else {
      return .declined("the output is missing")
    }
    let count = x.shape.elementCount
    return .run(inPlaceInputs: x.elementType.byteWidth == y.elementType.byteWidth ? [0] : []) { call in
      unsafe GenericElementwise.unary(function, call.input(0), call.output(), count: count, pool: call.pool)
    }
  }

  /// `swapped` gives the function the operands in the opposite order.
  private static func binary<F: BinaryElementFunction>(_ query: KernelQuery, _ function: F.Type, swapped: Bool = false) -> Preparation {
    guard let loops = loops(query, operands: 2), query.input(0)?.elementType == query.input(1)?.elementType else {
      return .declined(inputsMissing)
    }
    return .run(inPlaceInputs: inPlaceInputs(query)) { call in
      if swapped {
        unsafe GenericElementwise.binary(function, call.input(1), call.input(0), call.output(), loops.swapped, pool: call.pool)
      } else {
        unsafe GenericElementwise.binary(function, call.input(0), call.input(1), call.output(), loops.given, pool: call.pool)
      }
    }
  }

  private static func select<T: BitwiseCopyable>(_ query: KernelQuery, _ type: T.Type) -> Preparation {
    guard let loops = loops(query, operands: 3) else { return .declined(inputsMissing) }
    return .run(inPlaceInputs: inPlaceInputs(query)) { call in
      unsafe GenericElementwise.select(
        call.input(0), call.input(1, as: T.self), call.input(2), call.output(), loops.given, pool: call.pool)
    }
  }

  private static let inputsMissing = "an input is missing"

  /// The loops over the output with the operands in the given and in the opposite order.
  private static func loops(_ query: KernelQuery, operands: Int) -> (given: BroadcastLoops, swapped: BroadcastLoops)? {
    guard query.inputs.count == operands, let inputs = query.allInputs, let y = query.outputs[0]?.shape else { return nil }
    let strides = inputs.map { $0.shape.broadcastStrides(to: y) }
    return (BroadcastLoops(shape: Array(y), operands: strides), BroadcastLoops(shape: Array(y), operands: strides.reversed()))
  }

  /// Inputs with the shape and the element width of the output.
  private static func inPlaceInputs(_ query: KernelQuery) -> [Int] {
    guard let y = query.outputs[0] else { return [] }
    return query.inputs.indices.filter { index in
      query.inputs[index].map { $0.shape == y.shape && $0.elementType.byteWidth == y.elementType.byteWidth } ?? false
    }
  }
}
