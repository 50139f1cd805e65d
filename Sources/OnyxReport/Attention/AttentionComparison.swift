import Onyx
import OnyxFigures
import OnyxInsight
import OnyxTensor

/// Gates and maps of two models for the same inputs, block by block: before and after training or quantization.
package struct AttentionComparison: Encodable, Sendable {
  /// How far two tensors of one shape differ.
  package struct Difference: Encodable, Sendable {
    /// Of the magnitudes of the differences.
    package let mean: Double
    package let max: Double

    /// nil where there are no numbers to compare: no tensors, other shapes, or none finite.
    init?(_ a: [Tensor], _ b: [Tensor]) throws(OnyxError) {
      guard !a.isEmpty, a.count == b.count else { return nil }
      var (sum, count, largest) = (0.0, 0, 0.0)
      for (left, right) in zip(a, b) {
        guard left.shape == right.shape, left.elementType.isFloating, right.elementType.isFloating else { return nil }
        for (x, y) in zip(try left.doubles(), try right.doubles()) where (x - y).isFinite {
          sum += (x - y).magnitude
          largest = Swift.max(largest, (x - y).magnitude)
          count += 1
        }
      }
      guard count > 0 else { return nil }
      (mean, max) = (sum / Double(count), largest)
    }
  }

  /// A block that both models have, by its name and kind.
  package struct Block: Encodable, Sendable {
    package let name: String
    package let kind: String
    package let gate: Difference?
    package let map: Difference?

    enum CodingKeys: String, CodingKey { case name, kind, gate, map }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(kind, forKey: .kind)
      try container.encode(gate, forKey: .gate)
      try container.encode(map, forKey: .map)
    }
  }

  /// Path of the second model.
  package let model: String
  package let blocks: [Block]
  /// Names of blocks that only one of the models has.
  package let unmatched: [String]

  /// Runs the second model on the inputs of the first, by name, or by position where it has other names. Throws what a run throws.
  package init(model: String, _ session: Session, _ other: Session, inputs: [String: Tensor]) throws(OnyxError) {
    let renamed = Self.inputs(of: other, from: session, inputs)
    let first = try session.attention(inputs)
    let second = try other.attention(renamed)
    let known = Dictionary(second.map { ($0.block.name, $0) }, uniquingKeysWith: { first, _ in first })
    var blocks: [Block] = []
    for found in first {
      guard let match = known[found.block.name], match.block.kind == found.block.kind else { continue }
      blocks.append(
        Block(
          name: found.block.name, kind: found.block.kind, gate: try Difference(found.gates, match.gates),
          map: try Difference(found.maps, match.maps)))
    }
    self.model = model
    self.blocks = blocks
    let matched = Set(blocks.map(\.name))
    unmatched = (first + second).map(\.block.name).filter { !matched.contains($0) }
  }

  /// The inputs of the first model for the second.
  static func inputs(of other: Session, from session: Session, _ inputs: [String: Tensor]) -> [String: Tensor] {
    var renamed: [String: Tensor] = [:]
    for (mine, theirs) in zip(session.inputs, other.inputs) { renamed[theirs.name] = inputs[theirs.name] ?? inputs[mine.name] }
    return renamed
  }

  /// A table for people.
  package var text: String {
    var table = TextTable([
      ("against \(model)", .left), ("kind", .left), ("gates: mean", .right), ("max", .right), ("maps: mean", .right), ("max", .right),
    ])
    func short(_ value: Double?) -> String { value.map(FigureNumber.short) ?? "" }
    for block in blocks {
      table.append(block.name, block.kind, short(block.gate?.mean), short(block.gate?.max), short(block.map?.mean), short(block.map?.max))
    }
    table.fit(columns: 120, shortening: 0, to: 24, keeping: .end)
    let rest = unmatched.isEmpty ? "" : "Only one of the models has: \(unmatched.joined(separator: ", "))\n"
    return table.text + rest
  }
}
