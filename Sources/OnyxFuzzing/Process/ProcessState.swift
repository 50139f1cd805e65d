import Foundation

/// What the system says of a process.
package struct ProcessState {
  private let folder: String

  package static let own = ProcessState(folder: "/proc/self")

  private init(folder: String) { self.folder = folder }

  package init(_ identifier: Int32) { self.init(folder: "/proc/\(identifier)") }

  /// Bytes that are in memory now; 0 where the system does not tell.
  package var residentBytes: Int {
    let words = text("statm").split(separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  }

  /// Seconds of processor time of all its threads so far; nil where the system does not tell.
  package var processorSeconds: Double? {
    let line = text("stat")
    // The name, in parentheses, may hold anything.
    guard let end = line.lastIndex(of: ")") else { return nil }
    let words = line[end...].split(separator: " ")
    guard words.count > 13, let user = Double(words[12]), let system = Double(words[13]) else { return nil }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  private func text(_ name: String) -> String {
    guard let file = FileHandle(forReadingAtPath: "\(folder)/\(name)") else { return "" }
    defer { try? file.close() }
    return String(decoding: (try? file.read(upToCount: 4096)) ?? Data(), as: UTF8.self)
  }

  /// Bytes of this process at its largest; 0 where the system does not tell. What `getrusage` says would include the process that started
  /// this one.
  package static var peakBytes: Int {
    let line = own.text("status").split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line.flatMap { Int($0.filter(\.isNumber)) } ?? 0) * 1024
  }
}
