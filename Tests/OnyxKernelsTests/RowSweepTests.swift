import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// Rows alone in the kernel table against the reference, with every element type that they serve, each instruction set, and 1, 2 and
/// 3 threads: rows that stand behind a faster one for some types as well, and those that move elements of every type.
@Suite("Rows equal the reference for every element type")
struct RowSweepTests {
  static let rows =
    SweptRow.movement + SweptRow.patterns + SweptRow.indexing + SweptRow.elementwise + SweptRow.conversions + SweptRow.numeric
    + SweptRow.learned

  @Test(arguments: rows) func equalsTheReference(_ swept: SweptRow) throws {
    let row = try #require(KernelTable.rows.first { $0.name == swept.name })
    let table = KernelTable(disabled: Set(KernelTable.rows.map(\.name)).subtracting([row.name]))
    for type in ElementType.allCases where row.possibleElements.contains(type) {
      let cases = try swept.cases(type)
      #expect(!cases.isEmpty, "\(row.name) of \(type)")
      try withEvery(cases) { test in try Self.check(test, swept, type, table) }
    }
  }

  private static func check(_ test: NodeCase, _ swept: SweptRow, _ type: ElementType, _ table: KernelTable) throws {
    let expected = try test.run(.referenceOnly).results
    for isa in ISA.tiers {
      var single: [Tensor] = []
      let counts = [1, 2, 3]
      for (threads, run) in zip(counts, try test.traced(table, isa: isa, threads: counts)) {
        let label = "\(swept.name), \(test.op) of \(type), \(isa.name), \(threads) threads"
        #expect(run.uses == [RowUse(row: swept.name, isa: isa.name, threads: threads, elementType: type)], "\(label)")
        guard threads > 1 else {
          single = run.results
          for (a, e) in zip(single, expected) { try expect(a, agreesWith: e, swept.agreement(type), label) }
          continue
        }
        for (a, e) in zip(run.results, single) { #expect(a.hasEqualBits(to: e), "\(label)") }
      }
    }
  }

  private static func expect(
    _ actual: Tensor, agreesWith expected: Tensor, _ agreement: SweptRow.Agreement, _ label: String
  ) throws {
    if actual.hasEqualBits(to: expected) { return }
    switch agreement {
    case .bits: Issue.record("\(label): \(actual.typeDescription) has other bits than \(expected.typeDescription)")
    case .numbers: try GenericRowTests.expectIdentical(actual, expected, label)
    case .near(let part, let least): try expect(actual, expected, label) { part * $0.magnitude + least }
    case .within(let part):
      let scale = try expected.doubles().reduce(1e-300) { $1.isFinite ? max($0, $1.magnitude) : $0 }
      try expect(actual, expected, label) { _ in part * scale }
    }
  }

  private static func expect(_ actual: Tensor, _ expected: Tensor, _ label: String, tolerance: (Double) -> Double) throws {
    guard actual.elementType == expected.elementType, actual.shape == expected.shape else {
      Issue.record("\(label): \(actual.typeDescription) instead of \(expected.typeDescription)")
      return
    }
    let (a, e) = (try actual.doubles(), try expected.doubles())
    let wrong = e.indices.first { index in
      let (a, e) = (a[index], e[index])
      return !(a == e || (a.isNaN && e.isNaN) || (a - e).magnitude <= tolerance(e))
    }
    if let wrong { Issue.record("\(label): element \(wrong) is \(a[wrong]) instead of \(e[wrong])") }
  }
}
