import OnyxImages

/// How a picture must be turned to be seen as it was taken: the tag 0x0112 of EXIF, 1 … 8.
struct Orientation {
  let value: Int

  /// What a file says of its picture; 1, as it is, where it says nothing that can be read.
  ///
  /// EXIF is looked for in the APP1 segments of JPEG, the chunk eXIf of PNG and EXIF of WebP; a TIFF file has the tag itself.
  init(_ bytes: [UInt8], _ format: ImageFormat) {
    let block: Range<Int>? =
      switch format {
      case .jpeg: Self.segment(ofJPEG: bytes)
      case .png: Self.chunk(ofPNG: bytes)
      case .webp: Self.chunk(ofWebP: bytes)
      case .tiff: bytes.indices
      default: nil
      }
    value = block.flatMap { Self.tag(in: bytes[$0]) } ?? 1
  }

  /// The picture as it is to be seen.
  func applied(to image: Pixels) -> Pixels {
    guard (2...8).contains(value) else { return image }
    let (width, height) = (image.width, image.height)
    let pixel = image.channels * image.sampleBits / 8
    let isTurned = value >= 5
    let (newWidth, newHeight) = isTurned ? (height, width) : (width, height)
    // Whether the columns and the rows of the file run backwards, seen from the new picture.
    let flipsColumns = [2, 3, 7, 8].contains(value)
    let flipsRows = [3, 4, 6, 7].contains(value)
    var result: [UInt8] = []
    result.reserveCapacity(image.bytes.count)
    for y in 0..<newHeight {
      for x in 0..<newWidth {
        let (along, down) = isTurned ? (y, x) : (x, y)
        let column = flipsColumns ? width - 1 - along : along
        let row = flipsRows ? height - 1 - down : down
        let start = (row * width + column) * pixel
        result += image.bytes[start..<start + pixel]
      }
    }
    return Pixels(width: newWidth, height: newHeight, channels: image.channels, sampleBits: image.sampleBits, bytes: result)
  }

  // MARK: Containers

  private static let exifMark = Array("Exif\0\0".utf8)

  private static func segment(ofJPEG bytes: [UInt8]) -> Range<Int>? {
    var place = 2
    while place + 4 <= bytes.count, bytes[place] == 0xFF {
      let (marker, length) = (bytes[place + 1], Int(bytes[place + 2]) << 8 | Int(bytes[place + 3]))
      let end = place + 2 + length
      // The data of the picture begin.
      guard marker != 0xDA, length >= 2, end <= bytes.count else { return nil }
      if marker == 0xE1, bytes[place + 4..<end].starts(with: exifMark) { return place + 4 + exifMark.count..<end }
      place = end
    }
    return nil
  }

  private static func chunk(ofPNG bytes: [UInt8]) -> Range<Int>? {
    var place = 8
    while let length = number(bytes[...], at: place, 4, isBig: true), place + 12 + length <= bytes.count {
      if bytes[place + 4..<place + 8].elementsEqual("eXIf".utf8) { return place + 8..<place + 8 + length }
      place += 12 + length
    }
    return nil
  }

  private static func chunk(ofWebP bytes: [UInt8]) -> Range<Int>? {
    var place = 12
    while let length = number(bytes[...], at: place + 4, 4, isBig: false), place + 8 + length <= bytes.count {
      if bytes[place..<place + 4].elementsEqual("EXIF".utf8) {
        let start = place + 8 + (bytes[(place + 8)...].starts(with: exifMark) ? exifMark.count : 0)
        return start <= place + 8 + length ? start..<place + 8 + length : nil
      }
      place += 8 + length + length % 2
    }
    return nil
  }

  /// The tag in the first directory of a TIFF structure.
  private static func tag(in block: ArraySlice<UInt8>) -> Int? {
    let isBig = block.starts(with: "MM".utf8)
    func read(_ offset: Int, _ width: Int) -> Int? { number(block, at: block.startIndex + offset, width, isBig: isBig) }
    guard isBig || block.starts(with: "II".utf8), read(2, 2) == 42, let directory = read(4, 4), let count = read(directory, 2) else {
      return nil
    }
    for entry in 0..<count {
      let start = directory + 2 + 12 * entry
      guard let tag = read(start, 2) else { return nil }
      // One number of 16 bits.
      if tag == 0x0112 { return read(start + 2, 2) == 3 && read(start + 4, 4) == 1 ? read(start + 8, 2) : nil }
    }
    return nil
  }

  /// An unsigned number of at most 4 bytes; nil past the end.
  private static func number(_ bytes: ArraySlice<UInt8>, at place: Int, _ width: Int, isBig: Bool) -> Int? {
    guard place >= bytes.startIndex, place <= bytes.endIndex - width else { return nil }
    let part = bytes[place..<place + width]
    return isBig ? part.reduce(0) { $0 << 8 | Int($1) } : part.reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
