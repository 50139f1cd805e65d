import OnyxGraph
import OnyxTensor

/// Reductions, windows, products and normalizations.
extension GraphMaker {
  mutating func addReduction() throws(OnyxError) {
    guard let x = some({ $0.isFloat && $0.rank > 0 && $0.count > 0 }) else { return }
    let axes = pick([[x.rank - 1], [0], Array(x.shape.indices), Array(x.shape.indices.suffix(2)), [below(x.rank)]])
    let terms = Double(axes.reduce(1) { $0 * x.shape[$1] })
    let attributes: [String: Attribute] = ["keepdims": .int(pick([0, 1, 1]))]
    let along = try ints(axes.map { chance(3) ? $0 - x.rank : $0 })
    let op = pick([
      "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceSumSquare", "Softmax",
      "LogSoftmax", "ArgMax",
    ])
    switch op {
    case "ReduceMax", "ReduceMin": try add(op, [x, along], attributes)
    case "ReduceMean": try add(op, [x, along], attributes, roundings: 8)
    case "ReduceSum", "ReduceL1": try add(op, [x, along], attributes, bound: terms * x.bound, gain: terms, roundings: 4)
    case "ReduceL2": if x.bound * x.bound * terms < 1000 { try addLength(x, along, attributes, terms) }
    case "ReduceSumSquare": try add(op, [x, along], attributes, bound: terms * x.bound * x.bound, gain: 2 * terms * x.bound, roundings: 8)
    case "ReduceLogSumExp": if x.bound < 8 { try add(op, [x, along], attributes, bound: x.bound + 8, roundings: 16) }
    case "Softmax": try add(op, [x], ["axis": .int(Int64(axes[0]))], bound: 1, gain: 2, roundings: 16 + x.bound)
    case "LogSoftmax": try add(op, [x], ["axis": .int(Int64(axes[0]))], bound: 2 * x.bound + 8, gain: 2, roundings: 16)
    default: if x.error == 0 { try add("ArgMax", [x], ["axis": .int(Int64(axes[0]))].merging(attributes) { $1 }, bound: 0) }
    }
  }

  /// Of numbers away from zero, where a length has a corner.
  private mutating func addLength(_ x: Known, _ along: Known, _ attributes: [String: Attribute], _ terms: Double) throws(OnyxError) {
    guard let positive = try add("Abs", [x])?.first,
      let shifted = try add("Add", [positive, scalar(0.5, type: x.type)], bound: x.bound + 0.5, roundings: 1)?.first
    else { return }
    try add("ReduceL2", [shifted, along], attributes, bound: (x.bound + 0.5) * terms.squareRoot(), gain: terms, roundings: 8)
  }

  /// Convolutions and pools.
  mutating func addWindow() throws(OnyxError) {
    guard let x = some({ $0.isFloat && ($0.rank == 4 || $0.rank == 3 || $0.rank == 5) && $0.count > 0 }) else { return }
    let spatial = x.rank - 2
    let channels = x.shape[1]
    let side = pick([1, 1, 2, 3, 3, 5])
    var attributes: [String: Attribute] = ["kernel_shape": .ints(Array(repeating: Int64(side), count: spatial))]
    if chance(2) {
      attributes["pads"] = .ints((0..<2 * spatial).map { _ in Int64(below(side)) })
    } else if chance(4) {
      attributes["auto_pad"] = .text(pick(["SAME_UPPER", "SAME_LOWER", "VALID"]))
    }
    if chance(3) { attributes["strides"] = .ints((0..<spatial).map { _ in Int64(1 + below(3)) }) }
    let isPool = chance(3)
    if chance(5), !isPool { attributes["dilations"] = .ints((0..<spatial).map { _ in Int64(1 + below(2)) }) }
    let area = Double((0..<spatial).reduce(1) { sum, _ in sum * side })
    if isPool {
      if chance(3) { attributes["ceil_mode"] = .int(1) }
      switch pick(["MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "LpPool"]) {
      case "MaxPool": try add("MaxPool", [x], attributes)
      case "AveragePool": try add("AveragePool", [x], attributes.merging(["count_include_pad": .int(Int64(below(2)))]) { $1 }, roundings: 8)
      case "LpPool": try add("LpPool", [x], attributes.merging(["p": .int(1)]) { $1 }, bound: area * x.bound, gain: area, roundings: 8)
      case let op: try add(op, [x], roundings: op == "GlobalMaxPool" ? 0 : 8)
      }
      return
    }
    let groups = pick([1, 1, 1, channels].filter { channels % $0 == 0 })
    let filters = groups * pick(groups == 1 ? [1, 2, 5, 8, 16, 20] : [1, 1, 2])
    let isTransposed = chance(6)
    let shape = isTransposed ? [channels, filters / groups] : [filters, channels / groups]
    let weights = try constant(shape + Array(repeating: side, count: spatial), -0.5...0.5, type: x.type)
    if groups > 1 { attributes["group"] = .int(Int64(groups)) }
    let terms = area * Double(channels / groups)
    let bias = chance(2) ? try constant([filters], -1...1, type: x.type) : nil
    // Winograd's form rounds relative to the largest pixel of a tile.
    let made = try add(
      isTransposed ? "ConvTranspose" : "Conv", [x, weights] + (bias == nil ? [] : [bias]), attributes, bound: 0.5 * terms * x.bound + 1,
      gain: 0.5 * terms,
      roundings: side == 3 ? 64 : 8)?.first
    guard let made, chance(2) else { return }
    try add(pick(["Relu", "Sigmoid", "HardSwish", "Tanh"]), [made], bound: made.bound, gain: 1.2, roundings: 8)
  }

  mutating func addProduct() throws(OnyxError) {
    guard let x = some({ $0.isFloat && $0.rank > 1 && $0.count > 0 }) else { return }
    let depth = x.shape[x.rank - 1]
    let width = pick([1, 3, 4, 8, 17])
    let bound = 0.5 * Double(depth) * x.bound
    switch below(6) {
    case 0...2:
      let weights = try constant((x.rank > 2 && chance(4) ? Array(x.shape.dropLast(2)) : []) + [depth, width], -0.5...0.5, type: x.type)
      guard let made = try add("MatMul", [x, weights], bound: bound, gain: 0.5 * Double(depth), roundings: 8)?.first, chance(2) else {
        return
      }
      try add("Add", [made, constant([width], -1...1, type: x.type)], bound: bound + 1, roundings: 1)
    case 3:
      guard x.rank == 2 else { return }
      let isTurned = chance(2)
      let weights = try constant(isTurned ? [width, depth] : [depth, width], -0.5...0.5, type: x.type)
      try add(
        "Gemm", [x, weights] + (chance(2) ? [constant([width], -1...1, type: x.type)] : []),
        ["transB": .int(isTurned ? 1 : 0), "alpha": .float(pick([1, 0.5])), "beta": .float(pick([1, 2]))], bound: bound + 2,
        gain: 0.5 * Double(depth), roundings: 8)
    case 4:
      guard
        let y = some({
          $0.type == x.type && $0.rank == x.rank && $0.shape.dropLast(2) == x.shape.dropLast(2) && $0.shape[$0.rank - 1] == depth
        }),
        let turned = try add("Transpose", [y], ["perm": .ints((Array(0..<x.rank - 2) + [x.rank - 1, x.rank - 2]).map(Int64.init))])?.first
      else { return }
      try multiply(x, turned)
    default:
      guard x.rank == 3 else { return }
      let weights = try constant([depth, width], -0.5...0.5, type: x.type)
      try add("Einsum", [x, weights], ["equation": .text("bij,jk->bik")], bound: bound, gain: 0.5 * Double(depth), roundings: 8)
    }
  }

  /// The product of two values.
  @discardableResult mutating func multiply(_ x: Known, _ y: Known) throws(OnyxError) -> Known? {
    let terms = Double(x.shape[x.rank - 1])
    let bound = terms * x.bound * y.bound
    let error = terms * (x.error * y.bound + y.error * x.bound) + 8 * bound * Self.roundoff(x.type)
    return try add("MatMul", [x, y], bound: bound, error: error)?.first
  }

  mutating func addNormalization() throws(OnyxError) {
    guard let x = some({ $0.isFloat && $0.rank > 1 && $0.count > 0 && $0.bound < 100 }) else { return }
    let channels = x.shape[1]
    let last = x.shape[x.rank - 1]
    // An epsilon as large as this keeps the quotient from being steep: gain ≤ 2/√ε.
    let epsilon: [String: Attribute] = ["epsilon": .float(0.25)]
    func bounds(_ terms: Int) -> Double { Double(terms).squareRoot() + 1 }
    switch below(6) {
    case 0:
      let parameters = try [
        constant([channels], -1...1, type: x.type), constant([channels], -1...1, type: x.type), constant([channels], -1...1, type: x.type),
        constant([channels], 0.5...2, type: x.type),
      ]
      try add("BatchNormalization", [x] + parameters, epsilon, bound: 2 * (x.bound + 1) + 1, gain: 2, roundings: 8)
    case 1:
      let parameters = try [constant([last], -1...1, type: x.type)] + (chance(2) ? [constant([last], -1...1, type: x.type)] : [])
      try add(
        "LayerNormalization", [x] + parameters, epsilon.merging(["axis": .int(-1)]) { $1 }, bound: bounds(last) + 1, gain: 6,
        roundings: 32 + x.bound * 4)
    case 2:
      guard x.rank > 2 else { return }
      let parameters = try [constant([channels], -1...1, type: x.type), constant([channels], -1...1, type: x.type)]
      try add(
        "InstanceNormalization", [x] + parameters, epsilon, bound: bounds(x.shape.dropFirst(2).reduce(1, *)) + 1, gain: 6,
        roundings: 32 + x.bound * 4)
    case 3:
      guard x.rank > 2 else { return }
      let groups = pick([1, 2, 4, channels].filter { channels % $0 == 0 })
      let parameters = try [constant([channels], -1...1, type: x.type), constant([channels], -1...1, type: x.type)]
      try add(
        "GroupNormalization", [x] + parameters, epsilon.merging(["num_groups": .int(Int64(groups))]) { $1 },
        bound: bounds(x.count / x.shape[0] / groups) + 1, gain: 6, roundings: 32 + x.bound * 4)
    case 4:
      try add(
        "RMSNormalization", [x, constant([last], -1...1, type: x.type)], epsilon, bound: bounds(last), gain: 6, roundings: 32 + x.bound * 4)
    default: if x.rank == 4 { try add("LRN", [x], ["size": .int(3), "alpha": .float(0.01)], gain: 2, roundings: 16) }
    }
  }
}
