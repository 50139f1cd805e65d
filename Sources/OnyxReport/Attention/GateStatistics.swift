import OnyxInsight
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the numbers of a block's gates and of its maps are like.
package struct BlockStatistics: Encodable, Sendable {
  package var gate = GateStatistics()
  package var map = GateStatistics()
  /// Of the heads of query attention, by head.
  package var heads: [HeadStatistics] = []

  enum CodingKeys: String, CodingKey { case gate, map, heads }

  /// Those that there are, for people.
  var named: [(name: String, numbers: GateStatistics)] {
    [("gates", gate), ("map", map)].filter { $0.1.count + $0.1.notFinite > 0 }.map { (name: $0.0, numbers: $0.1) }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(gate.count + gate.notFinite > 0 ? gate : nil, forKey: .gate)
    try container.encode(map.count + map.notFinite > 0 ? map : nil, forKey: .map)
    try container.encode(heads.isEmpty ? nil : heads, forKey: .heads)
  }
}

/// What the numbers of a gate or a map are like, over all pictures.
package struct GateStatistics: Encodable, Sendable {
  package private(set) var count = 0
  /// NaN and infinities; they count in nothing else.
  package private(set) var notFinite = 0
  package private(set) var min = Double.infinity
  package private(set) var max = -Double.infinity
  private var sum = 0.0
  private var squares = 0.0
  private var entropySum = 0.0
  private var entropyCount = 0
  private var closed = 0
  private var closedBase = 0
  private var saturated = 0
  private var saturationBase = 0

  enum CodingKeys: String, CodingKey {
    case count, min, max, mean, deviation, entropy, sparsity, saturation
    case notFinite = "not_finite"
  }

  /// Gates below this are nearly closed.
  package static let closedBelow = 0.1
  /// A sigmoid nearer than this to 0 or 1 hardly moves any more.
  package static let saturationMargin = 0.05

  package init() {}

  /// Adds the gates of one picture, each a number of its own.
  package mutating func add(gates values: [Double]) {
    let finite = add(values)
    closed += finite.count { $0 < Self.closedBelow }
    closedBase += finite.count
    saturated += finite.count { $0 < Self.saturationMargin || $0 > 1 - Self.saturationMargin }
    saturationBase += finite.count
    addEntropy(finite)
  }

  /// Adds weights that share 1 among them: a row of a softmax. Less than a tenth of an even share is nearly closed; a row is
  /// saturated when one weight has nearly all.
  package mutating func add(shares values: [Double]) {
    let finite = add(values)
    closed += finite.count { $0 * Double(finite.count) < Self.closedBelow }
    closedBase += finite.count
    saturated += (finite.max() ?? 0) > 1 - Self.saturationMargin ? 1 : 0
    saturationBase += 1
    addEntropy(finite)
  }

  /// Adds numbers that are no gates: what global context adds to the channels.
  package mutating func add(terms values: [Double]) { _ = add(values) }

  private mutating func add(_ values: [Double]) -> [Double] {
    let finite = values.filter(\.isFinite)
    count += finite.count
    notFinite += values.count - finite.count
    for value in finite {
      sum += value
      squares += value * value
      min = Swift.min(min, value)
      max = Swift.max(max, value)
    }
    return finite
  }

  /// Entropy of the values as shares of their sum, 1 when all are equal, 0 when one has all.
  private mutating func addEntropy(_ values: [Double]) {
    let total = values.reduce(0, +)
    guard values.count > 1, total > 0, values.allSatisfy({ $0 >= 0 }) else { return }
    let entropy = values.reduce(0) { $0 - ($1 > 0 ? $1 / total * log($1 / total) : 0) }
    entropySum += entropy / log(Double(values.count))
    entropyCount += 1
  }

  package var mean: Double? { count > 0 ? sum / Double(count) : nil }
  package var deviation: Double? { mean.map { Swift.max(squares / Double(count) - $0 * $0, 0).squareRoot() } }
  /// The mean over the pictures, or over the rows of a softmax; nil for numbers that are no shares.
  package var entropy: Double? { entropyCount > 0 ? entropySum / Double(entropyCount) : nil }
  /// The part of the numbers that is nearly closed.
  package var sparsity: Double? { closedBase > 0 ? Double(closed) / Double(closedBase) : nil }
  /// The part of the gates, or of the rows of a softmax, that is saturated.
  package var saturation: Double? { saturationBase > 0 ? Double(saturated) / Double(saturationBase) : nil }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(count, forKey: .count)
    try container.encode(notFinite, forKey: .notFinite)
    try container.encode(count > 0 ? min : nil, forKey: .min)
    try container.encode(count > 0 ? max : nil, forKey: .max)
    try container.encode(mean, forKey: .mean)
    try container.encode(deviation, forKey: .deviation)
    try container.encode(entropy, forKey: .entropy)
    try container.encode(sparsity, forKey: .sparsity)
    try container.encode(saturation, forKey: .saturation)
  }
}
