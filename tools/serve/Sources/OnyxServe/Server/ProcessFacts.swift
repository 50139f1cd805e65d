#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the system knows of this process.
///
/// SAFETY: the structures given to getrusage(2) and getrlimit(2) live until the calls return.
package enum ProcessFacts {
  /// Seconds since 1970.
  package static var unixTime: Double { Date().timeIntervalSince1970 }

  /// Now, as logs have it: "2026-01-31T12:00:00.000Z".
  package static var timestamp: String { Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }

  /// Bytes of memory in use; nil where /proc does not tell it.
  package static var residentBytes: Int? {
    guard let text = try? String(decoding: Files.read("/proc/self/statm"), as: UTF8.self) else { return nil }
    let words = text.split(separator: " ")
    guard words.count > 1, let pages = Int(words[1]) else { return nil }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }

  /// Open descriptors; nil where /proc does not tell it.
  package static var openFiles: Int? { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count }

  /// Time of processors in seconds.
  package static var processorSeconds: Double {
    var usage = rusage()
    #if canImport(Darwin)
      _ = unsafe getrusage(RUSAGE_SELF, &usage)
    #else
      _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #endif
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// Lets the process have as many open connections as the system allows it, and returns how many files that are.
  package static func raiseFileLimit() -> Int {
    var limit = rlimit()
    #if canImport(Glibc)
      guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
      if limit.rlim_cur < limit.rlim_max {
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
      }
    #endif
    return Int(clamping: limit.rlim_cur)
  }
}

/// Files as a whole.
package enum Files {
  /// Writes in one piece, so that lines of several threads do not mix. What cannot be written is lost.
  package static func writeToStandardError(_ bytes: [UInt8]) {
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// The bytes of a file. Throws `unavailable` when it cannot be read or has more than `limit` bytes.
  package static func read(_ path: String, limit: Int = 16 << 20) throws(Failure) -> [UInt8] {
    // What /proc has tells no size, so it is read to its end.
    guard let file = unsafe fopen(path, "rb") else { throw Failure(.unavailable, "'\(path)' cannot be read.") }
    defer { _ = unsafe fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe fread(&piece, 1, piece.count, file)
      guard count > 0 else { break }
      bytes += piece[..<count]
      guard bytes.count <= limit else { throw Failure(.unavailable, "'\(path)' has more than \(limit) bytes.") }
    }
    guard unsafe ferror(file) == 0 else { throw Failure(.unavailable, "'\(path)' cannot be read.") }
    return bytes
  }
}
