import OnyxTensor

/// Means and population variances of groups of elements; two passes, so that a large mean does not cancel the variance.
struct Moments {
  private(set) var means: [Double]
  private(set) var variances: [Double]

  /// `group` says which group an element belongs to, by its index. Groups without elements have NaN.
  init(_ values: [Double], groups: Shape, group: (Int) -> Int) throws(OnyxError) {
    var counts: [Double] = try groups.filled(with: 0)
    means = counts
    variances = means
    for (index, value) in values.enumerated() {
      means[group(index)] += value
      counts[group(index)] += 1
    }
    for index in means.indices { means[index] /= counts[index] }
    for (index, value) in values.enumerated() {
      let difference = value - means[group(index)]
      variances[group(index)] += difference * difference
    }
    for index in variances.indices { variances[index] /= counts[index] }
  }
}
