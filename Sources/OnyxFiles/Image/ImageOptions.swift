import OnyxTensor

/// How pixels become the elements of an input: y = (pixel * scale - mean) / std, in float32.
///
/// `pixel` is 0 … 255; a 16-bit sample counts as sample / 257. One mean or std serves all channels.
package struct ImageOptions: Sendable, Hashable {
  package enum Layout: String, Sendable, Hashable, CaseIterable { case nchw, nhwc }

  package var mean: [Double]
  package var std: [Double]
  package var scale: Double
  package var layout: Layout
  /// 1 gray, 3 RGB, 4 RGB and alpha.
  package var channels: Int

  package init(mean: [Double] = [0], std: [Double] = [1], scale: Double = 1, layout: Layout = .nchw, channels: Int = 3) {
    self.mean = mean
    self.std = std
    self.scale = scale
    self.layout = layout
    self.channels = channels
  }

  /// One mean and one std for each channel. Throws `usage` for numbers that cannot be used.
  func checked() throws(OnyxError) -> (mean: [Double], std: [Double]) {
    guard [1, 3, 4].contains(channels) else { throw .usage("An image cannot have \(channels) channels.", remedy: "Use 1, 3 or 4.") }
    guard scale.isFinite, mean.allSatisfy(\.isFinite), std.allSatisfy({ $0.isFinite && $0 != 0 }) else {
      throw .usage("The scale, mean and std of an image must be finite numbers, and std not 0.")
    }
    return (try spread(mean, "mean"), try spread(std, "std"))
  }

  private func spread(_ values: [Double], _ name: String) throws(OnyxError) -> [Double] {
    if values.count == channels { return values }
    guard values.count == 1 else {
      throw .usage("\(values.count) values were given for the \(name) of \(channels) channels.", remedy: "Give 1 or \(channels).")
    }
    return [Double](repeating: values[0], count: channels)
  }
}
