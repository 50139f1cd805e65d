import OnyxGraph
import OnyxTensor

/// Elementwise arithmetic, choices and casts.
extension GraphMaker {
  mutating func addUnary() throws(OnyxError) {
    guard let x = some(\.isFloat) else { return }
    let op = pick([
      "Neg", "Abs", "Relu", "Identity", "Sigmoid", "Tanh", "Erf", "Softplus", "Softsign", "HardSwish", "HardSigmoid", "Elu", "Selu", "Celu",
      "Gelu", "Mish", "Sin", "Cos", "Clip", "LeakyRelu", "Exp", "Sqrt", "Log", "Reciprocal", "PRelu", "ThresholdedRelu", "Floor", "Swish",
      "Cast", "Atan", "Round", "Sign", "Dropout",
    ])
    switch op {
    case "Neg", "Abs", "Relu", "Identity", "Dropout": try add(op, [x])
    case "Sigmoid", "Tanh", "Erf", "Softsign", "HardSigmoid": try add(op, [x], bound: 1, gain: 1.2, roundings: 8)
    case "Sin", "Cos", "Atan":
      if x.bound <= 100 { try add(op, [x], bound: 2, roundings: 8) }
    case "Clip": try add(op, [x, chance(3) ? nil : scalar(-1, type: x.type), chance(3) ? nil : scalar(2, type: x.type)])
    case "LeakyRelu": try add(op, [x], ["alpha": .float(0.1)], roundings: 1)
    case "PRelu": try add(op, [x, constant(x.rank == 4 ? [x.shape[1], 1, 1] : [], 0...0.5, type: x.type)], roundings: 1)
    case "Exp": if x.bound <= 4 { try add(op, [x], bound: 55, gain: 55, roundings: 8) }
    case "Sqrt", "Log", "Reciprocal":
      // Away from where they are steep.
      guard let positive = try add("Abs", [x])?.first,
        let shifted = try add("Add", [positive, scalar(0.5, type: x.type)], bound: x.bound + 0.5, roundings: 1)?.first
      else { return }
      try add(op, [shifted], bound: op == "Reciprocal" ? 2 : x.bound + 1, gain: 4, roundings: 8)
    case "ThresholdedRelu", "Floor", "Round", "Sign": if x.error == 0 { try add(op, [x], bound: x.bound + 1) }
    case "Cast":
      let target: ElementType = pick([.float32, float, .float32, .float64, x.type])
      try add(
        op, [x], ["to": .int(Int64(target.rawValue))], roundings: 1,
        error: x.error + x.bound * max(Self.roundoff(target), Self.roundoff(x.type)))
    default: try add(op, [x], bound: 2 * x.bound + 1, gain: 2, roundings: 8)
    }
  }

  /// A value that broadcasts with `x`: one of the pool, or a constant with some axes of 1.
  private mutating func partner(_ x: Known, _ range: ClosedRange<Double>) throws(OnyxError) -> Known {
    let fits = { (y: Known) in
      y.type == x.type && y.rank <= x.rank + 1 && zip(y.shape.reversed(), x.shape.reversed()).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
    }
    if chance(2), let y = some(fits) { return y }
    let axes = x.shape.suffix(below(x.rank + 1))
    return try constant(axes.map { chance(3) ? 1 : $0 }, range, type: x.type)
  }

  mutating func addBinary() throws(OnyxError) {
    guard let x = some(\.isFloat) else { return }
    let y = try partner(x, -2...2)
    let pair = chance(2) ? [x, y] : [y, x]
    switch pick(["Add", "Add", "Sub", "Mul", "Mul", "Max", "Min", "Div", "Pow", "Mean", "Sum", "scale"]) {
    case "Add": try add("Add", pair, bound: x.bound + y.bound, gain: 2, roundings: 1)
    case "Sub": try add("Sub", pair, bound: x.bound + y.bound, gain: 2, roundings: 1)
    case "Mul":
      try add(
        "Mul", pair, bound: x.bound * y.bound, roundings: 1,
        error: x.error * y.bound + y.error * x.bound + x.bound * y.bound * Self.roundoff(x.type) * 2)
    case "Max": try add("Max", pair)
    case "Min": try add("Min", pair)
    case "Mean": try add("Mean", pair + [x], gain: 1, roundings: 3)
    case "Sum": try add("Sum", pair + [x], bound: 2 * x.bound + y.bound, gain: 3, roundings: 3)
    case "Div": try add("Div", [x, constant(y.shape, 0.5...2, type: x.type)], bound: x.bound * 2, gain: 2, roundings: 2)
    case "Pow":
      guard let positive = try add("Abs", [x])?.first, x.bound <= 8 else { return }
      try add(
        "Pow", [positive, scalar(pick([2, 3, 1]), type: x.type)], bound: x.bound * x.bound * x.bound + 1, gain: 3 * x.bound * x.bound + 1,
        roundings: 8)
    default: try add("Mul", [x, scalar(pick([0.5, 0.125, -1, 1, 0.1]), type: x.type)], roundings: 2)
    }
  }

  mutating func addChoice() throws(OnyxError) {
    guard let x = some({ $0.error == 0 && $0.type != .bool }) else { return }
    let y = try partner(x, -1...3)
    guard y.error == 0, let bits = try add(pick(["Greater", "Less", "Equal", "GreaterOrEqual", "LessOrEqual"]), [x, y], bound: 1)?.first
    else { return }
    var chosen = bits
    if chance(3), let other = try add("Not", [bits], bound: 1)?.first {
      chosen = try add(pick(["And", "Or", "Xor"]), [bits, other], bound: 1)?.first ?? other
    }
    switch below(3) {
    case 0: try add("Cast", [chosen], ["to": .int(Int64(float.rawValue))], bound: 1)
    case 1:
      guard let a = some({ $0.isFloat && $0.shape == chosen.shape }) else { return }
      try add("Where", [chosen, a, constant([], -1...1, type: a.type)])
    default: if let a = some({ $0.isFloat && $0.shape == chosen.shape }) { try add("Where", [chosen, scalar(0, type: a.type), a]) }
    }
  }

  mutating func addIntegers() throws(OnyxError) {
    guard let x = some({ $0.type.isInteger && $0.count > 0 }) else { return }
    let small = try constant(x.shape.suffix(below(x.rank + 1)), 1...5, type: x.type)
    switch below(9) {
    case 0: try add(pick(["Add", "Sub", "Mul"]), [x, small], bound: 0)
    case 1: try add(pick(["Div", "Mod"]), [x, small], bound: 0)
    case 2: try add(pick(["Max", "Min"]), [x, small], bound: 0)
    case 3: try add(pick(["BitwiseAnd", "BitwiseOr", "BitwiseXor"]), [x, small], bound: 0)
    case 4: try add("Cast", [x], ["to": .int(Int64(pick([ElementType.int32, .int64, .int16, .uint8]).rawValue))], bound: 0)
    case 5: try add(pick(["ReduceSum", "ReduceMax", "ReduceMin"]), [x, ints([0])], bound: 0)
    case 6: try add("CumSum", [x, ints([0])], ["reverse": .int(Int64(below(2))), "exclusive": .int(Int64(below(2)))], bound: 0)
    case 7:
      try add(pick(["ArgMax", "ArgMin"]), [x], ["axis": .int(Int64(below(x.rank))), "select_last_index": .int(Int64(below(2)))], bound: 0)
    default:
      // Integers that could have wrapped are cut down before they count as numbers.
      guard let rest = try add("Mod", [x, scalar(7, type: x.type)], bound: 7)?.first else { return }
      try add("Cast", [rest], ["to": .int(Int64(float.rawValue))], bound: 7)
    }
  }
}
