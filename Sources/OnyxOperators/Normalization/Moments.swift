import OnyxTensor

/// Means and population variances of groups of elements.
///
/// Elements are counted from the first one of their group, then from the mean: a large mean does not cancel the variance, and equal
/// elements have exactly their value as the mean and 0 as the variance.
struct Moments {
  private(set) var means: [Double]
  private(set) var variances: [Double]

  /// `group` says which group an element belongs to, by its index. Groups without elements have NaN. Throws `budgetExceeded`.
  init(_ values: [Double], groups: Shape, group: (Int) -> Int) throws(OnyxError) {
    var counts: [Double] = try groups.filled(with: 0)
    means = counts
    variances = means
    var origins = means
    var pace = WorkPace(every: 1 << 15)
    for (index, value) in values.enumerated() {
      try pace.check()
      let group = group(index)
      // A mean with an infinity is that infinity, not the difference of two.
      if counts[group] == 0 { origins[group] = value.isFinite ? value : 0 }
      means[group] += value - origins[group]
      counts[group] += 1
    }
    for index in means.indices { means[index] = origins[index] + means[index] / counts[index] }
    for (index, value) in values.enumerated() {
      try pace.check()
      let group = group(index)
      let difference = value - means[group]
      variances[group] += difference * difference
    }
    for index in variances.indices { variances[index] /= counts[index] }
  }
}
