/// How a picture gets another size before its pixels become numbers: first it is resized, then it is cropped.
public struct ImageGeometry: Sendable, Hashable {
  /// Sides in pixels.
  public struct Size: Sendable, Hashable {
    /// Columns.
    public var width: Int
    /// Rows.
    public var height: Int

    /// Sides in pixels, both at least 1 where they are used.
    public init(width: Int, height: Int) {
      self.width = width
      self.height = height
    }
  }

  /// The size that a picture of any size gets.
  public enum Resize: Sendable, Hashable {
    /// That of the picture.
    case none
    /// The shorter side gets this length, the longer one ⌊length · longer / shorter⌋.
    case shorterSide(Int)
    /// Both sides get these lengths, whatever becomes of the proportions.
    case exact(Size)
    /// The least size of the picture's proportions that covers this one.
    case cover(Size)
    /// The largest size of the picture's proportions that fits into this one, in the middle of it, with samples of 114 around it.
    case letterbox(Size)
  }

  /// The function by which pixels are weighed, as Pillow defines it.
  public enum Interpolation: String, Sendable, Hashable, CaseIterable {
    /// The pixel at the place.
    case nearest
    /// The mean of the pixels.
    case box
    /// A triangle of width 2.
    case bilinear
    /// Cubic convolution of width 4 with a = −0.5, or −0.75 without antialias.
    case bicubic
    /// The windowed sinc of width 6.
    case lanczos
  }

  /// What the size becomes.
  public var resize: Resize
  /// The part in the middle that is left of the resized picture; where it is smaller, black surrounds it.
  public var crop: Size?
  /// How resized pixels are weighed.
  public var interpolation: Interpolation
  /// Whether a picture that gets smaller is averaged over all pixels, as Pillow does, instead of sampled between the nearest.
  public var antialias: Bool

  /// Pictures keep their size unless said otherwise.
  public init(resize: Resize = .none, crop: Size? = nil, interpolation: Interpolation = .bilinear, antialias: Bool = true) {
    self.resize = resize
    self.crop = crop
    self.interpolation = interpolation
    self.antialias = antialias
  }

  /// The least picture of the same proportions that covers a size, and its middle.
  public static func filling(_ size: Size) -> ImageGeometry { ImageGeometry(resize: .cover(size), crop: size) }
}
