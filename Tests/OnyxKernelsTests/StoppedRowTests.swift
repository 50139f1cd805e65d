import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import Testing

/// Kernels that are told to end at any of their portions: nothing that they left out may be an index or a size of what follows. A run that
/// was told so throws; one that was not has the usual results.
@Suite("Rows can be ended at every portion")
struct StoppedRowTests {
  @Test(arguments: RowSweepTests.rows) func endsAnywhere(_ swept: SweptRow) throws {
    let row = try #require(KernelTable.rows.first { $0.name == swept.name })
    let table = KernelTable(disabled: Set(KernelTable.rows.map(\.name)).subtracting([row.name]))
    for type in ElementType.allCases.filter({ row.possibleElements.contains($0) }).prefix(2) {
      for test in try swept.cases(type) {
        let (graph, given) = try test.graph()
        let plan = try GraphRun.plan(graph, given, table: table)
        let expected = try GraphRun.run(plan, given, threads: 1)
        for threads in [1, 2] {
          for questions in [0, 1, 2, 3, 5, 9, 17] {
            do {
              let results = try GraphRun.run(plan, given, threads: threads, control: RunControl(questions: questions))
              for (result, usual) in zip(results, expected) {
                #expect(result.hasEqualBits(to: usual), "\(swept.name), \(test.op) of \(type), ended after \(questions)")
              }
            } catch let error as OnyxError {
              #expect(error.reason == "The deadline of the run has passed.", "\(swept.name), \(test.op) of \(type): \(error)")
            }
          }
        }
      }
    }
  }
}
