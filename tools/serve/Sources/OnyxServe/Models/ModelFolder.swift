import Onyx

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The folder of models as it is on the disk:
///
///     models/NAME.onnx                 one version, "1"
///     models/NAME/model.onnx           one version, "1"
///     models/NAME/3/model.onnx         the version "3", beside others
///     models/NAME/config.json          how it is served
///
/// A file `model.onnx` may have any other name that ends so, when it is the only one.
package struct ModelFolder: Sendable {
  /// One version of one model.
  package struct Entry: Sendable, Hashable {
    package let name: String
    package let version: String
    /// The .onnx file.
    package let path: String
    package let configurationPath: String?
    /// Changes whenever one of the files does.
    package let stamp: String
    /// Bytes of the file and of what else is in its folder, external data among it.
    package let byteCount: Int
  }

  /// Of the folder.
  package let path: String

  /// Nothing is read yet.
  package init(path: String) { self.path = path }

  /// All versions of all models, sorted. Throws `unavailable` for a folder that cannot be read.
  package func entries() throws(Failure) -> [Entry] {
    var entries: [Entry] = []
    for name in try Self.list(path) {
      let item = path + "/" + name
      if name.hasSuffix(".onnx"), name.count > 5 {
        entries.append(Self.entry(String(name.dropLast(5)), "1", item, configuration: nil, files: [item]))
      } else if Self.isFolder(item) {
        entries += try Self.versions(name, item)
      }
    }
    return entries.sorted { ($0.name, $0.version.count, $0.version) < ($1.name, $1.version.count, $1.version) }
  }

  private static func versions(_ name: String, _ folder: String) throws(Failure) -> [Entry] {
    let items = try list(folder)
    let configuration = items.contains("config.json") ? folder + "/config.json" : nil
    var entries: [Entry] = []
    if let file = model(items) {
      entries.append(entry(name, "1", folder + "/" + file, configuration: configuration, files: all(folder, items)))
    }
    for version in items where version.allSatisfy({ $0.isASCII && $0.isNumber }) && version.first != "0" {
      let inner = folder + "/" + version
      guard isFolder(inner) else { continue }
      let items = try list(inner)
      guard let file = model(items), !entries.contains(where: { $0.version == version }) else { continue }
      entries.append(entry(name, version, inner + "/" + file, configuration: configuration, files: all(inner, items)))
    }
    return entries
  }

  /// The file of the model among those of a folder.
  private static func model(_ items: [String]) -> String? {
    if items.contains("model.onnx") { return "model.onnx" }
    let found = items.filter { $0.hasSuffix(".onnx") }
    return found.count == 1 ? found[0] : nil
  }

  private static func all(_ folder: String, _ items: [String]) -> [String] { items.map { folder + "/" + $0 }.filter { !isFolder($0) } }

  private static func entry(_ name: String, _ version: String, _ path: String, configuration: String?, files: [String]) -> Entry {
    var (stamp, bytes) = ("", 0)
    for file in (files + [configuration].compactMap(\.self)).sorted() {
      let attributes = attributes(file)
      let size = attributes[.size] as? UInt ?? 0
      let date = (attributes[.modificationDate] as? Date)?.timeIntervalSinceReferenceDate ?? 0
      stamp += "\(file):\(size):\(date);"
      bytes += Int(clamping: size)
    }
    return Entry(name: name, version: version, path: path, configurationPath: configuration, stamp: stamp, byteCount: bytes)
  }

  private static func list(_ folder: String) throws(Failure) -> [String] {
    do { return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted() } catch {
      throw Failure(.unavailable, "The folder '\(folder)' cannot be read.")
    }
  }

  private static func isFolder(_ path: String) -> Bool { attributes(path)[.type] as? FileAttributeType == .typeDirectory }

  /// Of what a symbolic link leads to.
  private static func attributes(_ path: String) -> [FileAttributeKey: Any] {
    (try? FileManager.default.attributesOfItem(atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)) ?? [:]
  }
}
