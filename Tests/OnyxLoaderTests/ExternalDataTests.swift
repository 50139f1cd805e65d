import Foundation
import OnyxGraph
import OnyxLoader
import OnyxTensor
import OnyxTestSupport
import Testing

@Suite struct ExternalDataTests {
  static func model(_ entries: [(String, String)], dims: [Int64] = [2]) -> [UInt8] {
    Onnx.model(
      Onnx.graph(
        nodes: [Onnx.node("Concat", ["x", "w"], ["y"], attributes: [Onnx.attribute("axis", int: 0)])],
        initializers: [Onnx.external("w", dims: dims, entries)]))
  }

  static func weights(_ path: String, _ options: LoadOptions = LoadOptions()) throws -> [Double] {
    let model = try ModelLoader.load(contentsOf: path, options: options)
    return try #require(model.graph.initializers.first?.value).doubles()
  }

  static func failing(_ path: String, _ options: LoadOptions = LoadOptions()) -> OnyxError? {
    failure { () throws(OnyxError) in try ModelLoader.load(contentsOf: path, options: options) }
  }

  @Test func readsFromTheModelsFolder() throws {
    let folder = TemporaryFolder()
    try folder.write("data/w.bin", Wire.floats([0, 0, 5, 6, 7]))
    for location in ["data/w.bin", "./data/w.bin", "data//w.bin"] {
      let path = try folder.write(
        "model.onnx", Self.model([("location", location), ("offset", "8"), ("length", "8"), ("checksum", "unread")]))
      #expect(try Self.weights(path) == [5, 6])
    }
    let path = try folder.write("model.onnx", Self.model([("location", "data/w.bin"), ("offset", "12")]))
    #expect(try Self.weights(path) == [6, 7])
  }

  @Test func misalignedOffsetsAreRead() throws {
    let folder = TemporaryFolder()
    try folder.write("w.bin", [1, 2, 3] + Wire.floats([5, 6]))
    let path = try folder.write("model.onnx", Self.model([("location", "w.bin"), ("offset", "3")]))
    #expect(try Self.weights(path) == [5, 6])
  }

  static let attacks: [String] = [
    "../secret.bin", "data/../../secret.bin", "data/../w.bin", "/etc/passwd", "", "..", "data/..", "a\0/../../secret.bin", "w.bin\0",
  ]

  @Test(arguments: attacks) func refusesLocationsOutsideTheFolder(_ location: String) throws {
    let folder = TemporaryFolder()
    try folder.write("secret.bin", Wire.floats([1, 2]))
    try folder.write("model/w.bin", Wire.floats([1, 2]))
    try folder.write("model/data/w.bin", Wire.floats([1, 2]))
    let error = Self.failing(try folder.write("model/model.onnx", Self.model([("location", location)])))
    #expect(error?.code == .invalidModel)
    #expect(error?.reason.contains("is not a path inside the model's folder") == true)
  }

  @Test func refusesLinksThatLeadOut() throws {
    let folder = TemporaryFolder()
    try folder.write("secret.bin", Wire.floats([1, 2]))
    try folder.write("outside/w.bin", Wire.floats([1, 2]))
    try folder.link("model/file.bin", to: "../secret.bin")
    try folder.link("model/absolute.bin", to: folder.path + "/secret.bin")
    try folder.link("model/folder", to: "../outside")
    try folder.write("model-2/w.bin", Wire.floats([1, 2]))
    try folder.link("model/sibling", to: "../model-2")
    for location in ["file.bin", "absolute.bin", "folder/w.bin", "sibling/w.bin"] {
      let error = Self.failing(try folder.write("model/model.onnx", Self.model([("location", location)])))
      #expect(error?.code == .invalidModel)
      #expect(error?.reason.contains("leads out of the model's folder") == true, "\(location): \(error?.reason ?? "no error")")
    }
  }

  @Test func followsLinksThatStayInside() throws {
    let folder = TemporaryFolder()
    try folder.write("real/w.bin", Wire.floats([5, 6]))
    try folder.link("w.bin", to: "real/w.bin")
    #expect(try Self.weights(try folder.write("model.onnx", Self.model([("location", "w.bin")]))) == [5, 6])
  }

  /// snapshots/<revision>/* are links into blobs/, for the model and for its data.
  @Test func readsTheHuggingFaceCache() throws {
    let folder = TemporaryFolder()
    try folder.write("blobs/1111", Self.model([("location", "model.onnx.data")]))
    try folder.write("blobs/2222", Wire.floats([5, 6]))
    let path = try folder.link("snapshots/abc/model.onnx", to: "../../blobs/1111")
    try folder.link("snapshots/abc/model.onnx.data", to: "../../blobs/2222")
    #expect(try Self.weights(path) == [5, 6])
    // The same cache does not open files elsewhere.
    try folder.write("secret.bin", Wire.floats([1, 2]))
    try FileManager.default.removeItem(atPath: folder.path + "/snapshots/abc/model.onnx.data")
    try folder.link("snapshots/abc/model.onnx.data", to: "../../secret.bin")
    #expect(Self.failing(path)?.reason.contains("leads out") == true)
  }

  @Test func readsBesideTheTargetOfALinkedModel() throws {
    let folder = TemporaryFolder()
    try folder.write("store/model.onnx", Self.model([("location", "w.bin")]))
    try folder.write("store/w.bin", Wire.floats([5, 6]))
    #expect(try Self.weights(try folder.link("here/model.onnx", to: "../store/model.onnx")) == [5, 6])
  }

  @Test func refusesWhatIsNoRegularFile() throws {
    let folder = TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path + "/w.bin", withIntermediateDirectories: true)
    let path = try folder.write("model.onnx", Self.model([("location", "w.bin")]))
    #expect(Self.failing(path)?.reason.contains("not a regular file") == true)
    try FileManager.default.removeItem(atPath: folder.path + "/w.bin")
    let made = unsafe mkfifo(folder.path + "/w.bin", 0o600)
    #expect(made == 0)
    #expect(Self.failing(path)?.reason.contains("not a regular file") == true)
  }

  @Test func strictModeRefusesHardLinks() throws {
    let folder = TemporaryFolder()
    let other = try folder.write("other.bin", Wire.floats([5, 6]))
    try FileManager.default.linkItem(atPath: other, toPath: folder.path + "/w.bin")
    let path = try folder.write("model.onnx", Self.model([("location", "w.bin")]))
    #expect(try Self.weights(path) == [5, 6])
    var strict = LoadOptions()
    strict.refusesHardLinks = true
    #expect(Self.failing(path, strict)?.reason.contains("hard links") == true)
  }

  static let badEntries: [(entries: [(String, String)], code: OnyxError.Code, text: String)] = [
    ([("location", "none.bin")], .missingFile, "is not in the folder"),
    ([], .invalidModel, "no location"),
    ([("location", "w.bin"), ("location", "w.bin")], .invalidModel, "occurs twice"),
    ([("location", "w.bin"), ("basepath", "/etc")], .invalidModel, "'basepath'"),
    ([("location", "w.bin"), ("__class__", "x")], .invalidModel, "'__class__'"),
    ([("location", "w.bin"), ("offset", "-8")], .invalidModel, "not a number from 0 up"),
    ([("location", "w.bin"), ("offset", "eight")], .invalidModel, "not a number from 0 up"),
    ([("location", "w.bin"), ("offset", "4")], .invalidModel, "should be 8 bytes from 4 on in 'w.bin', which has 8"),
    ([("location", "w.bin"), ("length", "9223372036854775807")], .invalidModel, "should be 9223372036854775807 bytes"),
    ([("location", "w.bin"), ("length", "99999999999999999999")], .invalidModel, "not a number from 0 up"),
    (
      [("location", "w.bin"), ("offset", "9223372036854775807"), ("length", "9223372036854775807")], .invalidModel,
      "from 9223372036854775807"
    ),
    ([("location", "w.bin"), ("length", "4")], .invalidModel, "has 4 bytes of data; float32[2] needs 8"),
  ]

  @Test(arguments: badEntries.indices) func refusesBadEntries(_ index: Int) throws {
    let (entries, code, text) = Self.badEntries[index]
    let folder = TemporaryFolder()
    try folder.write("w.bin", Wire.floats([5, 6]))
    let error = Self.failing(try folder.write("model.onnx", Self.model(entries)))
    #expect(error?.code == code)
    #expect(error?.reason.contains(text) == true, "\(error?.reason ?? "no error")")
    #expect(error?.reason.contains("The tensor 'w'") == true)
  }

  @Test func bytesNeedABaseDirectory() throws {
    let folder = TemporaryFolder()
    try folder.write("w.bin", Wire.floats([5, 6]))
    let bytes = Self.model([("location", "w.bin")])
    let error = failure { () throws(OnyxError) in try ModelLoader.load(bytes: bytes) }
    #expect(error?.code == .usage)
    #expect(error?.remedy?.contains("base directory") == true)
    let model = try ModelLoader.load(bytes: bytes, baseDirectory: folder.path)
    #expect(try model.graph.initializers.first?.value.doubles() == [5, 6])
    #expect(failure { () throws(OnyxError) in try ModelLoader.load(bytes: bytes, baseDirectory: "") }?.code == .missingFile)
  }
}
