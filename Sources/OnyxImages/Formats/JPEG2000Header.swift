import OnyxTensor

/// What the headers of a JPEG 2000 file ask a decoder to allocate (ISO/IEC 15444-1, annexes A and I).
///
/// A codestream of a few bytes can ask for any number of tiles, layers and precincts, and OpenJPEG allocates them before it reads any
/// data. So the headers are walked first, here, and a file that asks for more than images need is refused.
enum JPEG2000Header {
  static let boxSignature: [UInt8] = [0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20]
  static let codestreamSignature: [UInt8] = [0xFF, 0x4F, 0xFF, 0x51]

  private static let mostLayers = 100
  private static let mostLevels = 16
  /// Binary logarithms: of the samples of the smallest precinct, and of the smallest code block.
  private static let leastPrecinct = 10
  private static let leastCodeBlock = 4

  /// Throws `invalidModel` for headers that are broken or cannot be decoded, `budgetExceeded` for an image whose samples take more than
  /// `limit` bytes, at 8 bytes each while they are decoded.
  static func check(_ bytes: [UInt8], limit: Int) throws(OnyxError) {
    let file = ImageBytes(bytes, format: "JPEG 2000")
    let start = bytes.starts(with: codestreamSignature) ? 0 : try codestream(file)
    try checkSize(file, at: start, limit: limit)
    try checkMarkers(file, at: start + 2)
  }

  // MARK: Boxes

  private struct Box {
    let kind: [UInt8]
    let contents: Range<Int>
  }

  /// The place of the codestream in a JP2 file.
  private static func codestream(_ file: ImageBytes) throws(OnyxError) -> Int {
    var place = 0
    while place < file.count {
      let box = try box(file, at: place, end: file.count)
      if box.kind == Array("jp2h".utf8) { try checkPalette(file, box.contents) }
      if box.kind == Array("jp2c".utf8) { return box.contents.lowerBound }
      place = box.contents.upperBound
    }
    throw file.invalid("it has no codestream")
  }

  private static func box(_ file: ImageBytes, at place: Int, end: Int) throws(OnyxError) -> Box {
    var (length, head) = (try file.big(at: place, 4), 8)
    let kind = Array(try file.part(at: place + 4, 4))
    if length == 1 {
      guard try file.big(at: place + 8, 4) == 0 else { throw file.invalid("a box is longer than the file") }
      (length, head) = (try file.big(at: place + 12, 4), 16)
    } else if length == 0 {
      length = end - place
    }
    guard length >= head, length <= end - place else { throw file.invalid("a box is longer than the file") }
    return Box(kind: kind, contents: place + head..<place + length)
  }

  /// A palette gives every pixel as many samples as it has columns.
  private static func checkPalette(_ file: ImageBytes, _ range: Range<Int>) throws(OnyxError) {
    var place = range.lowerBound
    while place < range.upperBound {
      let box = try box(file, at: place, end: range.upperBound)
      if box.kind == Array("pclr".utf8) {
        guard try file.byte(at: box.contents.lowerBound + 2) <= 4 else { throw file.invalid("its palette has more than 4 columns") }
      }
      place = box.contents.upperBound
    }
  }

  // MARK: Codestream

  private static func checkSize(_ file: ImageBytes, at start: Int, limit: Int) throws(OnyxError) {
    guard try file.part(at: start, 4).elementsEqual(codestreamSignature) else { throw file.invalid("it has no size") }
    func number(_ index: Int) throws(OnyxError) -> Int { try file.big(at: start + 8 + 4 * index, 4) }
    let components = try file.big(at: start + 40, 2)
    guard (1...4).contains(components) else { throw file.invalid("it has \(components) components") }
    for index in 0..<components {
      let bits = try file.byte(at: start + 42 + 3 * index) & 0x7F
      guard bits < 16 else { throw file.invalid("its samples have more than 16 bits") }
    }
    let (width, height) = (try number(0) - number(2), try number(1) - number(3))
    // A palette of 4 columns turns one component into 4.
    _ = try Pixels.byteCount(file.format, width: width, height: height, channels: 8 * max(components, 3), limit: limit)
    let (tileWidth, tileHeight) = (try number(4), try number(5))
    guard tileWidth > 0, tileHeight > 0 else { throw file.invalid("its tiles have no size") }
    let columns = try (number(0) - number(6) + tileWidth - 1) / tileWidth
    let rows = try (number(1) - number(7) + tileHeight - 1) / tileHeight
    let (tiles, overflow) = columns.multipliedReportingOverflow(by: rows)
    // The header of the least part of a tile takes 14 bytes.
    guard columns >= 1, rows >= 1, !overflow, tiles <= file.count / 14 else {
      throw file.invalid("it has \(columns) x \(rows) tiles, more than the file can hold")
    }
  }

  /// Walks the main header and those of the parts of tiles.
  private static func checkMarkers(_ file: ImageBytes, at start: Int) throws(OnyxError) {
    var place = start
    var partEnd: Int?
    while place + 4 <= file.count {
      let marker = try file.big(at: place, 2)
      switch marker {
      case 0xFF90:  // start of a part of a tile, with its length; 0: to the end of the codestream
        let length = try file.big(at: place + 6, 4)
        partEnd = length == 0 ? nil : place + length
        place += 12
      case 0xFF93:  // start of data
        guard let end = partEnd, end > place else { return }
        place = end
      case 0xFFD9: return
      default:
        if marker == 0xFF52 { try checkStyle(file, at: place + 9, flags: try file.byte(at: place + 4), layersAt: place + 6) }
        if marker == 0xFF53 { try checkStyle(file, at: place + 6, flags: try file.byte(at: place + 5), layersAt: nil) }
        place += 2 + max(2, try file.big(at: place + 2, 2))
      }
    }
  }

  /// The coding style of all components or of one: levels, code blocks, precincts.
  private static func checkStyle(_ file: ImageBytes, at place: Int, flags: Int, layersAt layers: Int?) throws(OnyxError) {
    if let layers {
      let count = try file.big(at: layers, 2)
      guard count <= mostLayers else { throw file.invalid("it has \(count) layers") }
    }
    let levels = try file.byte(at: place)
    guard levels <= mostLevels else { throw file.invalid("it has \(levels) levels") }
    // Both logarithms are stored less 2.
    let block = try (file.byte(at: place + 1) & 15) + (file.byte(at: place + 2) & 15) + 4
    guard block >= leastCodeBlock else { throw file.invalid("its code blocks are too small") }
    guard flags & 1 != 0 else { return }
    for level in 0...levels {
      let sizes = try file.byte(at: place + 5 + level)
      guard sizes & 15 + sizes >> 4 >= leastPrecinct else { throw file.invalid("its precincts are too small") }
    }
  }
}
