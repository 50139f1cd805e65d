import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 functions of one element, and of two with broadcasting.
///
/// SAFETY: a query's types are those of the memory that `KernelCall` hands out, so the counts and strides taken from it stay inside.
extension KernelTable {
  static let elementwiseRows = unaryRows + [clipRow] + binaryRows + [batchNormalizationRow]

  /// Functions of `ElementFunction` with vector kernels of the same name, whose parameters are those of the operator, in order.
  private static let unaryRows = ElementFunction.all.filter { $0.name != "Clip" && UnaryOperation(named: $0.name) != nil }.map { function in
    KernelRow("\(function.name.lowercased())_f32", [function.name]) { (query) throws(OnyxError) in
      let isTanh = (query.op as? Gelu)?.approximation == .tanh
      guard let operation = UnaryOperation(named: isTanh ? "GeluTanh" : function.name) else { return nil }
      let parameters = (query.op as? any ParametricOperator)?.parameters ?? []
      return unary(query, operation, parameters.first ?? 0, parameters.dropFirst().first ?? 0)
    }
  }

  /// Clip with constant limits.
  private static let clipRow = KernelRow("clip_f32", ["Clip"]) { (query) throws(OnyxError) in
    var limits: [Float] = [-.infinity, .infinity]
    for index in 1...2 where query.input(index) != nil {
      guard let tensor = query.constant(index), tensor.elementType == .float32, tensor.elementCount == 1 else { return nil }
      limits[index - 1] = try tensor.elements(as: Float.self)[0]
    }
    return unary(query, .clip, limits[0], limits[1])
  }

  private static func unary(_ query: KernelQuery, _ operation: UnaryOperation, _ p0: Float = 0, _ p1: Float = 0) -> PreparedKernel? {
    guard query.isAll(.float32), let count = query.input(0)?.shape.elementCount else { return nil }
    let isa = query.isa
    return PreparedKernel(inPlaceInputs: [0]) { call in
      unsafe Elementwise.unary(operation, call.input(0), call.output(), count: count, p0: p0, p1: p1, isa: isa, pool: call.pool)
    }
  }

  private static let binaryRows = BinaryOperation.allCases.map { operation in
    KernelRow("\(operation.name.lowercased())_f32", [operation.name]) { (query) throws(OnyxError) in
      guard query.inputs.count == 2, query.isAll(.float32), let a = query.input(0)?.shape, let b = query.input(1)?.shape,
        let y = query.outputs[0]?.shape
      else { return nil }
      let (left, right) = (a.broadcastStrides(to: y), b.broadcastStrides(to: y))
      let parameter = (query.op as? any ParametricOperator)?.parameters.first ?? 0
      let isa = query.isa
      return PreparedKernel(inPlaceInputs: [0, 1].filter { query.input($0)?.shape == y }) { call in
        unsafe Elementwise.binary(
          operation, call.input(0), strides: left, call.input(1), strides: right, call.output(), shape: Array(y), p0: parameter, isa: isa,
          pool: call.pool)
      }
    }
  }

  /// Inference form with constant statistics: one multiply and one add for each element.
  private static let batchNormalizationRow = KernelRow("batch_normalization_f32", ["BatchNormalization"]) { (query) throws(OnyxError) in
    guard query.isAll(.float32), query.outputs.count == 1, let x = query.input(0)?.shape, x.rank >= 2 else { return nil }
    if case .int(let mode) = query.node.attributes["training_mode"], mode != 0 { return nil }
    var parameters: [[Double]] = []
    for index in 1...4 {
      guard let values = try query.constant(index)?.doubles(), values.count == x[1] else { return nil }
      parameters.append(values)
    }
    let epsilon = Double(query.attribute("epsilon", default: 1e-5))
    let scales = zip(parameters[0], parameters[3]).map { $0 / ($1 + epsilon).squareRoot() }
    let shift = zip(zip(parameters[1], parameters[2]), scales).map { Float($0.0 - $0.1 * $1) }
    let scale = scales.map { Float($0) }
    let (rows, channels, inner) = (x[0], x[1], x.dropFirst(2).reduce(1, *))
    let isa = query.isa
    return PreparedKernel(inPlaceInputs: [0], absorbedInputs: [1, 2, 3, 4]) { call in
      unsafe scale.withUnsafeBufferPointer { scale in
        unsafe shift.withUnsafeBufferPointer { shift in
          guard let scale = scale.baseAddress, let shift = shift.baseAddress else { return }
          unsafe Elementwise.channelAffine(
            call.input(0), call.output(), rows: rows, channels: channels, inner: inner, scale: scale, shift: shift, isa: isa,
            pool: call.pool)
        }
      }
    }
  }
}

extension KernelQuery {
  /// A float attribute of the node.
  func attribute(_ name: String, default value: Float) -> Float {
    if case .float(let given) = node.attributes[name] { return given }
    return value
  }

  /// An int attribute of the node.
  func attribute(_ name: String, default value: Int) -> Int {
    if case .int(let given) = node.attributes[name] { return Int(given) }
    return value
  }
}

extension Shape {
  /// Element strides that read this shape as if it were `target`, to which it can be broadcast.
  func broadcastStrides(to target: Shape) -> [Int] {
    let own = strides
    let missing = target.rank - rank
    return target.indices.map { axis in axis < missing || self[axis - missing] == 1 ? 0 : own[axis - missing] }
  }
}
