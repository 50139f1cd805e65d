import COnyxFuzz
import Foundation
import OnyxTestSupport

/// The process in which inputs are tried, one after the other. It says in its slot what it is about to do; when it dies, the slot tells
/// of what.
package final class Worker {
  /// Exit code of a worker that an input showed a finding.
  package static let found: Int32 = 9

  private let target: any FuzzTarget
  private let slot: Slot
  private let limits: Limits

  /// - Parameter slot: the path of the slot's file.
  package init(_ target: any FuzzTarget.Type, slot: String, limits: Limits) throws {
    self.slot = try Slot(path: slot)
    self.limits = limits
    self.target = try target.init()
  }

  /// The generator of an input: of the campaign's seed, the target and the input's number alone.
  package static func generator(_ seed: UInt64, _ name: String, _ index: UInt64) -> SeededGenerator {
    let mixed = name.utf8.reduce(seed &* 0x9E37_79B9_7F4A_7C15) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    var generator = SeededGenerator(seed: mixed &+ index &* 0xD134_2543_DE82_EF95)
    return SeededGenerator(seed: generator.next())
  }

  /// Tries inputs until `until` or `end`. Ends the process at the first finding.
  package func run(seed: UInt64, from start: UInt64, to end: UInt64, until: ContinuousClock.Instant) {
    let name = type(of: target).name
    var regions = Regions()
    _ = regions.update()
    var settled = 0
    var index = start
    while index < end, index % 16 != 0 || ContinuousClock.now < until {
      slot.index = index
      slot.state = .making
      var generator = Self.generator(seed, name, index)
      let input = target.input(&generator)
      slot.input = input
      slot.state = .trying
      if attempt(input) { slot.accepted += 1 }
      slot.state = .making
      slot.tried += 1
      if regions.isCounting, regions.update() > 0 {
        target.learn(input)
        slot.learned += 1
      }
      index += 1
      // What stays behind is watched once the caches of a process are filled.
      if index - start == limits.settlingInputs { settled = ProcessState.own.residentBytes }
      if index % 256 == 0, settled > 0, ProcessState.own.residentBytes - settled > limits.growth {
        fail("Memory grew from \(settled >> 20) to \(ProcessState.own.residentBytes >> 20) MB in \(index - start) inputs.")
      }
    }
    slot.state = .finished
  }

  /// Tries one input; ends the process at a finding.
  package func replay(_ input: [UInt8]) -> Bool {
    slot.input = input
    slot.state = .trying
    defer { slot.state = .finished }
    return attempt(input)
  }

  private func attempt(_ input: [UInt8]) -> Bool {
    do throws(Finding) {
      defer { slot.child = target.child }
      let isGood = try target.run(input)
      let peak = ProcessState.peakBytes
      if peak > limits.memory { fail("The process has taken \(peak >> 20) MB.") }
      return isGood
    } catch { fail(error.description) }
  }

  private func fail(_ text: String) -> Never {
    slot.state = .finding
    try? FileHandle.standardError.write(contentsOf: Data("finding: \(text)\n".utf8))
    exit(Self.found)
  }
}

/// What one input may take.
package struct Limits: Sendable {
  /// Seconds of processor time, and of time while nothing is computed.
  package var seconds: Double
  package var idleSeconds: Double
  /// Bytes of the process at its largest.
  package var memory: Int
  /// Bytes that a process may grow by once it has tried `settlingInputs`.
  package var growth: Int
  package var settlingInputs: UInt64 = 4000

  package init(seconds: Double, idleSeconds: Double, memory: Int, growth: Int) {
    self.seconds = seconds
    self.idleSeconds = idleSeconds
    self.memory = memory
    self.growth = growth
  }

  /// 2 s and 1 GB; more under a sanitizer, which keeps what was freed and computes several times as long.
  package static var standard: Limits {
    onyx_fuzz_has_address_sanitizer()
      ? Limits(seconds: 10, idleSeconds: 60, memory: 3 << 30, growth: 1 << 30)
      : Limits(seconds: 2, idleSeconds: 30, memory: 1 << 30, growth: 256 << 20)
  }
}
