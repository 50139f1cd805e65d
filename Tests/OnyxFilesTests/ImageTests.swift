import OnyxFiles
import OnyxImages
import OnyxTensor
import OnyxTestSupport
import Testing

struct ImageTests {
  @Test(arguments: ImageFixture.png)
  func decodesPNG(_ fixture: ImageFixture) throws {
    let image = try Codecs.decodePNG(base64(fixture.file))
    #expect(image == expected(fixture))
    #expect(try Codecs.decodePNG(Codecs.encodePNG(image)) == image)
  }

  @Test(arguments: ImageFixture.jpeg)
  func decodesJPEG(_ fixture: ImageFixture) throws {
    let image = try Codecs.decodeJPEG(base64(fixture.file))
    let expected = expected(fixture)
    #expect([image.width, image.height, image.channels, image.sampleBits] == [fixture.width, fixture.height, fixture.channels, 8])
    // Versions of libjpeg differ by a step in color conversion.
    let largest = zip(image.bytes, expected.bytes).map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(image.bytes.count == expected.bytes.count && largest <= 2, "largest difference \(largest)")
  }

  private func expected(_ fixture: ImageFixture) -> Pixels {
    Pixels(
      width: fixture.width, height: fixture.height, channels: fixture.channels, sampleBits: fixture.sampleBits,
      bytes: base64(fixture.pixels))
  }

  @Test func checksSizesBeforeAllocating() throws {
    let error = #expect(throws: OnyxError.self) { try Codecs.decodePNG(base64(hugePNG)) }
    #expect(error?.code == .budgetExceeded)
    #expect(error?.reason == "The PNG image is too large: 100000 x 100000 pixels are more than allowed.")
    let png = ImageFixture.png[2]
    let bytes = base64(png.file)
    _ = try Codecs.decodePNG(bytes, limit: 60)
    #expect(throws: OnyxError.self) { try Codecs.decodePNG(bytes, limit: 59) }
    let jpeg = base64(ImageFixture.jpeg[1].file)
    _ = try Codecs.decodeJPEG(jpeg, limit: 12 * 8 * 3)
    #expect(throws: OnyxError.self) { try Codecs.decodeJPEG(jpeg, limit: 12 * 8 * 3 - 1) }
  }

  @Test func refusesCutFiles() throws {
    for fixture in ImageFixture.png {
      let bytes = base64(fixture.file)
      for count in bytes.indices {
        #expect(throws: OnyxError.self, "\(fixture) cut at \(count)") { try Codecs.decodePNG(Array(bytes[..<count])) }
      }
    }
    for fixture in ImageFixture.jpeg {
      let bytes = base64(fixture.file)
      // Every image of the last two bytes may be complete: the end marker adds nothing.
      for count in 0..<bytes.count - 2 {
        #expect(throws: OnyxError.self, "\(fixture) cut at \(count)") { try Codecs.decodeJPEG(Array(bytes[..<count])) }
      }
    }
  }

  @Test func survivesEveryChangedByte() throws {
    for fixture in ImageFixture.png + ImageFixture.jpeg {
      let bytes = base64(fixture.file)
      for index in bytes.indices {
        for value in [0, 0xFF, bytes[index] ^ 0x80] {
          var damaged = bytes
          damaged[index] = value
          _ = try? Codecs.decodePNG(damaged)
          _ = try? Codecs.decodeJPEG(damaged)
        }
      }
    }
  }

  @Test func encodingChecksSizes() throws {
    #expect(throws: OnyxError.self) { try Codecs.encodePNG(Pixels(width: 2, height: 2, channels: 3, bytes: [0])) }
    #expect(throws: OnyxError.self) { try Codecs.encodePNG(Pixels(width: 0, height: 2, channels: 3, bytes: [])) }
    #expect(throws: OnyxError.self) { try Codecs.encodePNG(Pixels(width: 1, height: 1, channels: 5, bytes: [0, 0, 0, 0, 0])) }
    #expect(throws: OnyxError.self) { try Codecs.encodePNG(Pixels(width: .max, height: 4, channels: 4, bytes: [])) }
  }
}

struct ImageTensorTests {
  /// Two RGB pixels, side by side.
  private let rgb = Pixels(width: 2, height: 1, channels: 3, bytes: [255, 0, 10, 20, 30, 40])

  private func values(_ image: Pixels, _ options: ImageOptions) throws -> [Float] {
    try ImageTensor.make(image, options).elements(as: Float.self)
  }

  @Test func layouts() throws {
    let planar = try ImageTensor.make(rgb, ImageOptions())
    #expect(planar.shape == [1, 3, 1, 2])
    #expect(try planar.elements(as: Float.self) == [255, 20, 0, 30, 10, 40])
    let interleaved = try ImageTensor.make(rgb, ImageOptions(layout: .nhwc))
    #expect(interleaved.shape == [1, 1, 2, 3])
    #expect(try interleaved.elements(as: Float.self) == [255, 0, 10, 20, 30, 40])
  }

  @Test func normalization() throws {
    let options = ImageOptions(mean: [0.5, 0.25, 0], std: [0.5, 0.25, 2], scale: 1 / 255, layout: .nhwc)
    // (pixel/255 - mean)/std, computed with Python's floats and rounded to float32.
    #expect(try values(rgb, options) == [1.0, -1.0, 0.019607843831181526, -0.843137264251709, -0.529411792755127, 0.0784313753247261])
    #expect(try values(rgb, ImageOptions(mean: [5], std: [2], layout: .nhwc)) == [125, -2.5, 2.5, 7.5, 12.5, 17.5])
  }

  @Test func channelConversion() throws {
    // 0.299 R + 0.587 G + 0.114 B
    #expect(try values(rgb, ImageOptions(channels: 1)) == [77.38500213623047, 28.149999618530273])
    #expect(try values(rgb, ImageOptions(layout: .nhwc, channels: 4)) == [255, 0, 10, 255, 20, 30, 40, 255])
    let gray = Pixels(width: 1, height: 2, channels: 1, bytes: [7, 9])
    #expect(try values(gray, ImageOptions(layout: .nhwc, channels: 3)) == [7, 7, 7, 9, 9, 9])
    #expect(try values(gray, ImageOptions(channels: 1)) == [7, 9])
    let grayAlpha = Pixels(width: 1, height: 1, channels: 2, bytes: [7, 100])
    #expect(try values(grayAlpha, ImageOptions(channels: 4)) == [7, 7, 7, 100])
    #expect(try values(grayAlpha, ImageOptions(channels: 1)) == [7])
    let rgba = Pixels(width: 1, height: 1, channels: 4, bytes: [1, 2, 3, 0])
    #expect(try values(rgba, ImageOptions(channels: 3)) == [1, 2, 3])
    #expect(try values(rgba, ImageOptions(channels: 4)) == [1, 2, 3, 0])
  }

  @Test func sixteenBitsCountAsEight() throws {
    let image = Pixels(width: 2, height: 1, channels: 1, sampleBits: 16, bytes: [0xFF, 0xFF, 0x01, 0x01])
    #expect(try values(image, ImageOptions(channels: 1)) == [255, 1])
  }

  @Test(arguments: [
    ImageOptions(channels: 2), ImageOptions(mean: [1, 2]), ImageOptions(mean: []), ImageOptions(std: [0]), ImageOptions(std: [.nan]),
    ImageOptions(scale: .infinity),
  ])
  func refusesOptions(_ options: ImageOptions) throws {
    let error = #expect(throws: OnyxError.self) { try ImageTensor.make(rgb, options) }
    #expect(error?.code == .usage)
  }
}
