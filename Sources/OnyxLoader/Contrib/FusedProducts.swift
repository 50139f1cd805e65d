import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Convolutions and matrix products with what ONNX Runtime fuses into them.
enum FusedProducts {
  /// activation(Conv(X, W, B) + Z)
  static func conv(_ t: inout Translation) throws(OnyxError) {
    let activation = try ContribActivation(convolution: &t)
    let attributes = t.taken("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
    let inputs = [try t.input(0), try t.input(1), t.optional(2)]
    guard let z = t.optional(3) else { return try activation.apply("Conv", inputs, attributes, &t) }
    let product = try t.value("Conv", inputs, "conv", attributes)
    try activation.apply("Add", [product, z], [:], &t)
  }

  /// The same with channels last in X, Z and the result; W has the standard's form.
  static func channelsLastConv(_ t: inout Translation) throws(OnyxError) {
    let activation = try ContribActivation(convolution: &t)
    let attributes = t.taken("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
    let rank = try t.rank(of: t.input(1))
    let x = try t.channelsFirst(t.input(0), rank: rank, "x")
    var y = try t.value("Conv", [x, t.input(1), t.optional(2)], "conv", attributes)
    if let z = t.optional(3) { y = try t.value("Add", [y, t.channelsFirst(z, rank: rank, "z")], "sum") }
    y = try activation.applied(to: y, &t)
    try t.result("Transpose", [y], ["perm": Translation.channelsLast(rank: rank)])
  }

  /// activation(alpha · A' · B' + beta · C)
  static func gemm(_ t: inout Translation) throws(OnyxError) {
    let activation = try ContribActivation(product: &t)
    let attributes = t.taken("alpha", "beta", "transA", "transB")
    try activation.apply("Gemm", [t.input(0), t.input(1), t.optional(2)], attributes, &t)
  }

  /// alpha · A' · B', numpy.matmul of transposed factors.
  static func matMul(_ t: inout Translation) throws(OnyxError) {
    let alpha = try t.attributes.float("alpha", default: 1)
    let isFused = t.node.op.name == "FusedMatMul"
    var factors: [ValueID] = []
    for (index, side) in ["A", "B"].enumerated() {
      let transposes = try t.attributes.flag("trans\(side)", default: false)
      let movesBatch = isFused ? try t.attributes.flag("transBatch\(side)", default: false) : false
      factors.append(try factor(t.input(index), transposes, movesBatch, side, &t))
    }
    guard alpha != 1 else {
      try t.result("MatMul", factors)
      return
    }
    let product = try t.value("MatMul", factors, "product")
    try t.result("Mul", [product, t.scalar(alpha, like: product, "alpha")])
  }

  /// `movesBatch`: the rows are the first axis and the batch stands between rows and columns. A vector has nothing to transpose.
  private static func factor(
    _ x: ValueID, _ transposes: Bool, _ movesBatch: Bool, _ side: String, _ t: inout Translation
  ) throws(OnyxError) -> ValueID {
    guard transposes || movesBatch else { return x }
    let rank = try t.rank(of: x)
    guard rank > 1 else { return x }
    var axes = Array(0..<rank)
    if movesBatch {
      axes.removeFirst()
      axes.insert(0, at: rank - 2)
    }
    if transposes { axes.swapAt(rank - 1, rank - 2) }
    if axes == Array(0..<rank) { return x }
    return try t.value("Transpose", [x], side, ["perm": .ints(axes.map(Int64.init))])
  }
}

extension Translation {
  /// [N, D…, C] as [N, C, D…].
  mutating func channelsFirst(_ x: ValueID, rank: Int, _ role: String) throws(OnyxError) -> ValueID {
    guard rank >= 2 else { throw .invalid("A tensor of rank \(rank) has no channels.") }
    return try value("Transpose", [x], role + "_first", ["perm": .ints(([0, rank - 1] + Array(1..<rank - 1)).map(Int64.init))])
  }

  /// The axes that turn [N, C, D…] into [N, D…, C]; `rank` is at least 2.
  static func channelsLast(rank: Int) -> Attribute { .ints(([0] + Array(2..<max(2, rank)) + [1]).map(Int64.init)) }
}
