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
    #expect(try TensorFile.holdsImage(path))
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
    width: UInt32, tile: UInt32, components: UInt16 = 1, layers: UInt16 = 1, levels: UInt8 = 1, precincts: UInt8? = nil
  )
    -> [UInt8]
  {
    func big(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
    var bytes: [UInt8] = [0xFF, 0x4F, 0xFF, 0x51, 0, UInt8(38 + 3 * components), 0, 0]
    for value in [width, 1, 0, 0, tile, 1, 0, 0] { bytes += big(value) }
    bytes += [UInt8(components >> 8), UInt8(components & 255)]
    for _ in 0..<components { bytes += [7, 1, 1] }
    let sizes = precincts.map { [UInt8](repeating: $0, count: Int(levels) + 1) } ?? []
    bytes += [0xFF, 0x52, 0, UInt8(12 + sizes.count), precincts == nil ? 0 : 1, 0, UInt8(layers >> 8), UInt8(layers & 255), 0, levels]
    return bytes + [4, 4, 0, 1] + sizes + [0xFF, 0xD9]
  }

  @Test func boundsWhatJPEG2000Allocates() throws {
    func reason(_ bytes: [UInt8]) -> String { failure { () throws(OnyxError) in try ImageFormat.jpeg2000.decode(bytes) }?.reason ?? "" }
    #expect(reason(codestream(width: 1 << 20, tile: 1)).contains("1048576 x 1 tiles"))
    #expect(reason(codestream(width: 1 << 30, tile: 1 << 30)).contains("too large"))
    #expect(reason(codestream(width: 64, tile: 64, components: 5)).contains("5 components"))
    #expect(reason(codestream(width: 64, tile: 64, layers: 60000)).contains("60000 layers"))
    #expect(reason(codestream(width: 64, tile: 64, levels: 32)).contains("32 levels"))
    #expect(reason(codestream(width: 64, tile: 64, precincts: 0x11)).contains("precincts are too small"))
    #expect(reason(codestream(width: 0, tile: 1)).contains("no pixels"))
    #expect(reason(codestream(width: 64, tile: 0)).contains("no size"))
    let fixture = try #require(FormatFixture.all.first { $0.testDescription == "jpeg2000 tiled codestream" })
    // Bits 6 … 0 of the byte behind the number of components.
    var deep = base64(fixture.file)
    deep[42] = 37
    #expect(reason(deep).contains("more than 16 bits"))
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
