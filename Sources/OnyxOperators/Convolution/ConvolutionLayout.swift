import OnyxTensor

/// The sizes of one convolution whose shapes are known, and its scalar loop. Inputs have passed the shape rule.
package struct ConvolutionLayout: Sendable, Hashable {
  /// The windows over one plane of the input.
  package let geometry: WindowGeometry
  /// Images.
  package let batch: Int
  /// Groups that channels and filters are divided into.
  package let groups: Int
  /// Input channels of one group.
  package let channels: Int
  /// Output channels of all groups.
  package let filters: Int

  /// Throws as `WindowAttributes.geometry` does.
  package init(_ window: WindowAttributes, group: Int, input: Shape, weights: Shape) throws(OnyxError) {
    guard group >= 1, input.rank >= 3, weights.rank == input.rank, weights[0] % group == 0 else {
      throw .bug("A convolution has unchecked shapes.")
    }
    geometry = try window.geometry(input: Array(input[2...]), kernel: Array(weights[2...]))
    batch = input[0]
    groups = group
    channels = weights[1]
    filters = weights[0]
  }

  /// y[n, m, o] = bias[m] + Σ x[n, c, o·stride − pad + k·dilation] · w[m, c, k] over the channels c of m's group and the
  /// taps k inside the input. `y` is the result filled with zeros.
  func convolve<T: WideNumber>(_ x: [T], _ w: [T], bias: [T]?, into zeros: [T]) throws(OnyxError) -> [T] {
    var y = zeros
    if y.isEmpty { return y }
    if channels == 0 {
      // A kernel of no channels may have any number of taps.
      let plane = y.count / (batch * filters)
      if let bias { try y.indices.forEachPortion { for index in $0 { y[index] = bias[index / plane % filters] } } }
      return y
    }
    let plane = geometry.axes.reduce(1) { $0 * $1.input }
    let kernel = geometry.axes.reduce(1) { $0 * $1.kernel }
    let windows = geometry.windowCount
    let filtersPerGroup = filters / groups
    var pace = WorkPace(every: 1 << 16)
    try geometry.forEachWindow { (window, _, taps) throws(OnyxError) in
      for image in 0..<batch {
        for filter in 0..<filters {
          try pace.check(after: 1 + channels * taps.count)
          var sum = bias?[filter] ?? .zero
          let firstChannel = image * channels * groups + filter / filtersPerGroup * channels
          for channel in 0..<channels {
            let source = (firstChannel + channel) * plane
            let weights = (filter * channels + channel) * kernel
            for tap in taps { sum.add(x[source + tap.input], times: w[weights + tap.kernel]) }
          }
          y[(image * filters + filter) * windows + window] = sum
        }
      }
    }
    return y
  }
}
