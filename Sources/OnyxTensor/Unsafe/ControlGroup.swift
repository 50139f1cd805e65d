import COnyxSystem

/// The limits that a container sets: the files of the control groups (versions 2 and 1) that this process is in.
package enum ControlGroup {
  /// What a file says in every group of the process; `version1` is its place below `/sys/fs/cgroup` in version 1, with
  /// "%" for the group. Files that are not there are left out. Outside Linux there are none.
  package static func contents(_ version2: String, version1: [String]) -> [String] {
    var groups = [""]
    for line in read("/proc/self/cgroup").split(separator: "\n") {
      if let path = line.split(separator: ":", omittingEmptySubsequences: false).last { groups.append(String(path)) }
    }
    return groups.flatMap { group in
      let old = version1.map {
        read("/sys/fs/cgroup/" + $0.split(separator: "%", omittingEmptySubsequences: false).joined(separator: group))
      }
      return [read("/sys/fs/cgroup\(group)/\(version2)"), old.joined(separator: " ")].filter { $0.contains { !$0.isWhitespace } }
    }
  }

  /// Bytes of memory that the control group may use; nil without a limit.
  package static var memoryLimit: Int? {
    contents("memory.max", version1: ["memory%/memory.limit_in_bytes"]).compactMap { text in Int(text.filter { !$0.isWhitespace }) }.filter
    { $0 > 0 }.min()
  }

  /// The first 4 KiB of a file; empty when it cannot be read.
  private static func read(_ path: String) -> String {
    // SAFETY: the call writes at most `capacity` bytes and reports how many.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      let got = unsafe csystem_read_file(path, UnsafeMutableRawPointer(start).assumingMemoryBound(to: CChar.self), 4096)
      count = max(0, Int(got))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
