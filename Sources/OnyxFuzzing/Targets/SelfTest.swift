import Foundation
import OnyxTestSupport

/// No target of a campaign: its inputs do what no input may do, for tests of what watches over them.
package final class SelfTest: FuzzTarget {
  package static let name = "self-test"

  /// What an input does, by its first byte.
  package enum Deed: UInt8, CaseIterable { case nothing, trap, hang, grow, report }

  package init() {}

  package func input(_ generator: inout SeededGenerator) -> [UInt8] { [UInt8(generator.next() % UInt64(Deed.allCases.count))] }

  package func run(_ input: [UInt8]) throws(Finding) -> Bool {
    switch Deed(rawValue: input.first ?? 0) ?? .nothing {
    case .nothing: return true
    case .trap: preconditionFailure("This input traps.")
    case .hang: while true { spin &+= 1 }
    case .grow:
      var memory = [UInt8](repeating: 1, count: 600 << 20)
      memory[1] = UInt8(truncatingIfNeeded: getpid())
      usleep(2_000_000)
      return memory[1] > 0
    case .report: throw Finding("This input is reported.")
    }
  }
  private var spin = 0

  package func reductions(of input: [UInt8]) -> [[UInt8]] { [] }
}
