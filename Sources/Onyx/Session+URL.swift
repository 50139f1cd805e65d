import OnyxTensor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Session {
  /// Loads the model file at a file URL, as `init(path:options:)` does.
  public convenience init(contentsOf url: URL, options: SessionOptions = .init()) throws(OnyxError) {
    guard url.isFileURL else {
      throw .usage("The URL \(url) is no file.", remedy: "Onyx opens local files only; download the model first.")
    }
    try self.init(path: url.path, options: options)
  }
}
