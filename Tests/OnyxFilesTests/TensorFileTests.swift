import OnyxFiles
import OnyxImages
import OnyxTensor
import OnyxTestSupport
import Testing

struct TensorFileTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func reason(_ body: () throws -> Void) throws -> String { try #require(throws: OnyxError.self) { try body() }.reason }

  @Test func contentComesBeforeTheExtension() throws {
    let path = try folder.write(base64(storedArchive), to: "x.png")
    #expect(try TensorFile.read(path).map(\.name) == ["x", "y"])
    let png = try folder.write(base64(ImageFixture.png[0].file), to: "gray.npy")
    #expect(try TensorFile.read(png, image: ImageOptions(channels: 1))[0].tensor.shape == [1, 1, 4, 5])
    let jpeg = try folder.write(base64(ImageFixture.jpeg[1].file), to: "picture")
    #expect(try TensorFile.read(jpeg, image: ImageOptions(layout: .nhwc))[0].tensor.shape == [1, 8, 12, 3])
  }

  @Test(arguments: [TensorFile.Format.npy, .npz, .json, .pb])
  func comesBack(_ format: TensorFile.Format) throws {
    let tensor = try Tensor.random(.float16, [3, 4], seed: 9)
    let path = folder.path("t.\(format.name)")
    try TensorFile.write([("x", tensor)], to: path, as: format)
    let read = try TensorFile.read(path)
    #expect(read.count == 1)
    #expect(read[0].name == (format == .npy ? nil : "x"))
    #expect(allClose(read[0].tensor, tensor, rtol: 0, atol: 0) == nil)
  }

  @Test func missingFiles() throws {
    let path = folder.path("nothing.npy")
    let error = try #require(throws: OnyxError.self) { try TensorFile.read(path) }
    #expect(error.code == .missingFile)
    #expect(error.reason == "There is no file '\(path)'.")
    let directory = try #require(throws: OnyxError.self) { try TensorFile.read(folder.path) }
    #expect(directory.code == .missingFile)
    #expect(directory.reason == "'\(folder.path)' is a directory.")
    let unwritable = try #require(throws: OnyxError.self) { try FileBytes.write([1], to: folder.path("no/such/folder")) }
    #expect(unwritable.code == .missingFile)
    #expect(unwritable.reason.contains("cannot be written"))
    #expect(try reason { _ = try TensorFile.read("") } == "'' is not the path of a file.")
    #expect(throws: OnyxError.self) { try TensorFile.read(folder.path("a") + "\0b") }
  }

  @Test func unknownAndBrokenFiles() throws {
    let path = try folder.write(Array("hello".utf8), to: "a.txt")
    #expect(try reason { _ = try TensorFile.read(path) } == "'\(path)' is no tensor file.")
    let empty = try folder.write([], to: "empty")
    #expect(try reason { _ = try TensorFile.read(empty) } == "'\(empty)' is no tensor file.")
    let broken = try folder.write(Array(base64(NpyFixture.all[0].file).dropLast()), to: "b.npy")
    #expect(try reason { _ = try TensorFile.read(broken) } == "'\(broken)': The array of shape [2,3] needs 24 bytes, and the file has 23.")
  }

  /// Made with onnx.numpy_helper.from_array: [[1, 2], [3, 4]] as int16 in raw_data, named "t", and ["é", ""] in string_data.
  @Test func readsTensorProto() throws {
    let numbers = try folder.write(base64("CAIIAhAFQgF0SggBAAIAAwAEAA=="), to: "numbers.pb")
    let read = try TensorFile.read(numbers)
    #expect(read[0].name == "t")
    #expect(allClose(read[0].tensor, try Tensor([1, 2, 3, 4] as [Int16], shape: [2, 2])) == nil)
    let strings = try folder.write(base64("CAIQCDICw6kyAEIBcw=="), to: "strings.PB")
    #expect(try TensorFile.read(strings)[0].tensor.strings() == ["é", ""])
    let broken = try folder.write([0x08], to: "broken.pb")
    #expect(try reason { _ = try TensorFile.read(broken) }.hasPrefix("'\(broken)': "))
    // The file that a tensor came from can be written.
    try TensorFile.write(read, to: numbers, as: .pb)
    #expect(allClose(try TensorFile.read(numbers)[0].tensor, read[0].tensor) == nil)
  }

  @Test func writingChecksTheNumberAndTheNames() throws {
    let x = try Tensor(scalar: Float(1))
    let path = folder.path("out")
    #expect(try reason { try TensorFile.write([("a", x), ("b", x)], to: path, as: .npy) } == "2 tensors cannot stand in one .npy file.")
    #expect(try reason { try TensorFile.write([(nil, x)], to: path, as: .npz) } == "A tensor without a name cannot stand in an .npz file.")
    #expect(try reason { try TensorFile.write([("a", x)], to: path, as: .image(.png)) } == "Tensors cannot be written as png.")
  }

  @Test func wholeFilesInPieces() throws {
    try withEvery([0, 1, 65_535, 65_536, 65_537, 3_000_000]) { count in
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let path = folder.path("bytes")
      try FileBytes.write(bytes, to: path)
      #expect(try FileBytes.read(path) == bytes)
    }
  }
}
