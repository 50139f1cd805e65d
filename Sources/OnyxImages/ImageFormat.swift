import OnyxTensor

/// The formats of images that are read. A file's first bytes decide.
package enum ImageFormat: String, Sendable, Hashable, CaseIterable {
  case png, jpeg, bmp, pnm, tiff, webp, jpeg2000

  /// The format of a file; nil when its first bytes are those of none.
  package init?(_ bytes: [UInt8]) {
    func starts(_ signature: [UInt8], at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: signature) }
    if starts([0x89, 0x50, 0x4E, 0x47]) {
      self = .png
    } else if starts([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if starts(Array("RIFF".utf8)), starts(Array("WEBP".utf8), at: 8) {
      self = .webp
    } else if [[0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 43]].contains(where: { starts($0) }) {
      self = .tiff
    } else if starts(JPEG2000Header.boxSignature) || starts(JPEG2000Header.codestreamSignature) {
      self = .jpeg2000
    } else if Bitmap.isHeader(bytes) {
      self = .bmp
    } else if PortableMap.isHeader(bytes) {
      self = .pnm
    } else {
      return nil
    }
  }

  /// The pixels of a file of this format, no more than `limit` bytes. Throws `invalidModel` for a broken file and `budgetExceeded` for
  /// a large image.
  package func decode(_ bytes: [UInt8], limit: Int = Codecs.largestImage) throws(OnyxError) -> Pixels {
    switch self {
    case .png: try Codecs.decodePNG(bytes, limit: limit)
    case .jpeg: try Codecs.decodeJPEG(bytes, limit: limit)
    case .webp: try Codecs.decodeWebP(bytes, limit: limit)
    case .tiff: try Codecs.decodeTIFF(bytes, limit: limit)
    case .jpeg2000: try Codecs.decodeJPEG2000(bytes, limit: limit)
    case .bmp: try Bitmap.decode(bytes, limit: limit)
    case .pnm: try PortableMap.decode(bytes, limit: limit)
    }
  }
}

extension Pixels {
  /// The remedy for an image that is too large.
  static let smallerImage = "Use a smaller image."

  /// The number of bytes of an image of 8-bit samples. Throws `invalidModel` when it has no pixels and `budgetExceeded` when they take more
  /// than `limit` bytes or a side is longer than 2^20.
  static func byteCount(_ format: String, width: Int, height: Int, channels: Int, limit: Int) throws(OnyxError) -> Int {
    guard width > 0, height > 0 else { throw ImageBytes([], format: format).invalid("it has no pixels") }
    // Such sides have a product of at most 2^43 bytes.
    guard width <= 1 << 20, height <= 1 << 20, width * height * channels <= limit else {
      throw .budget("The \(format) image is too large: \(width) x \(height) pixels are more than allowed.", remedy: smallerImage)
    }
    return width * height * channels
  }
}
