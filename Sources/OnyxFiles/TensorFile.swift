import OnyxImages
import OnyxProto
import OnyxTensor

/// A file of tensors in any format that Onyx knows.
package enum TensorFile {
  package enum Format: Sendable, Hashable {
    case npy, npz, pb, json
    case image(ImageFormat)

    /// "npy", "png".
    package var name: String {
      switch self {
      case .npy: "npy"
      case .npz: "npz"
      case .pb: "pb"
      case .json: "json"
      case .image(let format): format.rawValue
      }
    }
  }

  /// What a file holds.
  package enum Contents {
    case image(Pixels)
    /// Named where the format has names.
    case tensors([JSONForms.Item])
  }

  /// What a file holds. The content decides on the format; only TensorProto, which has no signature, is told by the file's extension.
  ///
  /// Throws `missingFile` when the file cannot be read and `invalidModel` when it is broken or of no known format.
  package static func contents(of path: String) throws(OnyxError) -> Contents {
    let bytes = try FileBytes.read(path)
    guard let format = format(of: bytes, path: path) else {
      throw .invalid(
        "'\(path)' is no tensor file.",
        remedy: "Known formats: .npy, .npz, .pb (TensorProto), .json, .png, .jpg, .bmp, .pnm, .tiff, .webp, .jp2.")
    }
    do throws(OnyxError) {
      if case .image = format { return .image(try ImageTensor.pixels(bytes)) }
      return .tensors(try decode(bytes, format, path: path))
    } catch { throw OnyxError(error.code, "'\(path)': \(error.reason)", remedy: error.remedy) }
  }

  /// The tensors of a file, named where the format has names. Throws as `contents(of:)`.
  package static func read(_ path: String, image: ImageOptions = ImageOptions()) throws(OnyxError) -> [(name: String?, tensor: Tensor)] {
    switch try contents(of: path) {
    case .tensors(let items): return items.map { ($0.name, $0.tensor) }
    case .image(let pixels):
      do throws(OnyxError) {
        return [(nil, try ImageTensor.make(pixels, image))]
      } catch { throw OnyxError(error.code, "'\(path)': \(error.reason)", remedy: error.remedy) }
    }
  }

  /// Whether the file is of a known format, whatever its tensors. Throws `missingFile` when it cannot be read.
  package static func isTensorFile(_ path: String) throws(OnyxError) -> Bool { format(of: try FileBytes.read(path), path: path) != nil }

  /// Makes or replaces a file. Formats of one tensor take exactly one; `npz` needs a name for each.
  package static func write(_ tensors: [(name: String?, tensor: Tensor)], to path: String, as format: Format) throws(OnyxError) {
    try FileBytes.write(try encode(tensors, format), to: path)
  }

  /// The format of some bytes; nil when there is none.
  package static func format(of bytes: [UInt8], path: String) -> Format? {
    if bytes.starts(with: NpyHeader.magic) { return .npy }
    if bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6]) { return .npz }
    if let image = ImageFormat(bytes) { return .image(image) }
    let name = path.split(separator: "/").last ?? ""
    switch name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last?.lowercased() {
    case "pb", "tensorproto": return .pb
    case "json": return .json
    // A list or an object.
    case nil: return [0x5B, 0x7B].contains(bytes.first { $0 > 0x20 } ?? 0) ? .json : nil
    default: return nil
    }
  }

  private static func decode(_ bytes: [UInt8], _ format: Format, path: String) throws(OnyxError) -> [JSONForms.Item] {
    func item(_ name: String?, _ tensor: Tensor) -> JSONForms.Item { JSONForms.Item(name: name, tensor: tensor, isTyped: true) }
    switch format {
    case .npy: return [item(nil, try Npy.decode(bytes[...]))]
    case .npz: return try Npz.decode(bytes[...]).map { item($0.name, $0.tensor) }
    case .json: return try JSONForms.decode(bytes[...])
    case .image: throw .bug("An image is no tensor.")
    case .pb:
      // A copy, not the mapped file: the result can be written over the file that it came from.
      let (name, tensor) = try TensorMessage.decode(ByteSlice(copying: bytes), folder: ModelFolder(ofTensorsAt: path))
      return [item(name.isEmpty ? nil : name, tensor)]
    }
  }

  private static func encode(_ tensors: [(name: String?, tensor: Tensor)], _ format: Format) throws(OnyxError) -> [UInt8] {
    switch format {
    case .npy: return try Npy.encode(try only(tensors, format).tensor)
    case .json: return try JSONTensor.encode(tensors)
    case .npz:
      var named: [(name: String, tensor: Tensor)] = []
      for (name, tensor) in tensors {
        guard let name else { throw .usage("A tensor without a name cannot stand in an .npz file.") }
        named.append((name, tensor))
      }
      return try Npz.encode(named)
    case .pb:
      let (name, tensor) = try only(tensors, format)
      return try TensorMessage.encode(tensor, name: name ?? "")
    case .image: throw .usage("Tensors cannot be written as \(format.name).", remedy: "Use npy, npz, pb or json.")
    }
  }

  private static func only(_ tensors: [(name: String?, tensor: Tensor)], _ format: Format) throws(OnyxError) -> (
    name: String?, tensor: Tensor
  ) {
    guard tensors.count == 1, let only = tensors.first else {
      throw .usage("\(tensors.count) tensors cannot stand in one .\(format.name) file.", remedy: "Use npz or json.")
    }
    return only
  }
}
