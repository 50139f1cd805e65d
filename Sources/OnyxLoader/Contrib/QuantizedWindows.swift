import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Convolution and pooling of bytes, some with channels last.
enum QuantizedWindows {
  static func conv(_ t: inout Translation) throws(OnyxError) {
    let isLast = try t.attributes.flag("channels_last", default: false)
    let attributes = t.taken("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
    var inputs = t.node.inputs
    guard isLast else {
      try t.result("QLinearConv", inputs, attributes)
      return
    }
    let rank = try t.rank(of: t.input(3))
    inputs[0] = try t.channelsFirst(t.input(0), rank: rank, "x")
    let y = try t.value("QLinearConv", inputs, "conv", attributes)
    try t.result("Transpose", [y], ["perm": Translation.channelsLast(rank: rank)])
  }

  static func averagePool(_ t: inout Translation) throws(OnyxError) {
    let isLast = try t.attributes.flag("channels_last", default: false)
    let kernel = try t.attributes.required("kernel_shape", t.attributes.ints("kernel_shape"))
    var attributes = t.taken("auto_pad", "ceil_mode", "count_include_pad", "pads", "strides")
    attributes["kernel_shape"] = .ints(kernel.map(Int64.init))
    try pool("AveragePool", attributes, rank: kernel.count + 2, isLast: isLast, &t)
  }

  static func globalAveragePool(_ t: inout Translation) throws(OnyxError) {
    let isLast = try t.attributes.flag("channels_last", default: false)
    try pool("GlobalAveragePool", [:], rank: isLast ? t.rank(of: t.input(0)) : 0, isLast: isLast, &t)
  }

  private static func pool(
    _ op: String, _ attributes: [String: Attribute], rank: Int, isLast: Bool, _ t: inout Translation
  ) throws(OnyxError) {
    var x = try t.input(0)
    if isLast { x = try t.channelsFirst(x, rank: rank, "X") }
    let floats = try t.dequantized(x, t.input(1), t.optional(2), "X")
    var y = try t.value(op, [floats], "y", attributes)
    if isLast { y = try t.value("Transpose", [y], "last", ["perm": Translation.channelsLast(rank: rank)]) }
    try t.quantize(y, t.input(3), t.optional(4), like: t.input(0))
  }

  /// MaxPool with channels last.
  static func maxPool(_ t: inout Translation) throws(OnyxError) {
    let kernel = try t.attributes.required("kernel_shape", t.attributes.ints("kernel_shape"))
    var attributes = t.taken("auto_pad", "ceil_mode", "dilations", "pads", "strides")
    attributes["kernel_shape"] = .ints(kernel.map(Int64.init))
    let rank = kernel.count + 2
    let y = try t.value("MaxPool", [t.channelsFirst(t.input(0), rank: rank, "x")], "pool", attributes)
    try t.result("Transpose", [y], ["perm": Translation.channelsLast(rank: rank)])
  }
}
