import CSystem

extension ThreadPool {
  /// Processors in the affinity mask, limited by the control group's quota rounded up; at least 1.
  package static var defaultThreadCount: Int {
    let processors = Int(csystem_processor_count())
    guard let quota = controlGroupQuota else { return max(processors, 1) }
    return max(min(processors, Int(quota.rounded(.up))), 1)
  }

  /// Processors the control group may use per period (versions 2 and 1), nil without a limit.
  private static var controlGroupQuota: Double? {
    var quotas: [Double] = []
    var groups = [""]
    for line in read("/proc/self/cgroup").split(separator: "\n") {
      if let path = line.split(separator: ":", omittingEmptySubsequences: false).last { groups.append(String(path)) }
    }
    for group in groups {
      if let quota = parseQuota(read("/sys/fs/cgroup\(group)/cpu.max")) { quotas.append(quota) }
      let version1 = "/sys/fs/cgroup/cpu\(group)/cpu.cfs_"
      let pair = "\(read(version1 + "quota_us")) \(read(version1 + "period_us"))"
      if let quota = parseQuota(pair) { quotas.append(quota) }
    }
    return quotas.min()
  }

  /// Parses "QUOTA PERIOD" in microseconds; "max" and negative quotas mean no limit.
  static func parseQuota(_ text: String) -> Double? {
    let words = text.split { $0 == " " || $0 == "\n" }
    guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), quota > 0, period > 0
    else { return nil }
    return quota / period
  }

  /// The first 4 KiB of a file; empty when it cannot be read.
  private static func read(_ path: String) -> String {
    // SAFETY: the call writes at most `capacity` bytes and reports how many.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      let address = unsafe UnsafeMutableRawPointer(buffer.baseAddress!).assumingMemoryBound(to: CChar.self)
      let got = unsafe csystem_read_file(path, address, 4096)
      count = max(0, Int(got))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
