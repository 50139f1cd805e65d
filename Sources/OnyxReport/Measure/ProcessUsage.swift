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

/// Processor time and memory of this process.
enum ProcessUsage {
  /// Processor time of all threads so far, in milliseconds.
  static var processorMilliseconds: Double { Double(clock()) / ticksPerMillisecond }

  /// POSIX fixes the unit of `clock` at a microsecond.
  private static let ticksPerMillisecond = 1000.0

  /// The largest resident size so far, in bytes.
  ///
  /// Linux keeps what the process that started this one had in `ru_maxrss`, so its own record is read there.
  static var peakResidentBytes: Double { recordedPeak ?? accountedPeak }

  /// "VmHWM:   12345 kB" of /proc/self/status.
  private static var recordedPeak: Double? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { Double($0.filter(\.isNumber)) }.map { $0 * 1024 }
  }

  /// SAFETY: the system fills the struct that it is given for the call.
  private static var accountedPeak: Double {
    var usage = rusage()
    #if canImport(Darwin)
      let unit = 1.0
      unsafe getrusage(RUSAGE_SELF, &usage)
    #else
      let unit = 1024.0
      unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #endif
    return Double(usage.ru_maxrss) * unit
  }

  /// Lets the calling thread sleep; it wakes late rather than early.
  static func pause(milliseconds: Double) {
    guard milliseconds > 0 else { return }
    // `usleep` takes less than a second.
    let seconds = (milliseconds / 1e3).rounded(.down)
    if seconds > 0 { sleep(UInt32(seconds)) }
    usleep(UInt32((milliseconds - seconds * 1e3) * 1e3))
  }
}
