import Onyx
import OnyxFiles
import OnyxTensor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The directory that `--output-dir` names.
struct OutputFolder {
  let path: String

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// The lines of a text file without the empty ones at its end.
  static func lines(of path: String) throws(OnyxError) -> [String] {
    var lines = String(decoding: try FileBytes.read(path), as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).map {
      String($0)
    }
    while lines.last?.allSatisfy(\.isWhitespace) ?? false { lines.removeLast() }
    return lines
  }

  /// Makes the directory and those around it.
  func make() throws(OnyxError) {
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
      throw OnyxError(.missingFile, "The directory '\(path)' cannot be made.", remedy: "Check the path and its permissions.")
    }
  }

  /// Makes the directory and writes one file for each tensor, or one `outputs.npz` for all.
  ///
  /// File names are the tensors' names with every character but letters, digits, `.`, `-` and `_` replaced; a number
  /// keeps them apart.
  func write(_ tensors: [(name: String, tensor: Tensor)], as format: TensorFile.Format) throws(OnyxError) {
    try make()
    if format == .npz {
      try TensorFile.write(tensors.map { ($0.name, $0.tensor) }, to: "\(path)/outputs.npz", as: .npz)
      return
    }
    var used: Set<String> = []
    for (name, tensor) in tensors {
      let safe = Self.fileName(name)
      var unique = safe
      var number = 2
      while !used.insert(unique).inserted {
        unique = "\(safe)-\(number)"
        number += 1
      }
      try TensorFile.write([(name, tensor)], to: "\(path)/\(unique).\(format.name)", as: format)
    }
  }

  /// A name that can neither leave the directory nor be hidden or too long.
  static func fileName(_ name: String) -> String {
    let safe = name.unicodeScalars.map { scalar -> Character in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_.".unicodeScalars.contains(scalar))
        ? Character(scalar) : "_"
    }
    let text = String(safe.drop { $0 == "." }.suffix(120))
    return text.isEmpty ? "tensor" : text
  }
}
