import COnyxSystem

/// The file that the code of Onyx was loaded from: a program, or a library.
package enum CodeFile {
  /// Its size in bytes and the time of its last change in nanoseconds, which another build does not share; nil where it cannot be told.
  ///
  /// SAFETY: the function fills two numbers.
  package static func sizeAndTime() -> (size: Int64, nanoseconds: Int64)? {
    var (size, nanoseconds): (Int64, Int64) = (0, 0)
    guard unsafe csystem_image(&size, &nanoseconds) else { return nil }
    return (size, nanoseconds)
  }
}
