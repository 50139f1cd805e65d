import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Files by patterns and files without a name. SAFETY: lists and texts of C are read while they live, and freed here.
extension FileBytes {
  /// The files and folders that a shell would put for a pattern with `*`, `?` and `[…]`, in alphabetical order.
  package static func paths(matching pattern: String) -> [String] {
    var list = unsafe glob_t()
    defer { unsafe globfree(&list) }
    guard unsafe glob(pattern, 0, nil, &list) == 0 else { return [] }
    return (0..<Int(unsafe list.gl_pathc)).compactMap { index in unsafe list.gl_pathv[index].map { unsafe String(cString: $0) } }
  }

  /// The path of a new file with these bytes that no folder lists, and that goes with the process. Throws `missingFile` where it cannot
  /// be written.
  package static func unnamedCopy(of bytes: [UInt8]) throws(OnyxError) -> String {
    let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    let template = "\(folder)/onyx-XXXXXX"
    guard let name = unsafe strdup(template) else { throw .budget("There is no memory for a path.") }
    defer { unsafe free(name) }
    let file = unsafe mkstemp(name)
    guard file >= 0 else {
      throw OnyxError(.missingFile, "No file can be made in '\(folder)'.", remedy: "Set TMPDIR to a folder of yours.")
    }
    unsafe unlink(name)
    let copy = "/dev/fd/\(file)"
    try write(bytes, to: copy)
    return copy
  }
}
