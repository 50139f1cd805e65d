/// How many observations fell below each of some bounds, as Prometheus counts them.
package struct Histogram: Sendable {
  /// Upper bounds, ascending.
  package let bounds: [Double]
  /// Observations at most as large as the bound of the same place and larger than the one before; the last are larger than all.
  private var counts: [Int]
  /// Of all observations.
  package private(set) var sum = 0.0

  package init(_ bounds: [Double]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  /// From 100 µs to 10 s.
  package static let seconds = Histogram([0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
  /// Powers of two.
  package static let rows = Histogram([1, 2, 4, 8, 16, 32, 64, 128, 256])

  package mutating func observe(_ value: Double) {
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
    sum += value
  }

  /// All observations.
  package var count: Int { counts.reduce(0, +) }

  /// Lines of the text format: cumulative buckets, sum and count. `labels` is "" or ends with a comma: `model="a",`.
  package func text(_ name: String, labels: String) -> String {
    var text = ""
    var below = 0
    for (bound, count) in zip(bounds.map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" } + ["+Inf"], counts) {
      below += count
      text += "\(name)_bucket{\(labels)le=\"\(bound)\"} \(below)\n"
    }
    let own = labels.isEmpty ? "" : "{\(labels.dropLast())}"
    return text + "\(name)_sum\(own) \(sum)\n\(name)_count\(own) \(below)\n"
  }
}

extension Duration {
  /// In seconds.
  package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
