import OnyxTensor

/// Reads the taps of a deformable convolution: one column of channels × taps for each window.
package struct DeformableTaps: Sendable {
  /// The windows before they are deformed.
  package let geometry: WindowGeometry
  /// Groups of channels that share their offsets.
  package let offsetGroups: Int
  /// Channels of the input.
  package let channels: Int
  /// Taps of a window.
  package let kernel: Int
  /// Windows of an image.
  package let windows: Int
  /// Elements of a plane of the input.
  package let plane: Int

  /// The length of a column.
  package var rows: Int { channels * kernel }

  /// Throws `budgetExceeded` when a column does not fit in memory.
  package init(geometry: WindowGeometry, offsetGroups: Int, channels: Int) throws(OnyxError) {
    self.geometry = geometry
    self.offsetGroups = offsetGroups
    self.channels = channels
    kernel = try Shape(geometry.axes.map(\.kernel)).elementCount
    plane = geometry.axes.reduce(1) { $0 * $1.input }
    windows = geometry.windowCount
    try ReferenceMemory.check(try Shape([channels, kernel]).elementCount)
  }

  /// Fills `column` with the taps of one window: channel by channel, each tap times its mask.
  ///
  /// `offsets` has one plane of windows for each image, offset group, tap and spatial axis; `mask` one for each image, group and tap.
  package func sample(_ x: [Double], image: Int, window: Int, offsets: [Double], mask: [Double]?, into column: inout [Double]) {
    let channelsPerGroup = channels / offsetGroups
    let starts = starts(of: window)
    var corners: [(element: Int, weight: Double)] = []
    for group in 0..<offsetGroups {
      for tap in 0..<kernel {
        let entry = (image * offsetGroups + group) * kernel + tap
        let scale = mask.map { $0[entry * windows + window] } ?? 1
        place(tap, starts, &corners) { offsets[(entry * starts.count + $0) * windows + window] }
        for channel in group * channelsPerGroup..<(group + 1) * channelsPerGroup {
          let first = (image * channels + channel) * plane
          var sum = 0.0
          for corner in corners { sum += corner.weight * x[first + corner.element] }
          column[channel * kernel + tap] = sum * scale
        }
      }
    }
  }

  /// The coordinates of the first tap of a window; negative in the padding.
  private func starts(of window: Int) -> [Int] {
    var starts = [Int](repeating: 0, count: geometry.axes.count)
    var rest = window
    for (index, axis) in geometry.axes.enumerated().reversed() {
      starts[index] = axis.start(rest % axis.output)
      rest /= axis.output
    }
    return starts
  }

  /// The elements of a plane that make one tap, and their weights; none when it lies outside.
  private func place(
    _ tap: Int, _ starts: [Int], _ corners: inout [(element: Int, weight: Double)], offset: (_ axis: Int) -> Double
  ) {
    corners.removeAll(keepingCapacity: true)
    corners.append((0, 1))
    var rest = tap
    var stride = 1
    for (index, axis) in geometry.axes.enumerated().reversed() {
      let position = Double(starts[index] + rest % axis.kernel * axis.dilation) + offset(index)
      guard position > -1, position < Double(axis.input) else { return corners.removeAll(keepingCapacity: true) }
      let low = Int(position.rounded(.down))
      let share = position - Double(low)
      let count = corners.count
      // Weights of 0 are left out: they must not turn an infinity into NaN.
      if share > 0, low + 1 < axis.input {
        for corner in 0..<count { corners.append((corners[corner].element + (low + 1) * stride, corners[corner].weight * share)) }
      }
      if low >= 0 {
        for corner in 0..<count { corners[corner] = (corners[corner].element + low * stride, corners[corner].weight * (1 - share)) }
      } else {
        corners.removeFirst(count)
      }
      rest /= axis.kernel
      stride *= axis.input
    }
  }
}
