import COnyxSystem
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that is being written: beside its place, under a name of its own, until `finish()` renames it. Whoever reads meanwhile sees the
/// old file or the new one, never a part, and a file that is not finished leaves nothing behind.
///
/// What is no regular file (a terminal, a pipe, a device) is written where it is; a link stands for the file that it leads to.
///
/// SAFETY: the system calls get paths that end in NUL, and bytes that are the caller's for the time of the call.
final class OutputFile {
  private let path: String
  private let target: String
  /// The name until the end; nil for what is written where it is.
  private let beside: String?
  private let note: Int32
  private var descriptor: Int32
  private var isFinished = false

  /// Throws `missingFile` when the path cannot be written, `outputFailed` when there is no room for a file.
  init(_ path: String) throws(OnyxError) {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw OnyxError(.missingFile, "'\(path)' is not the path of a file.") }
    self.path = path
    if let stream = Self.openDescriptor(path) {
      (target, beside, note) = (path, nil, -1)
      descriptor = dup(stream)
      guard descriptor >= 0 else { throw Self.error(path) }
      return
    }
    let target = try Self.target(of: path)
    self.target = target
    var status = stat()
    let exists = unsafe stat(target, &status) == 0
    guard exists || errno == ENOENT else { throw Self.error(path) }
    if exists, status.st_mode & S_IFMT != S_IFREG {
      // Without O_NONBLOCK, opening a pipe would wait for a reader.
      (beside, note) = (nil, -1)
      descriptor = unsafe open(target, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
      guard descriptor >= 0 else { throw Self.error(path) }
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
      return
    }
    if exists, unsafe access(target, W_OK) != 0 { throw Self.error(path) }
    let folder = target.lastIndex(of: "/").map { String(target[...$0]) } ?? ""
    let beside = "\(folder).onyx-\(getpid())-\(UInt32.random(in: 0...(.max)))"
    self.beside = beside
    note = unsafe csystem_note_temporary(beside)
    descriptor = unsafe open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else {
      let error = Self.error(path)
      csystem_forget_temporary(note)
      isFinished = true
      throw error
    }
    guard exists else { return }
    _ = fchmod(descriptor, status.st_mode & 0o7777)
    if status.st_uid != geteuid() || status.st_gid != getegid() { _ = fchown(descriptor, status.st_uid, status.st_gid) }
  }

  /// Appends the bytes. Throws `outputFailed` when there is no room for them.
  @unsafe func write(_ bytes: UnsafeRawBufferPointer) throws(OnyxError) {
    guard unsafe writeAll(descriptor, bytes) else { throw Self.error(path) }
  }

  /// Gives the file its name. Throws `outputFailed` when that fails: the name then stands for what it stood for before.
  func finish() throws(OnyxError) {
    let closed = close(descriptor)
    descriptor = -1
    // A descriptor is closed though the call was interrupted.
    guard closed == 0 || errno == EINTR else { throw Self.error(path) }
    guard let beside else { return }
    guard unsafe rename(beside, target) == 0 else { throw Self.error(path) }
    csystem_forget_temporary(note)
    isFinished = true
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    guard let beside, !isFinished else { return }
    unsafe unlink(beside)
    csystem_forget_temporary(note)
  }

  /// The number of an open stream that a path stands for; nil for any other path.
  static func openDescriptor(_ path: String) -> Int32? {
    switch path {
    case "/dev/stdin": return STDIN_FILENO
    case "/dev/stdout": return STDOUT_FILENO
    case "/dev/stderr": return STDERR_FILENO
    default: break
    }
    for folder in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(folder) { return Int32(path.dropFirst(folder.count)) }
    return nil
  }

  /// Where the path leads, through links, so that these stay.
  private static func target(of path: String) throws(OnyxError) -> String {
    var path = path
    for _ in 0..<40 {
      guard let link = link(at: path) else { return path }
      let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
      path = link.hasPrefix("/") ? link : folder + link
    }
    errno = ELOOP
    throw error(path)
  }

  private static func link(at path: String) -> String? {
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { room, count in
      count = unsafe max(0, readlink(path, UnsafeMutableRawPointer(room.baseAddress!).assumingMemoryBound(to: CChar.self), room.count))
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  private static func error(_ path: String) -> OnyxError { .unwritable("'\(path)'", errno) }
}

/// Whether all bytes were written; where not, `errno` tells why.
///
/// SAFETY: the bytes are the caller's for the time of the call.
@unsafe private func writeAll(_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
  var done = 0
  while done < bytes.count {
    let count = unsafe write(file, bytes.baseAddress! + done, bytes.count - done)
    if count > 0 { done += count } else if count == 0 || errno != EINTR { return false }
  }
  return true
}

extension OnyxError {
  /// What could not be written, and why: `missingFile` for a path that cannot be, `outputFailed` for what went wrong on the way.
  package static func unwritable(_ what: String, _ number: Int32) -> OnyxError {
    let reason = unsafe String(cString: strerror(number))
    let text = "\(what) cannot be written: \(reason)."
    switch number {
    case ENOENT, ENOTDIR, EACCES, EPERM, EROFS, EISDIR, ELOOP, ENAMETOOLONG, ENXIO, EBUSY, ETXTBSY:
      return OnyxError(.missingFile, text, remedy: "Check the folder and its permissions.")
    default: return OnyxError(.outputFailed, text, remedy: "Check the room that is left, or write somewhere else.")
    }
  }
}
