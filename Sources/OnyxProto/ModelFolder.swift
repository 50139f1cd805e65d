import OnyxTensor
import Synchronization

// SAFETY: C strings are passed for the length of one call; descriptors are closed on every path.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The folder of a model, and the only place from which its external data is read.
///
/// A location must be relative, and no ".." in it may lead out of the folder. The file it leads to, after all symbolic links, must lie
/// below the model's folder or below the folder of the file that the model's own path links to (the Hugging Face cache keeps both as
/// links into one folder of blobs). It is then opened component by component below that folder without following links, so that
/// nobody can swap a component in between. Each file is mapped once. Only regular files are opened for reading: what a path leads to is
/// looked at before.
///
/// SAFETY: the C functions get strings that end in NUL and a status to fill; what `realpath` allocates is freed here.
package final class ModelFolder: Sendable {
  /// As the user named it; locations are looked up here first.
  private let named: String
  /// Real paths of the folders that a file may lie in.
  private let allowed: [String]
  /// Where a location is looked up, in order.
  private let starts: [String]
  private let refusesHardLinks: Bool
  /// Whether elements are copied out of the files, for tensors that outlive whoever could tell that a file was cut short.
  let copiesElements: Bool
  private let mapped = Mutex<[String: MappedFile]>([:])
  /// SHA-1 of files that some tensor says, by location.
  private let digests = Mutex<[String: String]>([:])

  /// The folder of the model file at `path`.
  package convenience init(ofModelAt path: String, refusesHardLinks: Bool = false) {
    let named = Self.parent(path)
    let real = Self.realPath(path).map { Self.parent($0) }
    self.init(named: named, real: real, refusesHardLinks: refusesHardLinks)
  }

  /// The folder of a file of tensors, whose elements are copied.
  package convenience init(ofTensorsAt path: String) {
    let real = Self.realPath(path).map { Self.parent($0) }
    self.init(named: Self.parent(path), real: real, refusesHardLinks: false, copiesElements: true)
  }

  /// A folder that the caller names.
  package convenience init(path: String, refusesHardLinks: Bool = false) {
    self.init(named: path.isEmpty ? "." : path, real: nil, refusesHardLinks: refusesHardLinks)
  }

  private init(named: String, real: String?, refusesHardLinks: Bool, copiesElements: Bool = false) {
    self.named = named
    self.copiesElements = copiesElements
    self.refusesHardLinks = refusesHardLinks
    starts = [named] + (real.map { [$0] } ?? [])
    allowed = ([Self.realPath(named), real]).compactMap { $0 }
  }

  /// The content of the file at `location`. Throws `invalidModel` when the location leads out of the folder and `missingFile`
  /// when there is nothing to read.
  func file(at location: String) throws(OnyxError) -> ByteSlice {
    try Self.check(location)
    if let known = mapped.withLock({ $0[location] }) { return ByteSlice(known.buffer) }
    let file = try map(location)
    return mapped.withLock { files in
      if let earlier = files[location] { return ByteSlice(earlier.buffer) }
      files[location] = file
      return ByteSlice(file.buffer)
    }
  }

  /// The files that were read so far.
  package var mappings: [FileMapping] { mapped.withLock { $0.values.map(\.mapping) } }

  /// Throws `invalidModel` when the file at `location` has another SHA-1 than these 40 hexadecimal digits. Reads the whole file, once.
  func check(_ location: String, checksum: String) throws(OnyxError) {
    let digest: String
    if let known = digests.withLock({ $0[location] }) {
      digest = known
    } else {
      digest = try SHA1.digest(of: try file(at: location))
      digests.withLock { $0[location] = digest }
    }
    guard digest == checksum.lowercased() else {
      throw .invalid(
        "The file '\(location)' of its external data has the SHA-1 \(digest); the model says \(checksum).", remedy: OnyxError.damaged)
    }
  }

  private static func check(_ location: String) throws(OnyxError) {
    var depth = 0
    var leaves = false
    for component in location.split(separator: "/") where component != "." {
      depth += component == ".." ? -1 : 1
      leaves = leaves || depth < 0
    }
    guard !location.isEmpty, !location.utf8.contains(0), !location.hasPrefix("/"), !leaves, depth > 0 else {
      throw .invalid(
        "The location '\(location)' of its external data is not a path inside the model's folder.",
        remedy: "Save the model again with its data file beside it.")
    }
  }

  private func map(_ location: String) throws(OnyxError) -> MappedFile {
    for start in starts {
      guard let real = Self.realPath(start + "/" + location) else { continue }
      for folder in allowed {
        guard let components = Self.components(of: real, below: folder) else { continue }
        return try map(components, below: folder, location)
      }
      throw .invalid(
        "The location '\(location)' of its external data leads out of the model's folder, to '\(real)'.",
        remedy: "Put the data file itself into the model's folder.")
    }
    throw OnyxError(
      .missingFile, "Its external data file '\(location)' is not in the folder '\(named)'.",
      remedy: "Put the data file beside the model, under the name it was saved with.")
  }

  private func map(_ components: [String], below folder: String, _ location: String) throws(OnyxError) -> MappedFile {
    var descriptor = Self.openFolder(folder)
    defer { if descriptor >= 0 { close(descriptor) } }
    for (index, component) in components.enumerated() where descriptor >= 0 {
      let isLast = index == components.count - 1
      // To open a device or a pipe can already change something.
      var found = stat()
      if isLast, unsafe fstatat(descriptor, component, &found, AT_SYMLINK_NOFOLLOW) == 0, found.st_mode & S_IFMT != S_IFREG {
        throw .invalid("Its external data file '\(location)' is not a regular file.")
      }
      let kind = isLast ? O_NONBLOCK : O_DIRECTORY
      let next = unsafe openat(descriptor, component, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | kind)
      close(descriptor)
      descriptor = next
    }
    guard descriptor >= 0 else { throw .missing(location, MappedFile.reason(errno)) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .invalid("Its external data file '\(location)' is not a regular file.")
    }
    guard !refusesHardLinks || status.st_nlink == 1 else {
      throw .invalid("Its external data file '\(location)' has other hard links.", remedy: "Copy the file, or allow hard links.")
    }
    return try MappedFile(descriptor: descriptor, name: location, path: folder + "/" + components.joined(separator: "/"))
  }

  private static func openFolder(_ path: String) -> Int32 { unsafe open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY) }

  /// The path from `folder` to `path`, both real; nil when `path` is not below it.
  private static func components(of path: String, below folder: String) -> [String]? {
    let inner = path.split(separator: "/")
    let outer = folder.split(separator: "/")
    guard inner.count > outer.count, inner.starts(with: outer) else { return nil }
    return inner.dropFirst(outer.count).map(String.init)
  }

  private static func realPath(_ path: String) -> String? {
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  private static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
