import Foundation
import OnyxKernels
import OnyxTensor
import Synchronization

/// Which kernel rows the tests of one process ran, with which instruction set, number of threads and element type. Where the environment
/// names a file in `ONYX_REACHED_ROWS`, the process writes there, as it ends, what no test has reached; `tools/test` wants it empty.
enum ReachedRows {
  private static let uses = Mutex<Set<RowUse>>([])

  /// Whether somebody wants to know; the first question arranges for the file to be written.
  static var isWanted: Bool { file != nil }

  private static let file: String? = {
    guard let file = ProcessInfo.processInfo.environment["ONYX_REACHED_ROWS"] else { return nil }
    atexit { ReachedRows.write() }
    return file
  }()

  static let rows = Dictionary(uniqueKeysWithValues: KernelTable.rows.map { ($0.name, $0) })

  static func record(_ made: Set<RowUse>) { uses.withLock { $0.formUnion(made) } }

  /// A line for each row and what no test ran it with.
  private static func missing() -> [String] {
    let uses = Dictionary(grouping: uses.withLock { $0 }, by: \.row)
    return KernelTable.rows.flatMap { row -> [String] in
      guard let own = uses[row.name] else { return ["\(row.name): never"] }
      let isas = ISA.tiers.map(\.name).filter { name in !own.contains { $0.isa == name } }
      let threads = (1...3).filter { count in !own.contains { min($0.threads, 3) == count } }
      let types = row.possibleElements.filter { type in !own.contains { $0.elementType == type } }
      return isas.map { "\(row.name): \($0)" } + threads.map { "\(row.name): \($0) threads" } + types.map { "\(row.name): \($0)" }.sorted()
    }
  }

  private static func write() {
    guard let file else { return }
    let text = missing().map { $0 + "\n" }.joined()
    try? text.write(toFile: file, atomically: true, encoding: .utf8)
  }
}
