import OnyxTensor

/// What a network was trained to see, before the size of the input is known: presets, and what training frameworks write beside a model.
package struct ImageRecipe: Sendable, Hashable {
  /// How the size is reached.
  package enum Fit: Sendable, Hashable {
    /// The picture keeps its size.
    case none
    /// The shorter side gets the length of the input divided by `share`, and the middle is taken.
    case crop(share: Double, rounding: FloatingPointRoundingRule)
    /// Both sides get the lengths of the input.
    case exact
    /// The whole picture, with gray around it.
    case letterbox
  }

  package var fit: Fit
  /// Of the input, where the model does not say it; nil leaves the picture as it is.
  package var size: ImageGeometry.Size?
  package var interpolation: ImageGeometry.Interpolation
  package var antialias = true
  /// nil is what suits the type of the input.
  package var scale: Double?
  package var mean: [Double]
  package var std: [Double]

  package init(
    _ fit: Fit, size: ImageGeometry.Size?, _ interpolation: ImageGeometry.Interpolation = .bilinear, antialias: Bool = true,
    scale: Double? = nil, mean: [Double] = [0], std: [Double] = [1]
  ) {
    (self.fit, self.size, self.interpolation, self.antialias) = (fit, size, interpolation, antialias)
    (self.scale, self.mean, self.std) = (scale, mean, std)
  }

  /// The geometry for an input of this size, nil where the model leaves it open.
  package func geometry(for input: ImageGeometry.Size?) -> ImageGeometry {
    var geometry = ImageGeometry(interpolation: interpolation, antialias: antialias)
    guard let size = input ?? size else { return geometry }
    switch fit {
    case .none: break
    case .exact: geometry.resize = .exact(size)
    case .letterbox: geometry.resize = .letterbox(size)
    case .crop(let share, let rounding):
      // A share may be as small as a number can be; sides past 2^40 are refused like those a little shorter.
      func side(_ length: Int) -> Int { Int(min((Double(length) / share).rounded(rounding), 0x1p40)) }
      geometry.resize =
        size.width == size.height
        ? .shorterSide(side(size.width)) : .cover(ImageGeometry.Size(width: side(size.width), height: side(size.height)))
      geometry.crop = size
    }
    return geometry
  }
}

/// Usual ways in which networks see pictures.
public enum ImagePreset: String, Sendable, Hashable, CaseIterable {
  /// The shorter side to 8/7 of the input's (256 for 224), bilinear; the middle; the mean and deviation of ImageNet.
  case imagenet
  /// The same with bicubic interpolation.
  case imagenetBicubic = "imagenet-bicubic"
  /// The whole picture with gray around it, bilinear without antialias; numbers of 0 … 1.
  case yolo
  /// The shorter side to that of the input, bicubic; the middle; CLIP's mean and deviation.
  case clip
  /// The picture as it is.
  case none

  /// What it means for an input of any size.
  package var recipe: ImageRecipe {
    let side = ImageGeometry.Size(width: 224, height: 224)
    let (mean, std) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    switch self {
    case .imagenet: return ImageRecipe(.crop(share: 0.875, rounding: .toNearestOrEven), size: side, .bilinear, mean: mean, std: std)
    case .imagenetBicubic: return ImageRecipe(.crop(share: 0.875, rounding: .toNearestOrEven), size: side, .bicubic, mean: mean, std: std)
    case .yolo: return ImageRecipe(.letterbox, size: ImageGeometry.Size(width: 640, height: 640), .bilinear, antialias: false)
    case .clip:
      return ImageRecipe(
        .crop(share: 1, rounding: .toNearestOrEven), size: side, .bicubic, mean: [0.48145466, 0.4578275, 0.40821073],
        std: [0.26862954, 0.26130258, 0.27577711])
    case .none: return ImageRecipe(.none, size: nil)
    }
  }
}
