import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 functions of one element, and of two with broadcasting.
///
/// SAFETY: see `KernelCall`.
enum ElementwiseRows {
  static let all = functions + [clip] + binaries

  /// The functions of `ElementFunction` that have a kernel of their name. Its parameters are those of the operator, in order.
  private static let functions = ElementFunction.all.filter { $0.name != "Clip" && UnaryOperation(named: $0.name) != nil }.map { function in
    KernelRow(KernelRow.name(of: function.name, "f32"), [function.name], .float32) { (query) throws(OnyxError) in
      let isTanh = (query.op as? Gelu)?.approximation == .tanh
      guard let operation = UnaryOperation(named: isTanh ? "GeluTanh" : function.name) else { return .declined("there is no kernel") }
      let parameters = (query.op as? any ParametricOperator)?.parameters ?? []
      return unary(query, operation, parameters.first ?? 0, parameters.dropFirst().first ?? 0)
    }
  }

  private static let clip = KernelRow("clip_f32", ["Clip"], .float32) { (query) throws(OnyxError) in
    var limits: [Float] = [-.infinity, .infinity]
    for index in 1...2 where query.input(index) != nil {
      guard let tensor = query.constant(index), tensor.elementCount == 1 else { return .declined("a limit is no constant") }
      limits[index - 1] = try tensor.elements(as: Float.self)[0]
    }
    return unary(query, .clip, limits[0], limits[1])
  }

  private static func unary(_ query: KernelQuery, _ operation: UnaryOperation, _ p0: Float = 0, _ p1: Float = 0) -> Preparation {
    guard let count = query.input(0)?.shape.elementCount else { return .declined("the input is missing") }
    let isa = query.isa
    return .run(inPlaceInputs: [0]) { call in
      unsafe Elementwise.unary(operation, call.input(0), call.output(), count: count, p0: p0, p1: p1, isa: isa, pool: call.pool)
    }
  }

  private static let binaries = BinaryOperation.allCases.map { operation in
    KernelRow(KernelRow.name(of: operation.name, "f32"), [operation.name], .float32) { (query) throws(OnyxError) in
      guard query.inputs.count == 2, let a = query.input(0)?.shape, let b = query.input(1)?.shape, let y = query.outputs[0]?.shape else {
        return .declined("there are \(query.inputs.count) inputs, not two")
      }
      let (left, right) = (a.broadcastStrides(to: y), b.broadcastStrides(to: y))
      let parameter = (query.op as? any ParametricOperator)?.parameters.first ?? 0
      let function = PreparedBinary(operation, strides: left, right, shape: Array(y), p0: parameter, isa: query.isa)
      return .run(inPlaceInputs: [0, 1].filter { query.input($0)?.shape == y }) { call in
        unsafe function.run(call.input(0), call.input(1), call.output(), pool: call.pool)
      }
    }
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
