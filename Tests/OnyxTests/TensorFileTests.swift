import Foundation
import Onyx
import Testing

/// Arrays of NumPy and pictures, with the product alone.
@Suite struct TensorFileTests {
  private static let picture = ModelTests.folder + "/digits/samples/digit-7-1314.png"

  /// Format 1.0 as NumPy's documentation has it: the header is filled with blanks up to a multiple of 64.
  private static func npy(_ description: String, _ content: [UInt8]) -> [UInt8] {
    let text = description + String(repeating: " ", count: 118 - description.utf8.count - 1) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(text.utf8) + content
  }

  @Test func arraysOfNumPy() throws {
    // 1.5, −2 in float32; the numbers 1 … 4 as big-endian int16, columns first.
    let floats = Self.npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0])
    let tensor = try Tensor(npy: floats)
    #expect(tensor.shape == [2] && tensor.elementType == .float32)
    #expect(try tensor.elements(as: Float.self) == [1.5, -2])
    #expect(try tensor.npyBytes() == floats)
    let columns = Self.npy("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 2), }", [0, 1, 0, 2, 0, 3, 0, 4])
    #expect(try Tensor(npy: columns).elements(as: Int16.self) == [1, 3, 2, 4])
    #expect(throws: OnyxError.self) { try Tensor(npy: Array("no array".utf8)) }
  }

  @Test func filesOfArrays() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "onyx-\(UUID().uuidString).npy").path(percentEncoded: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let tensor = try Tensor([1, 2, 3, 4, 5, 6] as [Int64], shape: [2, 3])
    try tensor.write(npyFile: path)
    let read = try Tensor(npyFile: path)
    #expect(read.shape == [2, 3])
    #expect(try read.elements(as: Int64.self) == [1, 2, 3, 4, 5, 6])
    #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == (try tensor.npyBytes()))
    let missing = #expect(throws: OnyxError.self) { try Tensor(npyFile: path + ".none") }
    #expect(missing?.code == .missingFile)
  }

  @Test func picturesAreInputs() throws {
    let session = try Session(path: ModelTests.folder + "/digits/model.onnx")
    let options = ImageOptions(for: session.inputs[0])
    let size = ImageGeometry.Size(width: 28, height: 28)
    #expect(options == ImageOptions(scale: 1 / 255, layout: .nchw, channels: 1, geometry: .filling(size)))
    let image = try Tensor(imageFile: Self.picture, options: options)
    #expect(image.elementType == .float32 && image.shape == [1, 1, 28, 28])
    let logits = try #require(try session.run(["image": image])["logits"]).elements(as: Float.self)
    // The picture is of a seven.
    #expect(logits.indices.max { logits[$0] < logits[$1] } == 7)
  }

  /// y = (pixel · scale − mean) / std, and the axes in the order asked for.
  @Test func pixelsBecomeNumbers() throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Self.picture)))
    let plain = try Tensor(image: bytes, options: ImageOptions(channels: 1)).elements(as: Float.self)
    #expect(plain.allSatisfy { $0 == $0.rounded() && (0...255).contains($0) } && plain.contains { $0 > 128 })
    let scaled = try Tensor(image: bytes, options: ImageOptions(mean: [1], std: [4], scale: 2, layout: .nhwc, channels: 1))
    #expect(scaled.shape == [1, 28, 28, 1])
    #expect(try scaled.elements(as: Float.self) == plain.map { (2 * $0 - 1) / 4 })
    let color = try Tensor(image: bytes)
    #expect(color.shape == [1, 3, 28, 28])
    #expect(try color.elements(as: Float.self) == plain + plain + plain)
    #expect(throws: OnyxError.self) { try Tensor(image: Array("no picture".utf8)) }
    let error = #expect(throws: OnyxError.self) { try Tensor(image: bytes, options: ImageOptions(std: [0])) }
    #expect(error?.code == .usage)
  }

  @Test(arguments: [
    ("x", [1, 3, 224, 224], ImageOptions.Layout.nchw, 3), ("x", [1, 224, 224, 4], .nhwc, 4), ("x", [1, 1, 28, 28], .nchw, 1),
    ("x", [1, 7, 28, 28], .nchw, 3), ("x", [3, 20, 30], .nchw, 3), ("x", [20, 30, 1], .nhwc, 1),
  ]) func optionsFollowTheShapeOfAnInput(_ name: String, _ shape: [Int], _ layout: ImageOptions.Layout, _ channels: Int) throws {
    let json = "{\"name\": \"\(name)\", \"type\": \"float32\", \"shape\": \(shape)}"
    let input = try JSONDecoder().decode(TensorSpecification.self, from: Data(json.utf8))
    let options = ImageOptions(for: input, mean: [0.5])
    #expect(options.layout == layout && options.channels == channels && options.scale == 1 / 255 && options.mean == [0.5])
    // Whatever the picture's size, the tensor has the input's shape, but for channels that are none.
    let picture = try Tensor(imageFile: Self.picture, options: options)
    #expect(shape[1] == 7 || picture.shape.dimensions == shape)
  }
}
