import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 functions of one element, and of two with broadcasting.
///
/// SAFETY: a query's types are those of the memory that `KernelCall` hands out, so the counts and strides taken from it stay inside.
enum ElementwiseRows {
  static let all = functions + numericFunctions + [gelu, clip] + binaries

  /// Members of `UnaryMath` with their kernels; the parameters of the member are those of the kernel, in order.
  private static let functions = [
    ("Relu", UnaryOperation.relu), ("Sigmoid", .sigmoid), ("Tanh", .tanh), ("Exp", .exp), ("Log", .log), ("Sqrt", .sqrt), ("Erf", .erf),
    ("Reciprocal", .reciprocal), ("Floor", .floor), ("Ceil", .ceil), ("Round", .round), ("Mish", .mish), ("Softplus", .softplus),
    ("Softsign", .softsign), ("HardSwish", .hardSwish), ("LeakyRelu", .leakyRelu), ("Elu", .elu), ("Celu", .celu), ("Selu", .selu),
    ("ThresholdedRelu", .thresholdedRelu), ("HardSigmoid", .hardSigmoid), ("Swish", .silu),
  ].map { (name, operation) in
    KernelRow(KernelRow.name(of: name, "f32"), [name], .float32) { (query) throws(OnyxError) in
      let parameters = (query.op as? UnaryMath)?.parameters ?? []
      return unary(query, operation, parameters.first ?? 0, parameters.dropFirst().first ?? 0)
    }
  }

  private static let numericFunctions = [("Neg", UnaryOperation.negate), ("Abs", .abs)].map { (name, operation) in
    KernelRow(KernelRow.name(of: name, "f32"), [name], .float32) { (query) throws(OnyxError) in unary(query, operation) }
  }

  private static let gelu = KernelRow("gelu_f32", ["Gelu"], .float32) { (gelu: Gelu, query) throws(OnyxError) in
    unary(query, gelu.approximation == .tanh ? .geluTanh : .gelu)
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

  private static let binaries = [
    ("Add", BinaryOperation.add), ("Sub", .subtract), ("Mul", .multiply), ("Div", .divide), ("Max", .maximum), ("Min", .minimum),
    ("Pow", .power), ("PRelu", .prelu),
  ].map { (name, operation) in
    KernelRow(KernelRow.name(of: name, "f32"), [name], .float32) { (query) throws(OnyxError) in
      guard query.inputs.count == 2, let a = query.input(0)?.shape, let b = query.input(1)?.shape, let y = query.outputs[0]?.shape else {
        return .declined("there are \(query.inputs.count) inputs, not two")
      }
      let (left, right) = (a.broadcastStrides(to: y), b.broadcastStrides(to: y))
      let isa = query.isa
      return .run(inPlaceInputs: [0, 1].filter { query.input($0)?.shape == y }) { call in
        unsafe Elementwise.binary(
          operation, call.input(0), strides: left, call.input(1), strides: right, call.output(), shape: Array(y), isa: isa, pool: call.pool)
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
