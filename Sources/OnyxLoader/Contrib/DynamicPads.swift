import OnyxGraph
import OnyxTensor

/// ConvTranspose whose pads are an input: they cut the result, so a transposed convolution without pads is sliced.
enum DynamicPads {
  static func convTranspose(_ t: inout Translation) throws(OnyxError) {
    var attributes = t.taken("auto_pad", "dilations", "group", "kernel_shape", "output_padding", "strides")
    let inputs = [try t.input(0), try t.input(1), t.optional(3)]
    guard let pads = t.optional(2) else {
      try t.result("ConvTranspose", inputs, attributes)
      return
    }
    if let constant = t.tensor(of: pads), constant.elementType == .int64 {
      attributes["pads"] = .ints(try constant.integers())
      try t.result("ConvTranspose", inputs, attributes)
      return
    }
    let axes = Array(2..<max(3, try t.rank(of: t.input(1))))
    let whole = try t.value("ConvTranspose", inputs, "whole", attributes)
    let count = try t.constant([axes.count], "count")
    let first = try t.constant([0], "first")
    let starts = try t.value("Slice", [pads, first, count], "starts")
    let cut = try t.value("Slice", [pads, count, t.constant([2 * axes.count], "both")], "cut")
    let sizes = try t.value("Shape", [whole], "sizes", ["start": .int(2)])
    let ends = try t.value("Sub", [sizes, cut], "ends")
    try t.result("Slice", [whole, starts, ends, t.constant(axes, "axes")])
  }
}
