import OnyxTensor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Model {
  /// Loads the model file at a file URL, as `init(path:)` does. Throws `usage` for a URL that is no file's.
  public init(contentsOf url: URL) throws(OnyxError) { try self.init(path: try url.localPath) }
}

extension Session {
  /// Loads the model file at a file URL, as `init(path:options:)` does. Throws `usage` for a URL that is no file's.
  public convenience init(contentsOf url: URL, options: SessionOptions = .init()) throws(OnyxError) {
    try self.init(path: try url.localPath, options: options)
  }
}

extension URL {
  fileprivate var localPath: String {
    get throws(OnyxError) {
      guard isFileURL else {
        throw .usage("The URL \(self) is no file.", remedy: "Onyx opens local files only; download the model first.")
      }
      return path
    }
  }
}
