import OnyxImages
import OnyxTensor

/// Images as inputs of models.
package enum ImageTensor {
  /// The pixels of an image file, turned as its EXIF orientation says; the content decides on the format. Throws `invalidModel` for
  /// other bytes.
  package static func pixels(_ bytes: [UInt8]) throws(OnyxError) -> Pixels {
    guard let format = ImageFormat(bytes) else {
      throw .invalid("The data is no image of a known format.", remedy: "Use PNG, JPEG, BMP, PNM, TIFF, WebP or JPEG 2000.")
    }
    return Orientation(bytes, format).applied(to: try format.decode(bytes))
  }

  /// The picture as a model sees it: of the size that the options want, before its pixels become numbers.
  package static func seen(_ image: Pixels, _ options: ImageOptions) throws(OnyxError) -> Pixels { try image.fitted(options.geometry) }

  /// A tensor [1,C,H,W] or [1,H,W,C] of one picture; the 1 is left out where the options say so.
  package static func make(_ image: Pixels, _ options: ImageOptions) throws(OnyxError) -> Tensor { try make([image], options) }

  /// A tensor [N,C,H,W] or [N,H,W,C] of N pictures. Gray becomes RGB by repetition; RGB becomes gray by the luma of ITU-R BT.601,
  /// 0.299 R + 0.587 G + 0.114 B, not rounded; a missing alpha is 255, an unwanted one is dropped without blending.
  ///
  /// Throws `usage` for options that cannot be used, for no pictures, and for pictures of different sizes.
  package static func make(_ images: [Pixels], _ options: ImageOptions) throws(OnyxError) -> Tensor {
    let (mean, std) = try options.checked()
    var fitted: [Pixels] = []
    for image in images { fitted.append(try seen(image, options)) }
    guard let first = fitted.first, options.isBatched || images.count == 1 else {
      throw .usage("\(images.count) pictures were given for an input that takes one.", remedy: "Give one picture.")
    }
    if let other = fitted.first(where: { $0.width != first.width || $0.height != first.height }) {
      throw .usage(
        "One picture has \(first.width) × \(first.height) pixels and another \(other.width) × \(other.height).",
        remedy: "A batch needs pictures of one size; resize them.")
    }
    let wanted = options.channels
    let plane = first.width * first.height
    let isPlanar = options.layout == .nchw
    let item = isPlanar ? [wanted, first.height, first.width] : [first.height, first.width, wanted]
    let shape = try Shape(options.isBatched ? [images.count] + item : item)
    let planeStride = isPlanar ? plane : 1
    let pixelStride = isPlanar ? 1 : wanted
    let numbers = try Tensor(of: Float.self, shape: shape) { (target: inout MutableSpan<Float>) in
      for (number, image) in fitted.enumerated() {
        for index in 0..<plane {
          let color = color(image, index)
          for channel in 0..<wanted {
            let pixel = wanted == 1 ? luma(color, image.channels) : color[channel]
            target[number * plane * wanted + index * pixelStride + channel * planeStride] = Float(
              (pixel * options.scale - mean[channel]) / std[channel])
          }
        }
      }
    }
    return try converted(numbers, to: options.elementType)
  }

  private static func converted(_ numbers: Tensor, to type: ElementType) throws(OnyxError) -> Tensor {
    if type == .float32 { return numbers }
    let values = try numbers.doubles()
    if type.isFloating { return try Tensor(floating: values, as: type, shape: numbers.shape) }
    let bits = min(type.bitsInFiles, 63)
    let (least, most) = type.domain == .signed ? (-exp2(bits - 1), exp2(bits - 1) - 1) : (0, exp2(bits) - 1)
    return try Tensor(
      integral: values.map { Int64(min(max($0.rounded(), least), min(most, 0x1p62))) }, as: type, shape: numbers.shape)
  }

  private static func exp2(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }

  /// Red, green, blue and alpha of a pixel, 0 … 255 each.
  private static func color(_ image: Pixels, _ index: Int) -> SIMD4<Double> {
    let first = index * image.channels
    let red = sample(image, first)
    switch image.channels {
    case 1: return SIMD4(red, red, red, 255)
    case 2: return SIMD4(red, red, red, sample(image, first + 1))
    case 3: return SIMD4(red, sample(image, first + 1), sample(image, first + 2), 255)
    default: return SIMD4(red, sample(image, first + 1), sample(image, first + 2), sample(image, first + 3))
    }
  }

  private static func luma(_ color: SIMD4<Double>, _ channels: Int) -> Double {
    // A gray pixel stays exactly as it is.
    channels < 3 ? color.x : 0.299 * color.x + 0.587 * color.y + 0.114 * color.z
  }

  private static func sample(_ image: Pixels, _ index: Int) -> Double {
    if image.sampleBits == 8 { return Double(image.bytes[index]) }
    let bits = UInt16(image.bytes[2 * index]) | UInt16(image.bytes[2 * index + 1]) << 8
    return Double(bits) / 257
  }
}
