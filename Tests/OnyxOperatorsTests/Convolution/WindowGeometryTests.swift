import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Window counts, pads and taps on their own, and attributes that no model should have.
struct WindowGeometryTests {
  @Test func padsOfAutoPadAreResolved() throws {
    let upper = try WindowAttributes(strides: [2], autoPad: .sameUpper).geometry(input: [6], kernel: [3]).axes[0]
    #expect(upper == WindowGeometry.Axis(input: 6, output: 3, kernel: 3, stride: 2, dilation: 1, padBefore: 0, padAfter: 1))
    let lower = try WindowAttributes(strides: [2], autoPad: .sameLower).geometry(input: [6], kernel: [3]).axes[0]
    #expect((lower.padBefore, lower.padAfter) == (1, 0))
    let wide = try WindowAttributes(strides: [3], autoPad: .sameUpper).geometry(input: [7], kernel: [1]).axes[0]
    #expect((wide.output, wide.padBefore, wide.padAfter) == (3, 0, 0))
    let valid = try WindowAttributes(pads: [1, 1], autoPad: .valid).geometry(input: [6], kernel: [3]).axes[0]
    #expect((valid.output, valid.padBefore, valid.padAfter) == (4, 0, 0))
  }

  @Test func tapsStayInsideTheInput() throws {
    let axis = try WindowAttributes(strides: [2], dilations: [2], pads: [3, 2]).geometry(input: [5], kernel: [3]).axes[0]
    // Windows start at -3, -1, 1; taps at -3 -1 1 | -1 1 3 | 1 3 5.
    #expect(axis.output == 3)
    #expect((0..<3).map { axis.start($0) } == [-3, -1, 1])
    #expect((0..<3).map { axis.taps($0) } == [2..<3, 1..<3, 0..<2])
    #expect((0..<3).map { axis.paddedTaps($0) } == [3, 3, 3])
  }

  @Test func ceilModeCountsNoTapsPastThePadding() throws {
    let axis = try WindowAttributes(strides: [2], pads: [0, 1], ceilMode: true).geometry(input: [5], kernel: [3]).axes[0]
    #expect(axis.output == 3)
    #expect(axis.taps(2) == 0..<1)
    #expect(axis.paddedTaps(2) == 2)
  }

  /// Every pair of attribute values at the edges of 64 bits gives a result or an error of the model, and ends at once.
  @Test(arguments: ["Conv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool", "MaxUnpool"])
  func extremeAttributesAreHandled(_ op: String) throws {
    let edges: [Int64] = [.min, -1, 0, 1, 2, (1 << 62) - 1, 1 << 62, .max - 1, .max]
    let names = ["strides", "dilations", "pads", "kernel_shape", "group", "output_padding", "output_shape"]
    let allowed: [String: Set<String>] = [
      "Conv": ["strides", "dilations", "pads", "kernel_shape", "group"], "ConvTranspose": Set(names),
      "MaxUnpool": ["strides", "pads", "kernel_shape"],
    ]
    let pool: Set<String> = ["strides", "dilations", "pads", "kernel_shape"]
    let x = ramp(.float32, [1, 1, 3])
    var inputs: [Tensor?] = [x]
    if op.hasPrefix("Conv") { inputs.append(ramp(.float32, [1, 1, 2], 1)) }
    if op == "MaxUnpool" { inputs.append(i64([0, 1, 2], [1, 1, 3])) }
    let used = names.filter { allowed[op, default: pool].contains($0) }
    for first in used {
      for second in used where second != first {
        for (a, b) in edges.flatMap({ a in edges.map { (a, $0) } }) {
          var attributes: [String: Attribute] = ["kernel_shape": .ints([2])]
          for (name, value) in [(first, a), (second, b)] {
            attributes[name] = name == "group" ? .int(value) : .ints(name == "pads" ? [value, 1] : [value])
          }
          if let error = failure(op, inputs, attributes: attributes) {
            #expect(error.code == .invalidModel || error.code == .budgetExceeded, "\(op) \(attributes): \(error)")
          }
        }
      }
    }
  }
}
