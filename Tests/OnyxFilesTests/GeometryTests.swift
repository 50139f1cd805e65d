import Foundation
import OnyxFiles
import OnyxImages
import OnyxTensor
import OnyxTestSupport
import Testing

/// Sizes and orientations of pictures beside those of Pillow, torchvision and OpenCV (tools/image_cases).
struct GeometryTests {
  private static let arrays: Result<[String: Tensor], any Error> = Result {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "pictures.npz").path(percentEncoded: false)
    return Dictionary(try TensorFile.read(path).map { ($0.name ?? "", $0.tensor) }, uniquingKeysWith: { first, _ in first })
  }

  private static func names(_ prefixes: [String]) -> [String] {
    ((try? arrays.get()) ?? [:]).keys.filter { name in prefixes.contains { name.hasPrefix($0 + "-") } }.sorted()
  }

  private func bytes(_ name: String) throws -> [UInt8] { try #require(try Self.arrays.get()[name]).elements(as: UInt8.self) }

  private func pixels(_ name: String) throws -> Pixels {
    let tensor = try #require(try Self.arrays.get()[name])
    let extents = tensor.shape.dimensions
    return Pixels(width: extents[1], height: extents[0], channels: extents[2], bytes: try tensor.elements(as: UInt8.self))
  }

  private func size(_ text: Substring) throws -> ImageGeometry.Size {
    let sides = text.split(separator: "x").compactMap { Int($0) }
    return ImageGeometry.Size(width: try #require(sides.first), height: try #require(sides.last))
  }

  private func largestDifference(_ a: Pixels, _ b: Pixels) -> Int {
    guard a.width == b.width, a.height == b.height, a.channels == b.channels else { return .max }
    return zip(a.bytes, b.bytes).map { abs(Int($0) - Int($1)) }.max() ?? 0
  }

  @Test(arguments: names(["exact", "shorter", "none", "letterbox"])) func sizesAreThoseOfOthers(_ name: String) throws {
    let parts = name.split(separator: "-")
    let wanted = try size(parts[1])
    let resize: ImageGeometry.Resize =
      switch parts[0] {
      case "exact": .exact(wanted)
      case "shorter": .shorterSide(wanted.width)
      case "letterbox": .letterbox(wanted)
      default: .none
      }
    let geometry = ImageGeometry(
      resize: resize, crop: parts[4] == "none" ? nil : try size(parts[4]),
      interpolation: try #require(ImageGeometry.Interpolation(rawValue: String(parts[2]))), antialias: parts[3] == "yes")
    let source = try pixels(String(parts[6]))
    let difference = largestDifference(try ImageTensor.seen(source, ImageOptions(geometry: geometry)), try pixels(name))
    #expect(difference <= (try #require(Int(parts[5]))), "differs by \(difference)")
    // 16 bits give the same picture: a sample of v · 257 is one of v.
    let wide = Pixels(
      width: source.width, height: source.height, channels: source.channels, sampleBits: 16, bytes: source.bytes.flatMap { [$0, $0] })
    let deep = try ImageTensor.seen(wide, ImageOptions(geometry: geometry))
    let high = Pixels(
      width: deep.width, height: deep.height, channels: deep.channels,
      bytes: stride(from: 1, to: deep.bytes.count, by: 2).map { deep.bytes[$0] })
    #expect(largestDifference(high, try pixels(name)) <= 3)
  }

  @Test func allCasesAreThere() { #expect(Self.names(["exact", "shorter", "none", "letterbox"]).count == 31) }

  @Test(arguments: names(["shown"])) func orientationsAreFollowed(_ name: String) throws {
    let parts = name.split(separator: "-")
    let shown = try ImageTensor.pixels(try bytes("file-\(parts[1])-\(parts[2])"))
    let difference = largestDifference(shown, try pixels(name))
    #expect(difference <= (try #require(Int(parts[3]))), "differs by \(difference)")
  }

  /// What cannot be read says nothing: the picture stays as it is, and nothing traps.
  @Test(arguments: ["file-JPEG-6", "file-PNG-6", "file-WEBP-6", "file-TIFF-6"]) func brokenTagsAreHarmless(_ name: String) throws {
    let file = try bytes(name)
    for index in file.indices {
      for value in [0, 0xFF, file[index] ^ 0x40] as [UInt8] {
        var damaged = file
        damaged[index] = value
        _ = try? ImageTensor.pixels(damaged)
      }
      _ = try? ImageTensor.pixels(Array(file[..<index]))
    }
  }

  private static let picture = Pixels(width: 4, height: 2, channels: 1, bytes: [0, 50, 100, 150, 10, 60, 110, 160])

  @Test func coveringIsNoWorkWhereTheSizeIsRight() throws {
    let options = ImageOptions(channels: 1, geometry: .filling(.init(width: 4, height: 2)))
    #expect(try ImageTensor.seen(Self.picture, options) == Self.picture)
    // The height decides: 2 rows become 4, 4 columns 8, of which the middle 4 stay.
    let wide = try ImageTensor.seen(
      Self.picture, ImageOptions(channels: 1, geometry: ImageGeometry(resize: .cover(.init(width: 4, height: 4)))))
    #expect(wide.width == 8 && wide.height == 4)
  }

  @Test(arguments: [
    ImageGeometry(resize: .exact(.init(width: 0, height: 4))), ImageGeometry(crop: .init(width: 4, height: -1)),
    ImageGeometry(resize: .shorterSide(0)), ImageGeometry(resize: .letterbox(.init(width: .min, height: 1))),
    ImageGeometry(resize: .cover(.init(width: 0, height: 0))),
  ]) func sizesWithoutPixelsAreRefused(_ geometry: ImageGeometry) throws {
    let error = #expect(throws: OnyxError.self) { try ImageTensor.make(Self.picture, ImageOptions(channels: 1, geometry: geometry)) }
    #expect(error?.code == .usage)
  }

  @Test(arguments: [
    ImageGeometry(resize: .shorterSide(.max)), ImageGeometry(resize: .exact(.init(width: 65536, height: 65536))),
    ImageGeometry(crop: .init(width: .max, height: .max)), ImageGeometry(resize: .cover(.init(width: 65536, height: 65536))),
  ]) func hugeSizesAreRefused(_ geometry: ImageGeometry) throws {
    let error = #expect(throws: OnyxError.self) { try ImageTensor.make(Self.picture, ImageOptions(channels: 1, geometry: geometry)) }
    #expect(error?.code == .budgetExceeded)
  }

  @Test func otherElementTypes() throws {
    func made(_ options: ImageOptions) throws -> Tensor { try ImageTensor.make(Self.picture, options) }
    let bytes = try made(ImageOptions(layout: .nhwc, channels: 1, elementType: .uint8, isBatched: false))
    #expect(bytes.shape == [2, 4, 1])
    #expect(try bytes.elements(as: UInt8.self) == Self.picture.bytes)
    // Numbers that the type does not hold become the nearest that it does.
    let signed = try made(ImageOptions(mean: [20], channels: 1, elementType: .int8))
    #expect(try signed.elements(as: Int8.self) == [-20, 30, 80, 127, -10, 40, 90, 127])
    let halves = try made(ImageOptions(scale: 0.5, channels: 1, elementType: .float16))
    #expect(try halves.converted(to: .float32).elements(as: Float.self) == [0, 25, 50, 75, 5, 30, 55, 80])
    #expect(throws: OnyxError.self) { try made(ImageOptions(channels: 1, elementType: .string)) }
  }

  @Test func severalPicturesAreOneBatch() throws {
    let options = ImageOptions(channels: 1)
    let other = Pixels(width: 4, height: 2, channels: 1, bytes: Self.picture.bytes.reversed())
    let batch = try ImageTensor.make([Self.picture, other], options)
    #expect(batch.shape == [2, 1, 2, 4])
    #expect(try batch.elements(as: Float.self) == (Self.picture.bytes + other.bytes).map { Float($0) })
    let tall = Pixels(width: 2, height: 4, channels: 1, bytes: Self.picture.bytes)
    #expect(throws: OnyxError.self) { try ImageTensor.make([Self.picture, tall], options) }
    #expect(throws: OnyxError.self) { try ImageTensor.make([] as [Pixels], options) }
    #expect(throws: OnyxError.self) { try ImageTensor.make([other, other], ImageOptions(channels: 1, isBatched: false)) }
  }
}
