import OnyxGraph
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxThreads

/// Bytes of arena and outputs that hold a value which is still needed, while each step of a plan runs.
struct LiveMemory: Sendable {
  let bytes: [Int]

  init(_ plan: Plan) {
    var first: [Int: Int] = [:]
    var last: [Int: Int] = [:]
    // Who wrote a place of the arena, in the order of the steps: a view has no step and lives from its source's on.
    var writers: [Int: [Int]] = [:]
    for (position, step) in plan.steps.enumerated() {
      for value in step.inputs where value >= 0 {
        if first[value] == nil { first[value] = Self.source(of: value, plan, writers) ?? position }
        last[value] = position
      }
      for value in step.outputs where value >= 0 {
        first[value] = position
        last[value] = max(last[value] ?? position, position)
        if case .arena(let offset) = plan.locations[value] { writers[offset, default: []].append(position) }
      }
    }
    for output in plan.program.graph.outputs where first[output.index] != nil { last[output.index] = plan.steps.count - 1 }
    var ranges = Array(repeating: [Range<Int>](), count: plan.steps.count)
    for (value, start) in first {
      guard let range = Self.place(value, plan), let end = last[value] else { continue }
      for position in start...max(start, end) { ranges[position].append(range) }
    }
    bytes = ranges.map { Self.unionLength($0) }
  }

  private static func source(of value: Int, _ plan: Plan, _ writers: [Int: [Int]]) -> Int? {
    guard case .arena(let offset) = plan.locations[value] else { return nil }
    return writers[offset]?.last
  }

  /// Addresses as if the output buffers stood behind the arena; nil for what a run does not allocate.
  private static func place(_ value: Int, _ plan: Plan) -> Range<Int>? {
    switch plan.locations[value] {
    case .arena(let offset):
      guard let count = plan.heldByteCount(value) else { return nil }
      return offset..<offset + count
    case .output(let buffer):
      let start = plan.outputByteCounts[..<buffer].reduce(plan.arenaByteCount, +)
      return start..<start + plan.outputByteCounts[buffer]
    default: return nil
    }
  }

  /// Values that share memory count once.
  private static func unionLength(_ ranges: [Range<Int>]) -> Int {
    var (length, end) = (0, 0)
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where range.upperBound > end {
      length += range.upperBound - max(range.lowerBound, end)
      end = range.upperBound
    }
    return length
  }
}
