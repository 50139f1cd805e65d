import OnyxProto
import OnyxTensor

/// Files that are given in place of a model, recognised by their first bytes.
struct FileKind {
  let name: String
  let remedy: String

  /// What the bytes are when they are certainly no protobuf message of a model.
  static func foreign(_ bytes: ByteSlice) -> FileKind? {
    let head = bytes.prefix(512)
    if head.isEmpty { return FileKind(name: "empty", remedy: "Download or export it again.") }
    for (magic, offset, name, remedy) in table where head.dropFirst(offset).starts(with: magic.utf8) {
      return FileKind(name: name, remedy: remedy)
    }
    for (magic, name, remedy) in binary where head.starts(with: magic) { return FileKind(name: name, remedy: remedy) }
    return text(head)
  }

  private static let table: [(magic: String, offset: Int, name: String, remedy: String)] = [
    ("version https://git-lfs", 0, "a git-lfs pointer, not the file it stands for", "Run 'git lfs pull' in the repository it came from."),
    (
      "PK\u{3}\u{4}", 0, "a zip archive (PyTorch, Keras, NumPy and others save those)",
      "Export the model with torch.onnx.export or unpack it first."
    ),
    ("TFL3", 4, "a TensorFlow Lite model", "Convert it with tf2onnx."),
    ("ORTM", 4, "a model in ONNX Runtime's own format", "Use the .onnx file that it was made from."),
    ("GGUF", 0, "a GGUF file", "Export the model to ONNX instead."),
    ("{\"", 8, "a safetensors file", "It has weights only; export the model to ONNX."),
  ]

  private static let binary: [(magic: [UInt8], name: String, remedy: String)] = [
    ([0x80, 0x02], "a Python pickle", "Export the model with torch.onnx.export."),
    ([0x80, 0x03], "a Python pickle", "Export the model with torch.onnx.export."),
    ([0x80, 0x04], "a Python pickle", "Export the model with torch.onnx.export."),
    ([0x80, 0x05], "a Python pickle", "Export the model with torch.onnx.export."),
    ([0x89, 0x48, 0x44, 0x46], "an HDF5 file, as Keras saves", "Export the model to ONNX instead."),
    ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "a NumPy array", "Give the model first and arrays as inputs."),
    ([0x89, 0x50, 0x4E, 0x47], "a PNG image", "Give the model first and images as inputs."),
    ([0xFF, 0xD8, 0xFF], "a JPEG image", "Give the model first and images as inputs."),
    ([0x1F, 0x8B], "a gzip archive", "Unpack it first."),
  ]

  private static func text(_ head: [UInt8]) -> FileKind? {
    let start = head.drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
    // A model starts with a field tag; "{" and "<" would be group tags, which ONNX does not have.
    if start.first == UInt8(ascii: "{") || start.first == UInt8(ascii: "[") && start.dropFirst().first == UInt8(ascii: "{") {
      return FileKind(name: "JSON text", remedy: "Give the .onnx file.")
    }
    guard start.first == UInt8(ascii: "<") else { return nil }
    let page = String(decoding: start.prefix(64), as: UTF8.self).lowercased()
    let letters = Array(page.utf8)
    let isHTML = letters.indices.contains { letters[$0...].starts(with: "html".utf8) }
    let name = isHTML ? "an HTML page, so a download went to a web page instead of the file" : "XML text"
    return FileKind(name: name, remedy: "Download the file itself.")
  }

  static func isTensor(_ bytes: ByteSlice) -> Bool { (try? TensorMessage.decode(bytes)) != nil }

  static func tensorError(_ subject: String) -> OnyxError {
    .invalid("\(subject) is no ONNX model: it is a single tensor (TensorProto).", remedy: "Give the model first and tensors as inputs.")
  }
}
