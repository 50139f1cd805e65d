import Onyx
import OnyxTensor

/// The most likely classes of a tensor of scores [classes] or [batch,classes]; axes of one element behind do not count.
///
/// Scores that already are probabilities (none negative, each row sums to 1 within 1e-3) are taken as they are; others go
/// through softmax.
struct Classification {
  private let rows: [[(label: String, probability: Double)]]

  /// Throws `usage` when the tensor has no class axis or the labels are fewer than its classes.
  init(_ scores: Tensor, top: Int, labels: [String]?) throws(OnyxError) {
    var extents = scores.shape.dimensions
    while extents.count > 2, extents.last == 1 { extents.removeLast() }
    guard extents.count <= 2, let classes = extents.last, classes > 0, scores.elementType.isFloating else {
      throw .usage(
        "--top needs floating scores [classes] or [batch,classes]; the first output is \(scores.typeDescription).",
        remedy: "Leave --top out to see its numbers.")
    }
    if let labels, labels.count < classes {
      throw .usage(
        "The labels file has \(labels.count) lines; the output has \(classes) classes.", remedy: "Give a file with one line for each class."
      )
    }
    let values = try scores.doubles()
    rows = stride(from: 0, to: values.count, by: classes).map { start in
      let probabilities = Self.probabilities(Array(values[start..<start + classes]))
      // NaN is behind all numbers; equal classes keep their order.
      let keys = probabilities.map { $0.isNaN ? -1 : $0 }
      let order = probabilities.indices.sorted { (keys[$0], $1) > (keys[$1], $0) }
      return order.prefix(top).map { (labels?[$0] ?? "class \($0)", probabilities[$0]) }
    }
  }

  private static func probabilities(_ scores: [Double]) -> [Double] {
    let sum = scores.reduce(0, +)
    if scores.allSatisfy({ $0 >= 0 }), (sum - 1).magnitude < 1e-3 { return scores }
    let largest = scores.max() ?? 0
    let exponentials = scores.map { exponential($0 - largest) }
    let total = exponentials.reduce(0, +)
    return exponentials.map { $0 / total }
  }

  /// One line a class, "7       99.9 %"; rows of a batch are headed by the names of `files`, or numbered when there are more of these or
  /// none. Rows past the last file stand for nothing that was given.
  func text(of files: [String]) -> String {
    var text = ""
    let isNamed = !files.isEmpty && files.count <= rows.count
    for (number, row) in rows.prefix(isNamed ? files.count : rows.count).enumerated() {
      if rows.count > 1, !isNamed || files.count > 1 { text += (isNamed ? files[number] : "[\(number)]") + "\n" }
      let width = row.map(\.label.count).max() ?? 0
      for (label, probability) in row {
        let percent = "\((probability * 1000).rounded() / 10)"
        let gap = max(0, width - label.count) + max(0, 5 - percent.count) + 2
        text += "\(label)\(String(repeating: " ", count: gap))\(percent) %\n"
      }
    }
    return text
  }
}
