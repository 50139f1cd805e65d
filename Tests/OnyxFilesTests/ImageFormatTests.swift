import OnyxFiles
import OnyxImages
import OnyxTensor
import OnyxTestSupport
import Testing

/// BMP, PNM, TIFF, WebP and JPEG 2000, against what Pillow reads.
struct ImageFormatTests {
  @Test(arguments: FormatFixture.all) func decodes(_ fixture: FormatFixture) throws {
    let file = base64(fixture.file)
    #expect(ImageFormat(file) == fixture.format)
    let image = try fixture.format.decode(file)
    #expect([image.width, image.height, image.channels, image.sampleBits] == [fixture.width, fixture.height, fixture.channels, 8])
    let wanted = base64(fixture.pixels)
    // Versions of libwebp differ by a step where the file is lossy.
    let largest = zip(image.bytes, wanted).map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(image.bytes.count == wanted.count && largest <= (fixture.testDescription == "webp lossy RGB" ? 2 : 0), "largest \(largest)")
  }

  @Test(arguments: FormatFixture.all) func isAnInput(_ fixture: FormatFixture) throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write(base64(fixture.file), to: "picture")
    guard case .image = try TensorFile.contents(of: path) else { throw ImageExpected() }
    let tensors = try TensorFile.read(path, image: ImageOptions(layout: .nhwc))
    #expect(tensors.map { $0.tensor.shape } == [[1, fixture.height, fixture.width, 3]])
  }

  @Test(arguments: FormatFixture.all) func checksSizes(_ fixture: FormatFixture) throws {
    let bytes = fixture.width * fixture.height * fixture.channels
    let error = #expect(throws: OnyxError.self) { try fixture.format.decode(base64(fixture.file), limit: bytes - 1) }
    #expect(error?.code == .budgetExceeded)
  }

  @Test(arguments: FormatFixture.all) func refusesCutFiles(_ fixture: FormatFixture) throws {
    let bytes = base64(fixture.file)
    for count in 0..<bytes.count - fixture.surplus {
      #expect(throws: OnyxError.self, "cut at \(count)") { try fixture.format.decode(Array(bytes[..<count])) }
    }
  }

  @Test(arguments: FormatFixture.all) func survivesEveryChangedByte(_ fixture: FormatFixture) throws {
    let bytes = base64(fixture.file)
    for index in bytes.indices {
      for value in [0, 1, 0xFF, bytes[index] ^ 0x80] {
        var damaged = bytes
        damaged[index] = value
        _ = try? fixture.format.decode(damaged, limit: 1 << 16)
      }
    }
  }

  /// A header's bytes, what is put there, and what the error says.
  static let lies: [(ImageFormat, place: Int, bytes: [UInt8], says: String)] = [
    (.bmp, 18, [0, 0, 0, 0], "no pixels"), (.bmp, 22, [0, 0, 0, 0], "no pixels"), (.bmp, 18, [0xFF, 0xFF, 0xFF, 0x7F], "too large"),
    (.bmp, 22, [0, 0, 0, 0x80], "too large"), (.bmp, 22, [0, 0, 1, 0], "ends early"), (.bmp, 28, [7, 0], "7 bits"),
    (.bmp, 10, [0xFF, 0xFF, 0xFF, 0xFF], "ends early"), (.bmp, 30, [9, 0, 0, 0], "compression 9"),
    (.webp, 21, [0xFF, 0xFF, 0xFF, 0xFF], "cannot be read"),
    (.tiff, 4, [0xFF, 0xFF, 0xFF, 0xFF], "cannot be read"), (.jpeg2000, 0, [0, 0, 0, 0xFF], "cannot be read"),
  ]

  @Test(arguments: lies.indices) func refusesLyingHeaders(_ index: Int) throws {
    let (format, place, bytes, says) = Self.lies[index]
    let fixture = try #require(FormatFixture.all.first { $0.format == format })
    var file = base64(fixture.file)
    file.replaceSubrange(place..<place + bytes.count, with: bytes)
    let error = #expect(throws: OnyxError.self) { try format.decode(file) }
    #expect(error?.reason.contains(says) == true, "\(error?.reason ?? "")")
  }

  /// Texts of PNM files that are wrong, and what the error says.
  @Test(arguments: [
    ("P5 0 1 255\n", "no pixels"), ("P5 99999999999999999999 1 255\n", "too large"), ("P6 1000000 1000000 255\n", "too large"),
    ("P5 4 4 255\nabc", "ends early"), ("P2 1 1 70000\n1", "largest value is 70000"), ("P2 1 1 0\n0", "largest value is 0"),
    ("P2 1 1 9\n10", "larger than 9"), ("P1 2 1\n1 2", "neither 0 nor 1"), ("P2 1000000 1000\n255\n1", "ends early"),
    ("P5 # ", "ends early"),
  ])
  func refusesPortableMaps(_ text: String, _ says: String) throws {
    let error = #expect(throws: OnyxError.self) { try ImageFormat.pnm.decode(Array(text.utf8)) }
    #expect(error?.reason.contains(says) == true, "\(error?.reason ?? "")")
  }

  /// A codestream whose headers ask for `columns` x 1 tiles of 1 x 1 and for these layers, levels and precincts.
  private func codestream(
    width: UInt32, tile: UInt32, components: UInt16 = 1, layers: UInt16 = 1, levels: UInt8 = 1, precincts: UInt8? = nil,
    before segment: [UInt8] = []
  ) -> [UInt8] {
    var bytes: [UInt8] = [0xFF, 0x4F, 0xFF, 0x51, 0, UInt8(38 + 3 * components), 0, 0]
    for value in [width, 1, 0, 0, tile, 1, 0, 0] { bytes += big(Int(value)) }
    bytes += [UInt8(components >> 8), UInt8(components & 255)]
    for _ in 0..<components { bytes += [7, 1, 1] }
    let sizes = precincts.map { [UInt8](repeating: $0, count: Int(levels) + 1) } ?? []
    bytes +=
      segment + [0xFF, 0x52, 0, UInt8(12 + sizes.count), precincts == nil ? 0 : 1, 0, UInt8(layers >> 8), UInt8(layers & 255), 0, levels]
    return bytes + [4, 4, 0, 1] + sizes + [0xFF, 0xD9]
  }

  private func reason(_ bytes: [UInt8], _ format: ImageFormat = .jpeg2000) -> String {
    failure { () throws(OnyxError) in try format.decode(bytes) }?.reason ?? ""
  }

  private func fixture(_ label: String) throws -> [UInt8] {
    base64(try #require(FormatFixture.all.first { $0.testDescription == label }).file)
  }

  private func big(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

  @Test func boundsWhatJPEG2000Allocates() throws {
    #expect(reason(codestream(width: 1 << 20, tile: 1)).contains("1048576 x 1 tiles"))
    #expect(reason(codestream(width: 1 << 30, tile: 1 << 30)).contains("too large"))
    #expect(reason(codestream(width: 64, tile: 64, components: 5)).contains("5 components"))
    #expect(reason(codestream(width: 64, tile: 64, layers: 60000)).contains("60000 layers"))
    #expect(reason(codestream(width: 64, tile: 64, levels: 32)).contains("32 levels"))
    #expect(reason(codestream(width: 64, tile: 64, precincts: 0x11)).contains("precincts are too small"))
    #expect(reason(codestream(width: 64, tile: 64, precincts: 0x1F)).contains("precincts are too small"))
    #expect(reason(codestream(width: 0, tile: 1)).contains("no pixels"))
    #expect(reason(codestream(width: 64, tile: 0)).contains("no size"))
    // Bits 6 … 0 of the byte behind the number of components.
    var deep = try fixture("jpeg2000 tiled codestream")
    deep[42] = 37
    #expect(reason(deep).contains("more than 16 bits"))
  }

  /// OpenJPEG looks for the next known marker behind one that it does not know, two bytes at a time; so a length would hide what follows.
  @Test(
    arguments: [[0xFF, 0x70], [0xFF, 0x70, 0, 4, 0, 0], [0xFF, 0x76], [0xFF, 0xD9], [0xFF, 0x93], [0xFF, 0x91], [0, 0]] as [[UInt8]])
  func refusesUnknownMarkers(_ segment: [UInt8]) {
    let bytes = codestream(width: 64, tile: 64, layers: 65535, precincts: 0x11, before: segment)
    let marker = String(Int(segment[0]) << 8 | Int(segment[1]), radix: 16)
    #expect(reason(bytes).contains("the marker \(marker) is not supported"), "\(reason(bytes))")
  }

  @Test func refusesMarkersWithoutLength() {
    for length: UInt8 in [0, 1] {
      let bytes = codestream(width: 64, tile: 64, before: [0xFF, 0x64, 0, length])
      #expect(reason(bytes).contains("a length of \(length)"), "\(reason(bytes))")
    }
  }

  /// Lengths of the first part of a tile that would hide the headers of the parts behind it.
  @Test func walksThePartsOfAllTiles() throws {
    let file = try fixture("jpeg2000 tiled codestream")
    let part = try #require(file.indices.dropLast(12).first { file[$0..<$0 + 4].elementsEqual([0xFF, 0x90, 0, 10]) })
    func with(length: Int) -> [UInt8] {
      var bytes = file
      bytes.replaceSubrange(part + 6..<part + 10, with: big(length))
      return bytes
    }
    for length in 1...13 { #expect(reason(with(length: length)).contains("shorter than its header"), "\(length)") }
    #expect(reason(with(length: file.count)).contains("ends early"))
    #expect(reason(with(length: 14)).contains("has no header"))
    // A second part whose header asks for too much, behind an empty first one.
    var second: [UInt8] = file[part..<part + 6] + big(0)
    second += [1, 0] + codestream(width: 64, tile: 64, layers: 65535).dropLast(2).suffix(14)
    second += [0xFF, 0x93]
    func behind(length: Int) -> String { reason(with(length: length)[..<(part + 12)] + [0xFF, 0x93] + second) }
    #expect(behind(length: 12).contains("shorter than its header"))
    #expect(behind(length: 14).contains("65535 layers"))
  }

  /// OpenJPEG takes a palette in any place once it has seen the header.
  @Test func boundsPalettes() throws {
    let file = try fixture("jpeg2000 RGB")
    func place(_ kind: String) throws -> Int {
      try #require(file.indices.dropLast(3).first { file[$0..<$0 + 4].elementsEqual(kind.utf8) }) - 4
    }
    func palette(columns: UInt8) -> [UInt8] {
      var box: [UInt8] = big(11 + 2 * Int(columns)) + Array("pclr".utf8)
      box += [0, 1, columns] + [UInt8](repeating: 7, count: Int(columns))
      return box + [UInt8](repeating: 0, count: Int(columns))
    }
    let (header, stream) = (try place("jp2h"), try place("jp2c"))
    func with(_ box: [UInt8]) -> [UInt8] {
      var bytes = file
      bytes.insert(contentsOf: box, at: stream)
      return bytes
    }
    let map: [UInt8] = big(12) + Array("cmap".utf8) + [0, 0, 1, 0]
    for box in [palette(columns: 255), palette(columns: 3), map] { #expect(reason(with(box)).contains("palette outside its header")) }
    // The header ends where the codestream begins: made longer, it holds the box.
    var inside = with(palette(columns: 5))
    inside.replaceSubrange(header..<header + 4, with: big(stream - header + 21))
    #expect(reason(inside).contains("more than 4 columns"))
  }

  /// A gray TIFF, one pixel wide, whose rows are strips, all of the same bytes.
  private func sharedStrips(rows: Int, bytes: [UInt8]) -> [UInt8] {
    func little(_ value: Int, _ width: Int = 4) -> [UInt8] { (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    func entry(_ tag: Int, _ kind: Int, _ count: Int, _ value: Int) -> [UInt8] {
      little(tag, 2) + little(kind, 2) + little(count) + little(value)
    }
    let (offsets, counts) = (8 + bytes.count, 8 + bytes.count + 4 * rows)
    var file: [UInt8] = [0x49, 0x49, 42, 0] + little(counts + 4 * rows) + bytes
    for value in [8, bytes.count] { for _ in 0..<rows { file += little(value) } }
    // Width, height, bits, PackBits, black is 0, places, rows for each strip, lengths.
    file += little(8, 2) + entry(256, 4, 1, 1) + entry(257, 4, 1, rows) + entry(258, 3, 1, 8) + entry(259, 3, 1, 32773)
    file += entry(262, 3, 1, 1) + entry(273, 4, rows, offsets) + entry(278, 4, 1, 1) + entry(279, 4, rows, counts)
    return file + little(0)
  }

  @Test func boundsWhatTIFFReads() throws {
    // One row: a literal of one byte.
    #expect(try ImageFormat.tiff.decode(sharedStrips(rows: 64, bytes: [0, 7])).bytes == [UInt8](repeating: 7, count: 64))
    let claims = sharedStrips(rows: 4096, bytes: [0, 7] + [UInt8](repeating: 0, count: 1 << 16))
    #expect(reason(claims, .tiff).contains("claim many times the bytes of the file"), "\(reason(claims, .tiff))")
  }

  static let names: [ImageFormat: String] = [
    .png: "PNG", .jpeg: "JPEG", .bmp: "BMP", .pnm: "PNM", .tiff: "TIFF", .webp: "WebP", .jpeg2000: "JPEG 2000",
  ]

  /// Every error says which format it was and what to do.
  @Test(arguments: ImageFormat.allCases) func errorsNameTheFormat(_ format: ImageFormat) throws {
    let others = [(ImageFormat.png, ImageFixture.png[0].file), (.jpeg, ImageFixture.jpeg[0].file)]
    let files = (FormatFixture.all.map { ($0.format, $0.file) } + others).filter { $0.0 == format }.map { base64($0.1) }
    let name = try #require(Self.names[format])
    for file in files {
      for bytes in [file, Array(file.prefix(file.count / 2)), Array(file.prefix(4)), []] {
        let error = try #require(failure { () throws(OnyxError) in try format.decode(bytes, limit: 1) })
        #expect(error.reason.contains("The \(name) image "), "\(error.reason)")
        #expect(error.remedy?.isEmpty == false, "\(error.reason)")
      }
    }
    #expect(!files.isEmpty)
  }

  @Test func unknownBytesAreNoImage() {
    for bytes: [UInt8] in [[], [0x42, 0x4D], Array("BM and more text of no header".utf8), Array("P7\n".utf8), Array("RIFF0000WAVE".utf8)] {
      #expect(ImageFormat(bytes) == nil)
    }
  }
}

extension FormatFixture {
  /// Bytes at the end that the picture does not need.
  fileprivate var surplus: Int {
    switch testDescription {
    case "tiff fax": 4  // the place of the next image: none
    case "pnm P2", "pnm P3": 2  // a space, and a digit without which there still is a number
    default: 0
    }
  }
}

private struct ImageExpected: Error {}
