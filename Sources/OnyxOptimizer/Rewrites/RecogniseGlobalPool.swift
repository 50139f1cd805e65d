import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// AveragePool and MaxPool with one window, the whole map → GlobalAveragePool and GlobalMaxPool.
  static let recogniseGlobalPool = Rewrite(
    "recognise-global-pool", changes: .rounding,
    pattern: .anyOf(.op("AveragePool", .value("x"), named: "pool"), .op("MaxPool", .value("x"), named: "pool")),
    when: [
      Clause("The window must be the whole map.") { match in
        guard let shape = match.shape("x"), shape.count >= 3, let kernel = match.node("pool")?.ints("kernel_shape") else { return false }
        return shape.dropFirst(2).elementsEqual(kernel.map { Dimension($0) })
      },
      Clause("The map must not be padded.") { match in
        guard let node = match.node("pool") else { return false }
        return ["NOTSET", "VALID"].contains(node.text("auto_pad", default: "NOTSET")) && (node.ints("pads") ?? []).allSatisfy { $0 == 0 }
      },
      Clause("The window must not be dilated.") { ($0.node("pool")?.ints("dilations") ?? []).allSatisfy { $0 == 1 } },
      Clause("The elements must be floating.") { $0.elementType(of: "x").map(Set.floats.contains) ?? false },
    ]
  ) { (match, patch) throws(OnyxError) in
    let isAverage = match.node("pool")?.op == OperatorName("AveragePool")
    return patch.node(isAverage ? "GlobalAveragePool" : "GlobalMaxPool", [try match.required("x")])
  }
}
