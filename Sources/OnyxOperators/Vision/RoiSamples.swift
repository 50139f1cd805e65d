/// The grid of positions at which RoiAlign samples one region. Rows and columns are independent of each other, so that each axis says
/// what its samples make of its elements, and the samples themselves are not kept.
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

  /// What the samples of a bin make of one element of the axis.
  package struct Element: Sendable, Equatable {
    package let index: Int
    /// Sum of the element's weights in all samples.
    package fileprivate(set) var sum: Double
    /// The least and the greatest weight of the samples beside the element.
    package fileprivate(set) var least: Double
    package fileprivate(set) var greatest: Double
  }

  /// The elements under the samples of one bin, ascending.
  package struct Bin: Sendable, Equatable {
    package private(set) var elements: [Element] = []
    /// Samples inside the input.
    package private(set) var inside = 0

    /// Adds the next of ascending samples. The last element of an axis stands for both of its sides, so that it has a weight of 0 too.
    mutating func add(_ sample: Sample) {
      inside += 1
      add(sample.low, 1 - sample.share)
      add(sample.high, sample.share)
    }

    private mutating func add(_ index: Int, _ weight: Double) {
      // The first element of a sample may be the first one of the sample before.
      var place = elements.count
      while place > 0, elements[place - 1].index > index { place -= 1 }
      guard place > 0, elements[place - 1].index == index else {
        elements.insert(Element(index: index, sum: weight, least: weight, greatest: weight), at: place)
        return
      }
      elements[place - 1].sum += weight
      elements[place - 1].least = min(elements[place - 1].least, weight)
      elements[place - 1].greatest = max(elements[place - 1].greatest, weight)
    }
  }

  /// The bins along one axis.
  package struct Axis: Sendable {
    package let bins: [Bin]
    package let samplesPerBin: Int
  }

  package let rows: Axis
  package let columns: Axis
  /// Elements of a row of the input.
  package let width: Int

  /// Writes one element for each bin, row by row: of the plane of `values` that begins at `plane`, to `y` from `first`.
  /// Complexity: O(elements under the bins).
  package func pool(_ values: [Double], from plane: Int, _ mode: RoiAlign.Mode, into y: inout [Double], from first: Int) {
    var target = first
    for row in rows.bins {
      for column in columns.bins {
        y[target] = mode == .avg ? average(values, plane, row, column) : greatest(values, plane, row, column)
        target += 1
      }
    }
  }

  private func average(_ values: [Double], _ plane: Int, _ row: Bin, _ column: Bin) -> Double {
    var sum = 0.0
    // An element of no weight does not count, whatever it is.
    for y in row.elements where y.sum != 0 {
      let line = plane + y.index * width
      var part = 0.0
      for x in column.elements where x.sum != 0 { part += values[line + x.index] * x.sum }
      sum += part * y.sum
    }
    return sum / max(Double(rows.samplesPerBin) * Double(columns.samplesPerBin), 1)
  }

  /// The greatest product of an element and its weight, which is a product of weights along both axes: any of one axis with any of the
  /// other. A sample outside counts as 0.
  private func greatest(_ values: [Double], _ plane: Int, _ row: Bin, _ column: Bin) -> Double {
    if rows.samplesPerBin == 0 || columns.samplesPerBin == 0 { return 0 }
    var result = -Double.infinity
    for y in row.elements {
      for x in column.elements {
        let value = values[plane + y.index * width + x.index]
        let least = value * (y.least * x.least)
        let product = value > 0 ? value * (y.greatest * x.greatest) : least
        if product.isNaN || least.isNaN { return .nan }
        if product > result { result = product }
      }
    }
    let areAllInside = row.inside == rows.samplesPerBin && column.inside == columns.samplesPerBin
    return areAllInside || result > 0 ? result : 0
  }
}
