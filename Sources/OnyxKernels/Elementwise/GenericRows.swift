import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Elementwise operators on types other than float32: arithmetic, comparisons, logic, selection and conversion.
///
/// SAFETY: a query's types are those of the memory that `KernelCall` hands out, so the counts and strides taken from it stay inside.
extension KernelTable {
  static let genericRows = arithmeticRows + comparisonRows + logicRows + [whereRow, castRow]

  private static let arithmeticRows = ["Add", "Sub", "Mul", "Div"].map { name in
    KernelRow("\(name.lowercased())_generic", [name]) { (query) throws(OnyxError) in
      switch query.input(0)?.elementType {
      case .int64: integers(query, name, Int64.self)
      case .int32: integers(query, name, Int32.self)
      case .float64: floats(query, name, Double.self)
      default: nil
      }
    }
  }

  private static func integers<T: IntegerElement>(_ query: KernelQuery, _ name: String, _ type: T.Type) -> PreparedKernel? {
    switch name {
    case "Add": binary(query, WrappingSum<T>.self)
    case "Sub": binary(query, WrappingDifference<T>.self)
    case "Mul": binary(query, WrappingProduct<T>.self)
    default: binary(query, IntegerQuotient<T>.self)
    }
  }

  private static func floats<T: BinaryFloatingPoint & BitwiseCopyable>(_ query: KernelQuery, _ name: String, _ type: T.Type)
    -> PreparedKernel?
  {
    switch name {
    case "Add": binary(query, FloatingSum<T>.self)
    case "Sub": binary(query, FloatingDifference<T>.self)
    case "Mul": binary(query, FloatingProduct<T>.self)
    default: binary(query, FloatingQuotient<T>.self)
    }
  }

  private static let comparisonRows = ["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"].map { name in
    KernelRow("\(name.lowercased())_generic", [name]) { (query) throws(OnyxError) in
      switch query.input(0)?.elementType {
      case .float32: comparison(query, name, Float.self)
      case .float64: comparison(query, name, Double.self)
      case .int64: comparison(query, name, Int64.self)
      case .int32: comparison(query, name, Int32.self)
      case .uint8, .bool: comparison(query, name, UInt8.self)
      default: nil
      }
    }
  }

  private static func comparison<T: Comparable & BitwiseCopyable>(_ query: KernelQuery, _ name: String, _ type: T.Type) -> PreparedKernel? {
    switch name {
    case "Equal": binary(query, IsEqual<T>.self)
    case "Less": binary(query, IsLess<T>.self)
    case "Greater": binary(query, IsLess<T>.self, swapped: true)
    case "LessOrEqual": binary(query, IsLessOrEqual<T>.self)
    default: binary(query, IsLessOrEqual<T>.self, swapped: true)
    }
  }

  private static let logicRows = [
    KernelRow("and_bool", ["And"]) { (query) throws(OnyxError) in binary(query, LogicalAnd.self) },
    KernelRow("or_bool", ["Or"]) { (query) throws(OnyxError) in binary(query, LogicalOr.self) },
    KernelRow("xor_bool", ["Xor"]) { (query) throws(OnyxError) in binary(query, LogicalXor.self) },
    KernelRow("not_bool", ["Not"]) { (query) throws(OnyxError) in unary(query, LogicalNot.self) },
  ]

  /// By the width of the elements; elements of 16 bytes are aligned as words of 8.
  private static let whereRow = KernelRow("where_width", ["Where"]) { (query) throws(OnyxError) in
    guard let type = query.outputs[0]?.elementType, type != .string else { return nil }
    return switch type.byteWidth {
    case 1: select(query, UInt8.self)
    case 2: select(query, UInt16.self)
    case 4: select(query, UInt32.self)
    case 8: select(query, UInt64.self)
    case 16: select(query, Complex128.self)
    default: nil
    }
  }

  private static let castRow = KernelRow("cast_generic", ["Cast", "CastLike"]) { (query) throws(OnyxError) in
    switch query.input(0)?.elementType {
    case .float32: cast(query, from: Float.self)
    case .float64: cast(query, from: Double.self)
    case .float16: cast(query, from: Float16.self)
    case .int64: cast(query, from: Int64.self)
    case .int32: cast(query, from: Int32.self)
    case .uint8, .bool: cast(query, from: UInt8.self)
    default: nil
    }
  }

  private static func cast<T: CastSource>(_ query: KernelQuery, from type: T.Type) -> PreparedKernel? {
    switch query.outputs[0]?.elementType {
    case .float32: unary(query, Conversion<T, Float>.self)
    case .float64: unary(query, Conversion<T, Double>.self)
    case .float16: unary(query, Conversion<T, Float16>.self)
    case .int64: unary(query, Conversion<T, Int64>.self)
    case .int32: unary(query, Conversion<T, Int32>.self)
    case .uint8: unary(query, Conversion<T, UInt8>.self)
    case .bool: unary(query, Conversion<T, Truth>.self)
    default: nil
    }
  }
}

/// The kernels with their shapes.
extension KernelTable {
  private static func unary<F: UnaryElementFunction>(_ query: KernelQuery, _ function: F.Type) -> PreparedKernel? {
    guard let x = query.input(0), let y = query.outputs[0], x.shape == y.shape else { return nil }
    let count = x.shape.elementCount
    return PreparedKernel(inPlaceInputs: x.elementType.byteWidth == y.elementType.byteWidth ? [0] : []) { call in
      unsafe GenericElementwise.unary(function, call.input(0), call.output(), count: count, pool: call.pool)
    }
  }

  /// `swapped` gives the function the operands in the opposite order.
  private static func binary<F: BinaryElementFunction>(_ query: KernelQuery, _ function: F.Type, swapped: Bool = false) -> PreparedKernel? {
    guard let loops = loops(query, operands: 2), query.input(0)?.elementType == query.input(1)?.elementType else { return nil }
    return PreparedKernel(inPlaceInputs: inPlaceInputs(query)) { call in
      if swapped {
        unsafe GenericElementwise.binary(function, call.input(1), call.input(0), call.output(), loops.swapped, pool: call.pool)
      } else {
        unsafe GenericElementwise.binary(function, call.input(0), call.input(1), call.output(), loops.given, pool: call.pool)
      }
    }
  }

  private static func select<T: BitwiseCopyable>(_ query: KernelQuery, _ type: T.Type) -> PreparedKernel? {
    guard let loops = loops(query, operands: 3) else { return nil }
    return PreparedKernel(inPlaceInputs: inPlaceInputs(query)) { call in
      unsafe GenericElementwise.select(
        call.input(0), call.input(1, as: T.self), call.input(2), call.output(), loops.given, pool: call.pool)
    }
  }

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
