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
    unaryRow(KernelRow.name(of: function.name, "f32"), function.name) { (query) throws(OnyxError) in
      let isTanh = (query.op as? Gelu)?.approximation == .tanh
      guard let operation = UnaryOperation(named: isTanh ? "GeluTanh" : function.name) else { return nil }
      let parameters = (query.op as? any ParametricOperator)?.parameters ?? []
      return Unary(operation: operation, p0: parameters.first ?? 0, p1: parameters.dropFirst().first ?? 0, isa: query.isa)
    }
  }

  private static let clip = unaryRow("clip_f32", "Clip") { (query) throws(OnyxError) in
    var limits: [Float] = [-.infinity, .infinity]
    for index in 1...2 where query.input(index) != nil {
      guard let tensor = query.constant(index), tensor.elementCount == 1 else { return nil }
      limits[index - 1] = try tensor.elements(as: Float.self)[0]
      // A limit of NaN makes NaN of every element, and is none to the kernel.
      if limits[index - 1].isNaN { return nil }
    }
    return Unary(operation: .clip, p0: limits[0], p1: limits[1], isa: query.isa)
  }

  /// A function and its parameters.
  private struct Unary: Sendable {
    let operation: UnaryOperation
    let p0, p1: Float
    let isa: ISA

    func of(_ count: Int) -> Preparation {
      .run(inPlaceInputs: [0]) { call in
        unsafe Elementwise.unary(operation, call.input(0), call.output(), count: count, p0: p0, p1: p1, isa: isa, pool: call.pool)
      }
    }
  }

  /// `make` gives nil when a parameter is no constant.
  private static func unaryRow(
    _ name: String, _ op: String, _ make: @escaping @Sendable (KernelQuery) throws(OnyxError) -> Unary?
  ) -> KernelRow {
    KernelRow(name, [op], .float32) { (query) throws(OnyxError) in
      guard let count = query.input(0)?.shape.elementCount else { return .declined("the input is missing") }
      return try make(query)?.of(count) ?? .declined("a parameter is no constant")
    }.opened { (query) throws(OnyxError) in
      guard let function = try make(query) else { return nil }
      return { inputs in inputs[0].flatMap { OpenKernel.Bound($0.shape, function.of($0.elementCount)) } }
    }
  }

  private static let binaries = BinaryOperation.allCases.map { operation in
    KernelRow(KernelRow.name(of: operation.name, "f32"), [operation.name], .float32) { (query) throws(OnyxError) in
      guard query.inputs.count == 2, let a = query.input(0)?.shape, let b = query.input(1)?.shape, let y = query.outputs[0]?.shape else {
        return .declined("there are \(query.inputs.count) inputs, not two")
      }
      return binary(operation, a, b, y, p0: parameter(of: query), query.isa)
    }.opened { (query) throws(OnyxError) in
      let (p0, isa) = (parameter(of: query), query.isa)
      return { (inputs) throws(OnyxError) in
        guard inputs.count == 2, let a = inputs[0]?.shape, let b = inputs[1]?.shape else { return nil }
        guard let y = a == b ? a : try? Shape.broadcast([a, b]) else { return nil }
        return OpenKernel.Bound(y, binary(operation, a, b, y, p0: p0, isa))
      }
    }
  }

  private static func parameter(of query: KernelQuery) -> Float { (query.op as? any ParametricOperator)?.parameters.first ?? 0 }

  private static func binary(_ operation: BinaryOperation, _ a: Shape, _ b: Shape, _ y: Shape, p0: Float, _ isa: ISA) -> Preparation {
    let (left, right) = (a.broadcastStrides(to: y), b.broadcastStrides(to: y))
    let function = PreparedBinary(operation, strides: left, right, shape: Array(y), p0: p0, isa: isa)
    var inPlace: [Int] = []
    if a == y { inPlace.append(0) }
    if b == y { inPlace.append(1) }
    return .run(inPlaceInputs: inPlace) { call in
      unsafe function.run(call.input(0), call.input(1), call.output(), pool: call.pool)
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
