/// The grid of positions at which RoiAlign samples one region: rows and columns are independent of each other.
package struct RoiSamples: Sendable {
  /// A position between two elements of an axis, and the share of the second.
  package struct Sample: Sendable, Equatable {
    package let low: Int
    package let high: Int
    package let share: Double

    /// nil when the position is more than one element outside an axis of `extent` elements: the sample is 0 there. Nearer to the border,
    /// the outermost element stands for it.
    package init?(_ position: Double, extent: Int) {
      guard extent > 0, position >= -1, position <= Double(extent) else { return nil }
      let inside = max(position, 0)
      low = min(Int(inside), extent - 1)
      high = min(low + 1, extent - 1)
      share = high == low ? 0 : inside - Double(low)
    }
  }

  /// The samples along one axis, bin by bin; nil is a sample outside the input.
  package struct Axis: Sendable {
    package let bins: Int
    package let samplesPerBin: Int
    package let samples: [Sample?]
  }

  package let rows: Axis
  package let columns: Axis
  /// Elements of a row of the input.
  package let width: Int

  /// Writes one element for each bin, row by row: of the plane of `values` that begins at `plane`, to `y` from `first`.
  /// Complexity: O(samples).
  package func pool(_ values: [Double], from plane: Int, _ mode: RoiAlign.Mode, into y: inout [Double], from first: Int) {
    for row in 0..<rows.bins {
      for column in 0..<columns.bins {
        y[first + row * columns.bins + column] =
          mode == .avg ? average(values, plane, row, column) : greatest(values, plane, row, column)
      }
    }
  }

  private func average(_ values: [Double], _ plane: Int, _ row: Int, _ column: Int) -> Double {
    var sum = 0.0
    forEachSample(row, column) { y, x in
      let (upper, lower) = (plane + y.low * width, plane + y.high * width)
      let above = values[upper + x.low] * (1 - x.share) + (x.share == 0 ? 0 : values[upper + x.high] * x.share)
      let below = y.share == 0 ? 0 : values[lower + x.low] * (1 - x.share) + (x.share == 0 ? 0 : values[lower + x.high] * x.share)
      sum += above * (1 - y.share) + below * y.share
    }
    return sum / Double(max(rows.samplesPerBin * columns.samplesPerBin, 1))
  }

  /// The greatest product of an element and its weight. A sample outside counts as 0.
  private func greatest(_ values: [Double], _ plane: Int, _ row: Int, _ column: Int) -> Double {
    let samples = rows.samplesPerBin * columns.samplesPerBin
    var inside = 0
    var result = -Double.infinity
    forEachSample(row, column) { y, x in
      inside += 1
      for (line, weight) in [(y.low, 1 - y.share), (y.high, y.share)] {
        for (place, share) in [(x.low, 1 - x.share), (x.high, x.share)] {
          let product = values[plane + line * width + place] * (weight * share)
          if product > result || product.isNaN { result = product }
        }
      }
    }
    if samples == 0 { return 0 }
    return inside < samples && !(result > 0 || result.isNaN) ? 0 : result
  }

  private func forEachSample(_ row: Int, _ column: Int, _ body: (_ y: Sample, _ x: Sample) -> Void) {
    for step in 0..<rows.samplesPerBin {
      guard let y = rows.samples[row * rows.samplesPerBin + step] else { continue }
      for place in 0..<columns.samplesPerBin {
        guard let x = columns.samples[column * columns.samplesPerBin + place] else { continue }
        body(y, x)
      }
    }
  }
}
