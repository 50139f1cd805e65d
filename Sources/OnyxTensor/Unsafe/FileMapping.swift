import COnyxSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file in memory, read-only: its pages are read when they are first touched.
///
/// Another program may cut the file short meanwhile. What is missing is then read as zeros, and the mapping is broken for good: whoever
/// computed with it asks `check(_:)` afterwards and throws its results away.
///
/// SAFETY: the pages are mapped from `init` to `deinit`, and only `Buffer`s that own this object point to them. They stay mapped when the
/// file shrinks: `csystem_guard_mapping` puts zeros in their place.
@safe package final class FileMapping: @unchecked Sendable {
  /// What messages call the file.
  package let name: String
  private let start: UnsafeMutableRawPointer?
  private let byteCount: Int
  private let guarded: OpaquePointer?
  /// Which file it is, and where it was found.
  private let identity: Identity

  private struct Identity {
    let path: String
    let device: UInt64
    let number: UInt64
  }

  /// Maps an open regular file of `status`; the descriptor can be closed afterwards. An empty file cannot be mapped and has no start.
  ///
  /// Throws `missingFile` with the number of the system's error, and `budgetExceeded` where there is no memory for it.
  /// - Parameter path: where the file is, to ask for its size later
  package init(descriptor: Int32, status: stat, name: String, path: String) throws(OnyxError) {
    guard let byteCount = Int(exactly: status.st_size), byteCount >= 0 else {
      throw OnyxError(.missingFile, "The file '\(name)' has no size.", remedy: "Check the path.")
    }
    self.name = name
    self.byteCount = byteCount
    identity = Identity(path: path, device: UInt64(truncatingIfNeeded: status.st_dev), number: UInt64(status.st_ino))
    guard byteCount > 0 else {
      unsafe (start, guarded) = (nil, nil)
      return
    }
    let mapped = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
      if errno == ENOMEM { throw .budget("There is no memory to map the file '\(name)'.", remedy: "Free memory or use a smaller file.") }
      throw OnyxError(.missingFile, "The file '\(name)' cannot be mapped (error \(errno)).", remedy: "Check the path.")
    }
    guard let guarded = unsafe csystem_guard_mapping(mapped, byteCount) else {
      unsafe munmap(mapped, byteCount)
      throw .budget("There is no memory to map the file '\(name)'.")
    }
    unsafe (start, self.guarded) = (mapped, guarded)
  }

  /// The bytes, which keep the mapping alive.
  package func buffer() -> Buffer {
    unsafe Buffer(viewing: UnsafeRawBufferPointer(start: start, count: byteCount), owner: self, isMappedFile: true)
  }

  /// Whether zeros were read in place of the file.
  package var isBroken: Bool { if let guarded = unsafe guarded { unsafe csystem_mapping_is_broken(guarded) } else { false } }

  /// Whether the file is shorter than when it was mapped. Within the last page that shows as zeros and not as a fault.
  private var isShort: Bool {
    var status = stat()
    guard unsafe stat(identity.path, &status) == 0 else { return false }
    return UInt64(truncatingIfNeeded: status.st_dev) == identity.device && UInt64(status.st_ino) == identity.number
      && Int(status.st_size) < byteCount
  }

  /// Whether zeros were read in place of any file of the process.
  package static var anyIsBroken: Bool { csystem_has_broken_mapping() }

  /// What was computed with a mapping that is broken.
  private var error: OnyxError {
    OnyxError(
      .missingFile, "The file '\(name)' was cut short, or could not be read any more, while it was in use.",
      remedy: "Load it again once it is whole; replace such a file by renaming a new one into its place, not by writing into it.")
  }

  /// Throws `missingFile` when zeros were read in place of one of the files. Costs one atomic read as long as that is true of no file of
  /// the process.
  ///
  /// - Parameter asksSizes: whether to ask the system for their sizes, too
  package static func check(_ files: [FileMapping], asksSizes: Bool = false) throws(OnyxError) {
    if csystem_has_broken_mapping(), let broken = files.first(where: \.isBroken) { throw broken.error }
    if asksSizes, let short = files.first(where: \.isShort) { throw short.error }
  }

  /// What `body` returns. When a file was cut short meanwhile, throws as `check(_:)` whatever `body` made of the zeros.
  package static func checking<R: ~Copyable>(
    _ files: [FileMapping], asksSizes: Bool = false, _ body: () throws(OnyxError) -> R
  ) throws(OnyxError) -> R {
    let result: R
    do throws(OnyxError) { result = try body() } catch {
      try check(files, asksSizes: asksSizes)
      throw error
    }
    try check(files, asksSizes: asksSizes)
    return result
  }

  deinit {
    if let guarded = unsafe guarded { unsafe csystem_release_mapping(guarded) }
    if let start = unsafe start { unsafe munmap(start, byteCount) }
  }
}
