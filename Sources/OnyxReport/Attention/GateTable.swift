import OnyxFigures

/// Gates as CSV: a line for each channel, with mean and deviation over the pictures and the number of each picture.
struct GateTable {
  /// nil for a block without channel gates.
  let text: String?

  /// Pictures with a column of their own.
  private static let columnLimit = 256

  init(_ observation: BlockObservation) {
    guard let first = observation.branches.first, !first.isEmpty else {
      text = nil
      return
    }
    let hasBranches = observation.branches.count > 1
    let pictures = min(first.count, Self.columnLimit)
    var lines = [(hasBranches ? "branch," : "") + "channel,mean,deviation,min,max" + (0..<pictures).map { ",picture_\($0)" }.joined()]
    for (branch, samples) in observation.branches.enumerated() {
      let spread = SampleSpread(samples)
      for channel in spread.mean.indices {
        let numbers =
          [spread.mean, spread.deviation, spread.low, spread.high].map { $0[channel] } + samples.prefix(pictures).map { $0[channel] }
        lines.append((hasBranches ? "\(branch)," : "") + "\(channel)," + numbers.map { "\(Float($0))" }.joined(separator: ","))
      }
    }
    text = lines.joined(separator: "\n") + "\n"
  }
}
