/// For each of some positions (channels, keys) the mean and the spread of a number over samples (pictures).
package struct SampleSpread: Sendable {
  package let mean: [Double]
  /// Standard deviation over the samples; zeros for one sample.
  package let deviation: [Double]
  package let low: [Double]
  package let high: [Double]
  package let sampleCount: Int

  /// Samples of unequal length count as far as the shortest one goes. Numbers that are not finite are left out; a position
  /// without any is NaN.
  package init(_ samples: [[Double]]) {
    let length = samples.map(\.count).min() ?? 0
    var (mean, deviation, low, high) = ([Double](), [Double](), [Double](), [Double]())
    for position in 0..<length {
      let values = samples.map { $0[position] }.filter(\.isFinite)
      let average = values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
      mean.append(average)
      deviation.append(
        values.isEmpty ? .nan : (values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(values.count)).squareRoot())
      low.append(values.min() ?? .nan)
      high.append(values.max() ?? .nan)
    }
    (self.mean, self.deviation, self.low, self.high, sampleCount) = (mean, deviation, low, high, samples.count)
  }
}
