import COnyx
import Foundation
import Onyx
import OnyxC
import OnyxTestSupport
import Testing

/// SAFETY: as in `CInterfaceTests`.
@Suite("Images of the C interface")
struct CImageTests {
  private static let folder = Repository.models.appending(path: "digits").path(percentEncoded: false)
  private static let files = ["7-1314", "8-773"].map { "\(folder)/samples/digit-\($0).png" }

  /// Calls `body` with the texts as C has them.
  private static func withTexts<T>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) throws -> T) throws -> T {
    let memory = unsafe texts.map { text in
      let bytes = text.utf8.map { CChar(bitPattern: $0) } + [0]
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
      unsafe copy.initialize(from: bytes, count: bytes.count)
      return unsafe UnsafePointer<CChar>?(copy)
    }
    defer { for index in unsafe memory.indices { unsafe memory[index]?.deallocate() } }
    return try unsafe memory.withUnsafeBufferPointer { unsafe try body($0.baseAddress!) }
  }

  @Test(arguments: [nil, "yolo", #"{"do_resize": true, "size": 28, "image_mean": [0.5], "image_std": [0.25]}"#])
  func filesBecomeABatch(_ preprocess: String?) throws {
    var session: OpaquePointer?
    try unsafe CInterfaceTests.check { unsafe onyx_session_open("\(Self.folder)/model.onnx", nil, &session, $0) }
    defer { unsafe onyx_session_release(session) }
    var value: OpaquePointer?
    try unsafe Self.withTexts(Self.files) { paths in
      try unsafe CInterfaceTests.check { unsafe onyx_tensor_of_images(session, 0, paths, 2, preprocess, &value, $0) }
    }
    defer { unsafe onyx_value_release(value) }
    let input = try Session(path: "\(Self.folder)/model.onnx").inputs[0]
    let options =
      switch preprocess {
      case nil: ImageOptions(for: input)
      case "yolo": ImageOptions(for: input, preset: .yolo)
      case let text?: try ImageOptions(for: input, configuration: Array(text.utf8))
      }
    let wanted = try Tensor(imageFiles: Self.files, options: options)
    #expect(wanted.shape == [2, 1, 28, 28])
    #expect(try unsafe CInterfaceTests.floats(value) == wanted.elements(as: Float.self))
  }

  @Test func mistakesAreErrors() throws {
    var session: OpaquePointer?
    try unsafe CInterfaceTests.check { unsafe onyx_session_open("\(Self.folder)/model.onnx", nil, &session, $0) }
    defer { unsafe onyx_session_release(session) }
    var value: OpaquePointer?
    try unsafe Self.withTexts(["\(Self.folder)/none.png"]) { paths in
      func code(_ index: Int, _ count: Int, _ preprocess: String? = nil) -> onyx_code? {
        unsafe CInterfaceTests.failure { unsafe onyx_tensor_of_images(session, index, paths, count, preprocess, &value, $0) }?.code
      }
      #expect(code(0, 1) == 66)
      #expect(code(1, 1) == 64)
      #expect(code(0, 0) == 64)
      #expect(code(0, 1, "imagnet") == 64)
      #expect(code(0, 1, "{}") == 65)
    }
    #expect(unsafe CInterfaceTests.failure { unsafe onyx_tensor_of_images(session, 0, nil, 1, nil, &value, $0) }?.code == 64)
    #expect(unsafe CInterfaceTests.failure { unsafe onyx_tensor_of_images(nil, 0, nil, 1, nil, &value, $0) }?.code == 64)
  }
}
