import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Normalizations of a residual sum.
enum SkipNormalization {
  static func simplified(_ t: inout Translation) throws(OnyxError) {
    let x = try t.input(0)
    let axis = try t.attributes.int("axis", default: -1)
    let epsilon = try t.attributes.float("epsilon", default: 1e-5)
    var attributes = t.taken("stash_type")
    attributes["axis"] = .int(Int64(axis))
    attributes["epsilon"] = .float(epsilon)
    try t.result("RMSNormalization", [x, t.input(1)], attributes)
    if t.asked(1) != nil { try inverseRoot(of: x, axis: axis, epsilon: epsilon, output: 1, &t) }
  }

  /// LayerNormalization(input + skip + bias); a skip of a lower rank, or of one batch, is broadcast.
  static func skip(_ t: inout Translation) throws(OnyxError) {
    let epsilon = try t.attributes.float("epsilon", default: 1e-12)
    let sum = try sum(bias: t.optional(4), &t)
    let outputs = (0..<3).map { $0 == 0 ? t.node.outputs.first.flatMap { $0 } ?? t.asked(0) : t.asked($0) }
    try t.emit(
      OperatorName("LayerNormalization"), [sum, t.input(2), t.optional(3)], making: outputs, "",
      ["axis": .int(-1), "epsilon": .float(epsilon)])
  }

  static func skipSimplified(_ t: inout Translation) throws(OnyxError) {
    let epsilon = try t.attributes.float("epsilon", default: 1e-12)
    guard t.asked(1) == nil else { throw .unsupported("The output 'mean' of \(t.node.op) is for training and is not supported.") }
    let sum = try sum(bias: t.optional(3), &t)
    try t.result("RMSNormalization", [sum, t.input(2)], ["axis": .int(-1), "epsilon": .float(epsilon)])
    if t.asked(2) != nil { try inverseRoot(of: sum, axis: -1, epsilon: epsilon, output: 2, &t) }
  }

  /// input + skip + bias, which is output 3 when that is asked for.
  private static func sum(bias: ValueID?, _ t: inout Translation) throws(OnyxError) -> ValueID {
    let addends = [try t.input(0), try t.input(1)]
    guard let bias else { return try t.asked(3) == nil ? t.value("Add", addends, "sum") : t.result(3, "Add", addends) }
    let sum = try t.value("Add", addends, "sum")
    return try t.asked(3) == nil ? t.value("Add", [sum, bias], "biased") : t.result(3, "Add", [sum, bias])
  }

  /// 1 / √(mean square + epsilon) in float32.
  private static func inverseRoot(of x: ValueID, axis: Int, epsilon: Float, output: Int, _ t: inout Translation) throws(OnyxError) {
    let axes: [Int]
    if axis == -1 {
      axes = [-1]
    } else {
      let rank = try t.rank(of: x)
      axes = Array(try Shape.normalize(axis: axis, rank: rank)..<rank)
    }
    let wide = try t.value("Cast", [x], "wide", ["to": .int(Int64(ElementType.float32.rawValue))])
    let square = try t.value("Mul", [wide, wide], "square")
    let mean = try t.value("ReduceMean", [square, t.constant(axes, "axes")], "mean_square")
    let raised = try t.value("Add", [mean, t.constant(try Tensor(scalar: epsilon), "epsilon")], "raised")
    let root = try t.value("Sqrt", [raised], "root")
    try t.result(output, "Reciprocal", [root])
  }
}
