import OnyxGraph
import OnyxImages
import OnyxTensor

/// The pixels of an image file as [height, width, channels]. ONNX: ImageDecoder (20).
///
/// Reads PNG, JPEG, BMP, PNM (P1 … P6), TIFF, WebP and JPEG 2000; the first bytes decide. A file that cannot be decoded gives no rows
/// and no columns, as the standard has it; an image that is too large throws. Alpha is dropped without blending, samples of 16 bits
/// give their higher byte (Pillow cuts gray ones off at 255 instead), and gray is Pillow's (19595 R + 38470 G + 7471 B) / 2^16, rounded.
/// Orientation tags and color profiles have no effect.
package struct ImageDecoder: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "ImageDecoder", versions: [20], inputs: [.required("encoded_stream", "T1")], outputs: [.required("image", "T2")],
      types: ["T1": [.uint8], "T2": [.uint8]]), ImageDecoder.init)

  /// The channels of a pixel, in order.
  package enum PixelFormat: String, Sendable, Hashable, CaseIterable {
    case rgb = "RGB"
    case bgr = "BGR"
    case grayscale = "Grayscale"
  }

  /// The channels of a pixel, in order.
  package let pixelFormat: PixelFormat

  init(_ attributes: inout AttributeReader) throws(OnyxError) { pixelFormat = try attributes.choice("pixel_format", default: .rgb) }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let x = try context.input(0)
    if let shape = x.shape { try check(rank: shape.count) }
    // Decoding alone tells the size, of a constant too: it is left to the run.
    return [Inferred(.uint8, [context.unknown("height"), context.unknown("width"), Dimension(channels)])]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    try check(rank: x.shape.rank)
    guard let image = try pixels(of: x) else { return [try .zeros(.uint8, shape: try Shape([0, 0, channels]))] }
    return [try Tensor(samples(of: image), shape: try Shape([image.height, image.width, channels]))]
  }

  private var channels: Int { pixelFormat == .grayscale ? 1 : 3 }

  private func check(rank: Int) throws(OnyxError) {
    guard rank == 1 else { throw .invalid("The encoded stream has rank \(rank); it must have rank 1.") }
  }

  /// The decoded file; nil when it is broken or of no known format.
  private func pixels(of x: Tensor) throws(OnyxError) -> Pixels? {
    let bytes = try x.elements(as: UInt8.self)
    guard let format = ImageFormat(bytes) else { return nil }
    do throws(OnyxError) { return try format.decode(bytes, limit: Self.largestImage) } catch {
      if error.code == .invalidModel { return nil }
      throw error
    }
  }

  /// A decoded byte stands in the memory of the codec, in the pixels, and in up to three samples of the result.
  private static let largestImage = min(Codecs.largestImage, Buffer.largestByteCount / 5)

  private func samples(of image: Pixels) -> [UInt8] {
    if image.sampleBits == 8, image.channels == (pixelFormat == .rgb ? 3 : 1), pixelFormat != .bgr { return image.bytes }
    // A sample of 16 bits stands lowest byte first.
    let width = image.sampleBits / 8
    let red = width - 1
    // One channel or two: gray, and gray with alpha.
    let (green, blue) = image.channels < 3 ? (red, red) : (red + width, red + 2 * width)
    let bytes = image.bytes
    let pixels = stride(from: 0, to: bytes.count, by: image.channels * width)
    var samples: [UInt8] = []
    samples.reserveCapacity(image.width * image.height * channels)
    switch pixelFormat {
    case .rgb, .bgr:
      let (first, last) = pixelFormat == .rgb ? (red, blue) : (blue, red)
      for pixel in pixels {
        samples.append(bytes[pixel + first])
        samples.append(bytes[pixel + green])
        samples.append(bytes[pixel + last])
      }
    case .grayscale:
      for pixel in pixels {
        let weighted: Int = Int(bytes[pixel + red]) * 19595 + Int(bytes[pixel + green]) * 38470 + Int(bytes[pixel + blue]) * 7471
        samples.append(UInt8((weighted + 0x8000) >> 16))
      }
    }
    return samples
  }
}
