import OnyxImages
import OnyxTensor

/// Images as inputs of models.
package enum ImageTensor {
  /// The pixels of an image file; the content decides on the format. Throws `invalidModel` for other bytes.
  package static func pixels(_ bytes: [UInt8]) throws(OnyxError) -> Pixels {
    guard let format = ImageFormat(bytes) else {
      throw .invalid("The data is no image of a known format.", remedy: "Use PNG, JPEG, BMP, PNM, TIFF, WebP or JPEG 2000.")
    }
    return try format.decode(bytes)
  }

  /// A float32 tensor [1,C,H,W] or [1,H,W,C]. Gray becomes RGB by repetition; RGB becomes gray by the luma of ITU-R BT.601,
  /// 0.299 R + 0.587 G + 0.114 B, not rounded; a missing alpha is 255, an unwanted one is dropped without blending.
  /// The size of the image stays, and so does its orientation tag without effect.
  package static func make(_ image: Pixels, _ options: ImageOptions) throws(OnyxError) -> Tensor {
    let (mean, std) = try options.checked()
    let wanted = options.channels
    let plane = image.width * image.height
    let isPlanar = options.layout == .nchw
    let shape = try Shape(isPlanar ? [1, wanted, image.height, image.width] : [1, image.height, image.width, wanted])
    let planeStride = isPlanar ? plane : 1
    let pixelStride = isPlanar ? 1 : wanted
    return try Tensor(of: Float.self, shape: shape) { (target: inout MutableSpan<Float>) in
      for index in 0..<plane {
        let color = color(image, index)
        for channel in 0..<wanted {
          let pixel = wanted == 1 ? luma(color, image.channels) : color[channel]
          target[index * pixelStride + channel * planeStride] = Float((pixel * options.scale - mean[channel]) / std[channel])
        }
      }
    }
  }

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
