import CCodecs
import OnyxTensor

/// Decoded pixels: rows from the top, samples interleaved; 16-bit samples in the byte order of the machine.
package struct Pixels: Sendable, Hashable {
  package let width: Int
  package let height: Int
  /// 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha.
  package let channels: Int
  /// 8 or 16.
  package let sampleBits: Int
  package let bytes: [UInt8]

  package init(width: Int, height: Int, channels: Int, sampleBits: Int = 8, bytes: [UInt8]) {
    self.width = width
    self.height = height
    self.channels = channels
    self.sampleBits = sampleBits
    self.bytes = bytes
  }
}

/// The C codecs. SAFETY: pointers into Swift arrays live for one call; memory that C hands out is copied and freed here.
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

  /// The `count` bytes that a raw deflate stream holds. Throws `invalidModel` when it is broken or holds another number.
  package static func inflate(_ bytes: ArraySlice<UInt8>, count: Int) throws(OnyxError) -> [UInt8] {
    guard count >= 0, count <= Buffer.largestByteCount else { throw .budget("A compressed file claims \(count) bytes.") }
    var status = CCODECS_OK
    let output = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      status = unsafe bytes.withUnsafeBufferPointer { unsafe ccodecs_inflate_raw($0.baseAddress, $0.count, target.baseAddress, count) }
      filled = status == CCODECS_OK ? count : 0
    }
    switch status {
    case CCODECS_OK: return output
    case CCODECS_TOO_LARGE: throw .invalid("A compressed file holds more than the \(count) bytes it claims.")
    case CCODECS_NO_MEMORY: throw .budget("A compressed file could not be read for lack of memory.")
    default: throw .invalid("A compressed file is broken or cut off.")
    }
  }

  package static func deflate(_ bytes: [UInt8]) throws(OnyxError) -> [UInt8] {
    var result = unsafe ccodecs_bytes()
    let status = unsafe bytes.withUnsafeBufferPointer { unsafe ccodecs_deflate_raw($0.baseAddress, $0.count, &result) }
    defer { unsafe ccodecs_free(result.bytes) }
    guard status == CCODECS_OK else { throw .budget("\(bytes.count) bytes could not be compressed for lack of memory.") }
    return unsafe [UInt8](UnsafeBufferPointer(start: result.bytes, count: result.count))
  }

  /// CRC-32 as ZIP and PNG use it.
  package static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    unsafe bytes.withUnsafeBufferPointer { unsafe ccodecs_crc32($0.baseAddress, $0.count) }
  }

  @unsafe private static func pixels(_ format: String, _ status: ccodecs_status, _ image: ccodecs_image) throws(OnyxError) -> Pixels {
    defer { unsafe ccodecs_free(image.pixels) }
    switch status {
    case CCODECS_OK: break
    case CCODECS_TOO_LARGE: throw .budget("The \(format) image is too large: \(unsafe text(image.message)).")
    case CCODECS_NO_MEMORY: throw .budget("There is not enough memory for the \(format) image.")
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
