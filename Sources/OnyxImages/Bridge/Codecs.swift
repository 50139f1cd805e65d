import CCodecs
import OnyxTensor

/// The C codecs. SAFETY: pointers into Swift arrays live for one call; memory that C hands out is copied and freed here.
///
/// Each decoder throws `invalidModel` for a file that breaks its format, and `budgetExceeded` for an image of more than `limit` bytes:
/// sizes are checked before anything of theirs is allocated.
package enum Codecs {
  /// No image may decode to more bytes.
  package static let largestImage = 1 << 30

  package static func decodePNG(_ bytes: [UInt8], limit: Int = largestImage) throws(OnyxError) -> Pixels {
    var image = unsafe ccodecs_image()
    let status = unsafe bytes.withUnsafeBufferPointer { unsafe ccodecs_png_decode($0.baseAddress, $0.count, limit, &image) }
    return try unsafe pixels("PNG", status, image)
  }

  package static func decodeJPEG(_ bytes: [UInt8], limit: Int = largestImage) throws(OnyxError) -> Pixels {
    var image = unsafe ccodecs_image()
    let status = unsafe bytes.withUnsafeBufferPointer { unsafe ccodecs_jpeg_decode($0.baseAddress, $0.count, limit, &image) }
    return try unsafe pixels("JPEG", status, image)
  }

  package static func decodeWebP(_ bytes: [UInt8], limit: Int = largestImage) throws(OnyxError) -> Pixels {
    var image = unsafe ccodecs_image()
    let status = unsafe bytes.withUnsafeBufferPointer { unsafe ccodecs_webp_decode($0.baseAddress, $0.count, limit, &image) }
    return try unsafe pixels("WebP", status, image)
  }

  package static func decodeTIFF(_ bytes: [UInt8], limit: Int = largestImage) throws(OnyxError) -> Pixels {
    var image = unsafe ccodecs_image()
    let status = unsafe bytes.withUnsafeBufferPointer { unsafe ccodecs_tiff_decode($0.baseAddress, $0.count, limit, &image) }
    return try unsafe pixels("TIFF", status, image)
  }

  package static func decodeJPEG2000(_ bytes: [UInt8], limit: Int = largestImage) throws(OnyxError) -> Pixels {
    try JPEG2000Header.check(bytes, limit: limit)
    var image = unsafe ccodecs_image()
    let status = unsafe bytes.withUnsafeBufferPointer { unsafe ccodecs_jpeg2000_decode($0.baseAddress, $0.count, limit, &image) }
    return try unsafe pixels("JPEG 2000", status, image)
  }

  /// Whether the OpenJPEG of this process reads high throughput JPEG 2000.
  static var readsHighThroughput: Bool { ccodecs_jpeg2000_reads_high_throughput() != 0 }

  /// Throws `usage` when the bytes are not as many as the sizes say, or when no PNG has these sizes.
  package static func encodePNG(_ pixels: Pixels) throws(OnyxError) -> [UInt8] {
    let sizes = [pixels.width, pixels.height, pixels.channels, pixels.sampleBits].map { UInt32(exactly: $0) ?? 0 }
    let (row, overflow) = pixels.width.multipliedReportingOverflow(by: pixels.channels * (pixels.sampleBits / 8))
    let (count, overflow2) = row.multipliedReportingOverflow(by: pixels.height)
    guard !overflow, !overflow2, count == pixels.bytes.count else {
      throw .usage("\(pixels.bytes.count) bytes were given for \(pixels.width) x \(pixels.height) pixels of \(pixels.channels) channels.")
    }
    var file = unsafe ccodecs_bytes()
    let status = unsafe pixels.bytes.withUnsafeBufferPointer {
      unsafe ccodecs_png_encode($0.baseAddress, sizes[0], sizes[1], sizes[2], sizes[3], &file)
    }
    defer { unsafe ccodecs_free(file.bytes) }
    guard status == CCODECS_OK else { throw .usage("The image cannot be written as PNG: \(unsafe text(file.message)).") }
    return unsafe [UInt8](UnsafeBufferPointer(start: file.bytes, count: file.count))
  }

  @unsafe private static func pixels(_ format: String, _ status: ccodecs_status, _ image: ccodecs_image) throws(OnyxError) -> Pixels {
    defer { unsafe ccodecs_free(image.pixels) }
    switch status {
    case CCODECS_OK: break
    case CCODECS_TOO_LARGE:
      throw .budget("The \(format) image is too large: \(unsafe text(image.message)).", remedy: Pixels.smallerImage)
    case CCODECS_NO_MEMORY: throw .budget("There is not enough memory for the \(format) image.", remedy: Pixels.smallerImage)
    default: throw .invalid("The \(format) image cannot be read: \(unsafe text(image.message)).", remedy: "Save the image again.")
    }
    return unsafe Pixels(
      width: Int(image.width), height: Int(image.height), channels: Int(image.channels), sampleBits: Int(image.sample_bits),
      bytes: [UInt8](UnsafeBufferPointer(start: image.pixels, count: image.byte_count)))
  }

  /// A message that C has ended with 0.
  private static func text<T>(_ message: T) -> String {
    unsafe withUnsafeBytes(of: message) { bytes in unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
