import Foundation
import OnyxGraph
import OnyxLoader
import OnyxTensor
import OnyxTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
        "model.onnx", Self.model([("location", location), ("offset", "8"), ("length", "8")]))
      #expect(try Self.weights(path) == [5, 6])
    }
    let path = try folder.write("model.onnx", Self.model([("location", "data/w.bin"), ("offset", "12")]))
    #expect(try Self.weights(path) == [6, 7])
  }

  @Test func stepsBackInsideTheFolderAreFollowed() throws {
    let folder = TemporaryFolder()
    try folder.write("w.bin", Wire.floats([5, 6]))
    try folder.write("data/v.bin", Wire.floats([7, 8]))
    #expect(try Self.weights(try folder.write("model.onnx", Self.model([("location", "data/../w.bin")]))) == [5, 6])
    #expect(try Self.weights(try folder.write("model.onnx", Self.model([("location", "data/.././data/v.bin")]))) == [7, 8])
    // The step back leads from where the link leads to, which is outside.
    try folder.write("outside/deep/x", [])
    try folder.write("outside/w.bin", Wire.floats([1, 2]))
    try folder.link("model/link", to: "../outside/deep")
    let error = Self.failing(try folder.write("model/model.onnx", Self.model([("location", "link/../w.bin")])))
    #expect(error?.code == .invalidModel)
    #expect(error?.reason.contains("leads out of the model's folder") == true)
  }

  /// SHA-1 of the whole file, by Python's hashlib.
  @Test func checksumsAreCompared() throws {
    let folder = TemporaryFolder()
    try folder.write("w.bin", Wire.floats([0, 0, 5, 6, 7]))
    let right = "4e9be71e3971185c4db3733d65c6f733f78e14ca"
    for checksum in [right, right.uppercased()] {
      let path = try folder.write("model.onnx", Self.model([("location", "w.bin"), ("offset", "8"), ("checksum", checksum)]))
      #expect(try Self.weights(path) == [5, 6])
    }
    let wrong = String(right.reversed())
    let path = try folder.write("model.onnx", Self.model([("location", "w.bin"), ("offset", "8"), ("checksum", wrong)]))
    #expect(Self.failing(path)?.code == .invalidModel)
    #expect(Self.failing(path)?.reason.contains("has the SHA-1 \(right); the model says \(wrong)") == true)
    for checksum in ["", "unread", right + "0", "é" + right.dropLast(2)] {
      let path = try folder.write("model.onnx", Self.model([("location", "w.bin"), ("offset", "8"), ("checksum", checksum)]))
      #expect(Self.failing(path)?.reason.contains("not the 40 hexadecimal digits of a SHA-1") == true)
    }
  }

  /// Lengths around the end of a block, by Python's hashlib over bytes that count up.
  @Test(arguments: [
    (8, "67423ebfa8454f19ac6f4686d6c0dc731a3ddd6b"),
    (55, "8ae2d46729cfe68ff927af5eec9c7d1b66d65ac2"),
    (56, "636e2ec698dac903498e648bd2f3af641d3c88cb"),
    (63, "6d942da0c4392b123528f2905c713a3ce28364bd"),
    (64, "c6138d514ffa2135bfce0ed0b8fac65669917ec7"),
    (65, "69bd728ad6e13cd76ff19751fde427b00e395746"),
    (119, "41c89d06001bab4ab78736b44efe7ce18ce6ae08"),
    (120, "d3dbd653bd8597b7475321b60a36891278e6a04a"),
    (1000, "af0b191c2de46fe13fe0908f5a6a4e90e0cafc46"),
    (70000, "e991896d5aa4fe62408234972cb9f68453b87522"),
  ]) func digestsOfEveryTail(_ count: Int, _ digest: String) throws {
    let folder = TemporaryFolder()
    try folder.write("w.bin", (0..<count).map { UInt8(truncatingIfNeeded: $0) })
    let path = try folder.write(
      "model.onnx", Self.model([("location", "w.bin"), ("length", "8"), ("checksum", digest)]))
    #expect(Self.failing(path) == nil)
  }

  @Test func misalignedOffsetsAreRead() throws {
    let folder = TemporaryFolder()
    try folder.write("w.bin", [1, 2, 3] + Wire.floats([5, 6]))
    let path = try folder.write("model.onnx", Self.model([("location", "w.bin"), ("offset", "3")]))
    #expect(try Self.weights(path) == [5, 6])
  }

  static let attacks: [String] = [
    "../secret.bin", "data/../../secret.bin", "data/../../model/w.bin", "/etc/passwd", "", "..", ".", "data/..", "a\0/../../secret.bin",
    "w.bin\0",
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
    // As the hub names it, opened from inside the folder.
    try folder.write("blobs/3333", Self.model([("location", "model.onnx_data")]))
    try folder.link("snapshots/abc/onnx/model.onnx", to: "../../../blobs/3333")
    try folder.link("snapshots/abc/onnx/model.onnx_data", to: "../../../blobs/2222")
    #expect(try Self.weights(folder.path + "/snapshots/abc/onnx/model.onnx") == [5, 6])
    #expect(try Self.weights(folder.path + "/snapshots/../snapshots/abc/./onnx/model.onnx") == [5, 6])
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

  /// A socket, a device and what a link makes of them; none is opened.
  @Test func refusesSocketsAndDevices() throws {
    let folder = TemporaryFolder()
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array((folder.path + "/w.bin").utf8)
    try #require(path.count < MemoryLayout.size(ofValue: address.sun_path))
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
    let bound = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    let model = try folder.write("model.onnx", Self.model([("location", "w.bin")]))
    #expect(Self.failing(model)?.reason.contains("not a regular file") == true)
    try FileManager.default.removeItem(atPath: folder.path + "/w.bin")
    try folder.link("w.bin", to: "/dev/zero")
    #expect(Self.failing(model)?.reason.contains("leads out of the model's folder") == true)
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
