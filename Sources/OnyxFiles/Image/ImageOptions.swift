import OnyxTensor

/// How a picture becomes an input: its size by `geometry`, its numbers by y = (pixel · scale − mean) / std.
///
/// `pixel` is 0 … 255; a 16-bit sample counts as sample / 257. One mean or std serves all channels. The picture is turned first as its
/// EXIF orientation says.
public struct ImageOptions: Sendable, Hashable {
  /// The order of the axes.
  public enum Layout: String, Sendable, Hashable, CaseIterable {
    /// [N,C,H,W].
    case nchw
    /// [N,H,W,C].
    case nhwc
  }

  /// Subtracted from each scaled channel: one number, or one for each channel.
  public var mean: [Double]
  /// Divides what is left: one number, or one for each channel; none is 0.
  public var std: [Double]
  /// Factor of the pixel values.
  public var scale: Double
  /// The order of the axes.
  public var layout: Layout
  /// 1 gray, 3 RGB, 4 RGB and alpha.
  public var channels: Int
  /// The size of the picture.
  public var geometry: ImageGeometry
  /// Floating types take y as it is; integers the nearest number that they hold.
  public var elementType: ElementType
  /// Whether the shape begins with the number of pictures.
  public var isBatched: Bool

  /// Numbers of 0 … 255 in float32[1,3,H,W], H and W those of the picture, unless said otherwise.
  public init(
    mean: [Double] = [0], std: [Double] = [1], scale: Double = 1, layout: Layout = .nchw, channels: Int = 3,
    geometry: ImageGeometry = ImageGeometry(), elementType: ElementType = .float32, isBatched: Bool = true
  ) {
    self.mean = mean
    self.std = std
    self.scale = scale
    self.layout = layout
    self.channels = channels
    self.geometry = geometry
    self.elementType = elementType
    self.isBatched = isBatched
  }

  /// One mean and one std for each channel. Throws `usage` for numbers that cannot be used.
  func checked() throws(OnyxError) -> (mean: [Double], std: [Double]) {
    guard [1, 3, 4].contains(channels) else { throw .usage("An image cannot have \(channels) channels.", remedy: "Use 1, 3 or 4.") }
    guard elementType.isFloating || elementType.isInteger else {
      throw .usage("An image cannot become an input of \(elementType).", remedy: "Give a tensor for it: .npy, .npz, .pb or .json.")
    }
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
