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
  /// Binary logarithms of the least precinct: of each side, and of its samples. OpenJPEG cuts code blocks to half a precinct's sides, and
  /// takes more memory for each block than for a sample.
  private static let leastPrecinctSide = 3
  private static let leastPrecinct = 10

  private static let startOfPart = 0xFF90
  private static let startOfData = 0xFF93
  private static let endOfCodestream = 0xFFD9
  private static let codingStyle = 0xFF52
  private static let componentStyle = 0xFF53

  /// The markers of segments that every OpenJPEG reads by their length: SIZ, COD, COC, TLM, PLM, PLT, QCD, QCC, RGN, POC, PPM, PPT, CRG,
  /// COM and, of part 2, MCT, MCC, MCO, CBD. After any other marker it looks for the next one of these inside that segment.
  private static let segments: Set<Int> = [
    0xFF51, codingStyle, componentStyle, 0xFF55, 0xFF57, 0xFF58, 0xFF5C, 0xFF5D, 0xFF5E, 0xFF5F, 0xFF60, 0xFF61, 0xFF63, 0xFF64, 0xFF74,
    0xFF75, 0xFF77, 0xFF78,
  ]
  /// Those of high throughput coding, CAP and CPF: OpenJPEG 2.5 and later.
  private static let highThroughputSegments: Set<Int> = [0xFF50, 0xFF59]

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
      switch String(decoding: box.kind, as: UTF8.self) {
      case "jp2h": try checkPalette(file, box.contents)
      // OpenJPEG takes them here as well.
      case "pclr", "cmap": throw file.invalid("it has a palette outside its header")
      case "jp2c": return box.contents.lowerBound
      default: break
      }
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

  /// Walks the main header and those of the parts of tiles, to the end of the codestream.
  private static func checkMarkers(_ file: ImageBytes, at start: Int) throws(OnyxError) {
    var place = try checkSegments(file, at: start, until: startOfPart)
    while try file.big(at: place, 2) != endOfCodestream {
      guard try file.big(at: place, 4) == startOfPart << 16 | 10 else { throw file.invalid("a part of a tile has no header") }
      let length = try file.big(at: place + 6, 4)
      let data = try checkSegments(file, at: place + 12, until: startOfData)
      // The last part may leave its length open: OpenJPEG takes all that is left of the file as its data.
      if length == 0 { return }
      guard length >= data + 2 - place else { throw file.invalid("a part of a tile is shorter than its header") }
      place += length
    }
  }

  /// Walks the segments of one header; the place of the marker `end` behind them.
  private static func checkSegments(_ file: ImageBytes, at start: Int, until end: Int) throws(OnyxError) -> Int {
    var place = start
    while true {
      let marker = try file.big(at: place, 2)
      if marker == end { return place }
      guard segments.contains(marker) || highThroughputSegments.contains(marker) && Codecs.readsHighThroughput else {
        throw file.invalid("the marker \(String(marker, radix: 16)) is not supported")
      }
      let length = try file.big(at: place + 2, 2)
      guard length >= 2 else { throw file.invalid("a marker has a length of \(length)") }
      if marker == codingStyle { try checkStyle(file, at: place + 9, flags: try file.byte(at: place + 4), layersAt: place + 6) }
      if marker == componentStyle { try checkStyle(file, at: place + 6, flags: try file.byte(at: place + 5), layersAt: nil) }
      place += 2 + length
    }
  }

  /// The coding style of all components or of one: levels and precincts. Code blocks have at least 4 x 4 samples.
  private static func checkStyle(_ file: ImageBytes, at place: Int, flags: Int, layersAt layers: Int?) throws(OnyxError) {
    if let layers {
      let count = try file.big(at: layers, 2)
      guard count <= mostLayers else { throw file.invalid("it has \(count) layers") }
    }
    let levels = try file.byte(at: place)
    guard levels <= mostLevels else { throw file.invalid("it has \(levels) levels") }
    guard flags & 1 != 0 else { return }
    for level in 0...levels {
      let sizes = try file.byte(at: place + 5 + level)
      let (width, height) = (sizes & 15, sizes >> 4)
      guard min(width, height) >= leastPrecinctSide, width + height >= leastPrecinct else {
        throw file.invalid("its precincts are too small")
      }
    }
  }
}
