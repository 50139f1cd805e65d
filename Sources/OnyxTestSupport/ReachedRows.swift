import Foundation
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import Synchronization

/// Which kernel rows the tests of one process ran, with which instruction set, number of threads and element type. Where the environment
/// names a file in `ONYX_REACHED_ROWS`, the process writes there, as it ends, what no test has reached; `tools/test` wants it empty.
enum ReachedRows {
  /// What a kernel depends on beside shapes; the names of the rows make most of it.
  struct Use: Hashable {
    let row: String
    let isa: String
    let threads: Int
    let elementType: ElementType?
  }

  private static let uses = Mutex<Set<Use>>([])

  /// Whether somebody wants to know; the first question arranges for the file to be written.
  private static let file: String? = {
    guard let file = ProcessInfo.processInfo.environment["ONYX_REACHED_ROWS"] else { return nil }
    atexit { ReachedRows.write() }
    return file
  }()

  /// The steps of a plan that run with these threads.
  static func record(_ plan: Plan, threads: Int) {
    guard file != nil else { return }
    let isa = plan.program.isa.name
    let made = plan.steps.map { step in
      Use(row: step.kernelName, isa: isa, threads: min(threads, 3), elementType: elementType(of: step, in: plan))
    }
    uses.withLock { $0.formUnion(made) }
  }

  /// The type that the row of a step is chosen by.
  private static func elementType(of step: Plan.Step, in plan: Plan) -> ElementType? {
    func type(_ values: [Int], _ index: Int) -> ElementType? {
      guard values.indices.contains(index), values[index] >= 0 else { return nil }
      return plan.types[values[index]]?.elementType
    }
    switch rows[step.kernelName]?.elements.place {
    case .input(let index): return type(step.inputs, index)
    case .output(let index): return type(step.outputs, index)
    case .everywhere: return type(step.inputs, 0) ?? type(step.outputs, 0)
    case nil: return nil
    }
  }

  private static let rows = Dictionary(uniqueKeysWithValues: KernelTable.rows.map { ($0.name, $0) })

  /// A line for each row and what no test ran it with.
  private static func missing() -> [String] {
    let uses = uses.withLock { $0 }
    return KernelTable.rows.flatMap { row -> [String] in
      let own = uses.filter { $0.row == row.name }
      guard !own.isEmpty else { return ["\(row.name): never"] }
      let isas = ISA.tiers.map(\.name).filter { name in !own.contains { $0.isa == name } }
      let threads = (1...3).filter { count in !own.contains { $0.threads == count } }
      let types = row.elements.types.filter { type in !own.contains { $0.elementType == type } }
      return isas.map { "\(row.name): \($0)" } + threads.map { "\(row.name): \($0) threads" }
        + types.map { "\(row.name): \($0)" }.sorted()
    }
  }

  private static func write() {
    guard let file else { return }
    let text = missing().map { $0 + "\n" }.joined()
    try? text.write(toFile: file, atomically: true, encoding: .utf8)
  }
}
