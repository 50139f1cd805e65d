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

  /// Calls `body` with options that have these values.
  private static func withOptions<T>(_ pairs: [(String, String)], _ body: (OpaquePointer?) throws -> T) throws -> T {
    let options = unsafe onyx_image_options_make()
    defer { unsafe onyx_image_options_release(options) }
    for (name, value) in pairs { try unsafe CInterfaceTests.check { unsafe onyx_image_options_set(options, name, value, $0) } }
    return try unsafe body(options)
  }

  @Test(arguments: [nil, "yolo", #"{"do_resize": true, "size": 28, "image_mean": [0.5], "image_std": [0.25]}"#])
  func filesBecomeABatch(_ preprocess: String?) throws {
    var session: OpaquePointer?
    try unsafe CInterfaceTests.check { unsafe onyx_session_open("\(Self.folder)/model.onnx", nil, &session, $0) }
    defer { unsafe onyx_session_release(session) }
    var value: OpaquePointer?
    try unsafe Self.withTexts(Self.files) { paths in
      try unsafe Self.withOptions(preprocess.map { [("preprocess", $0)] } ?? []) { options in
        try unsafe CInterfaceTests.check { unsafe onyx_tensor_of_images(session, 0, paths, 2, options, &value, $0) }
      }
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

  /// One after the other, each for an input that is not there: what Swift's own options give.
  @Test(
    arguments: [
      ([("resize", "40")], ImageOptions(scale: 1 / 255, geometry: ImageGeometry(resize: .shorterSide(40)))),
      (
        [("resize", "40x56"), ("interpolation", "bicubic"), ("antialias", "false")],
        ImageOptions(
          scale: 1 / 255,
          geometry: ImageGeometry(resize: .exact(.init(width: 56, height: 40)), interpolation: .bicubic, antialias: false))
      ),
      (
        [("crop", "20"), ("mean", "0.5"), ("std", "0.1,0.2,0.4"), ("scale", "1/100"), ("layout", "nhwc")],
        ImageOptions(
          mean: [0.5], std: [0.1, 0.2, 0.4], scale: 0.01, layout: .nhwc, geometry: ImageGeometry(crop: .init(width: 20, height: 20)))
      ),
      (
        [("letterbox", "true"), ("resize", "40x60"), ("type", "uint8")],
        ImageOptions(geometry: ImageGeometry(resize: .letterbox(.init(width: 60, height: 40))), elementType: .uint8)
      ),
    ])
  func optionsHaveNames(_ pairs: [(String, String)], _ wanted: ImageOptions) throws {
    var value: OpaquePointer?
    try unsafe Self.withTexts(Self.files) { paths in
      try unsafe Self.withOptions(pairs) { options in
        try unsafe CInterfaceTests.check { unsafe onyx_tensor_of_images(nil, 0, paths, 2, options, &value, $0) }
      }
    }
    defer { unsafe onyx_value_release(value) }
    let tensor = try Tensor(imageFiles: Self.files, options: wanted)
    #expect(unsafe onyx_value_element_type(value) == tensor.elementType.rawValue)
    #expect(unsafe onyx_value_byte_count(value) == tensor.byteCount)
    let same = unsafe tensor.withUnsafeBytes { unsafe memcmp($0.baseAddress!, onyx_value_bytes(value), $0.count) == 0 }
    #expect(same)
  }

  @Test func mistakesAreErrors() throws {
    var session: OpaquePointer?
    try unsafe CInterfaceTests.check { unsafe onyx_session_open("\(Self.folder)/model.onnx", nil, &session, $0) }
    defer { unsafe onyx_session_release(session) }
    var value: OpaquePointer?
    try unsafe Self.withTexts(["\(Self.folder)/none.png"]) { paths in
      func code(_ index: Int, _ count: Int) -> onyx_code? {
        unsafe CInterfaceTests.failure { unsafe onyx_tensor_of_images(session, index, paths, count, nil, &value, $0) }?.code
      }
      #expect(code(0, 1) == 66)
      #expect(code(1, 1) == 64)
      #expect(code(0, 0) == 64)
    }
    #expect(unsafe CInterfaceTests.failure { unsafe onyx_tensor_of_images(session, 0, nil, 1, nil, &value, $0) }?.code == 64)
    #expect(unsafe CInterfaceTests.failure { unsafe onyx_tensor_of_images(nil, 1, nil, 1, nil, &value, $0) }?.code == 64)
    let options = unsafe onyx_image_options_make()
    defer { unsafe onyx_image_options_release(options) }
    for (name, text, code) in [
      ("preprocess", "imagnet", 64), ("preprocess", "{}", 65), ("size", "2", 64), ("letterbox", "yes", 64), ("type", "seq(float32)", 64),
      ("interpolation", "cubic", 64), ("layout", "nchw16", 64),
    ] {
      let failure = unsafe CInterfaceTests.failure { unsafe onyx_image_options_set(options, name, text, $0) }
      #expect(failure?.code == onyx_code(code))
    }
  }
}
