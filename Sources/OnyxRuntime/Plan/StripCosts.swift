/// What it costs to run steps for all items of a batch at once, or for a few of them at a time, in bytes that are read from the
/// last cache meanwhile.
package struct StripCosts: Sendable {
  /// Bytes that stay near the threads from one step to the next.
  let near: Int
  /// Bytes that stay out of memory.
  let last: Int
  /// One more call of a step.
  let call: Int
  /// One more reading of a byte of weights.
  let weight: Double
  /// What strips must save to be made.
  let gain: Int

  /// Alike on every machine and for every number of threads, so that a plan is.
  package static let standard = StripCosts(near: 1_600_000, last: 24 << 20, call: 100_000, weight: 2, gain: 2 << 20)

  package init(near: Int, last: Int, call: Int, weight: Double, gain: Int) {
    (self.near, self.last, self.call, self.weight, self.gain) = (near, last, call, weight, gain)
  }

  /// A step of the graph as its cost sees it.
  package struct Work {
    package let node: Int
    /// Bytes of inputs and outputs that hold items, of all items together.
    package let bytes: Double
    /// Those of the outputs.
    package let outputBytes: Double
    /// Bytes of constants.
    package let constantBytes: Double
    /// Multiply–accumulate operations of all items.
    package let products: Double
    /// The fewest items in a call; that of the batch where the step has to see all of them.
    package let fewest: Int

    package init(node: Int, bytes: Double, outputBytes: Double, constantBytes: Double, products: Double, fewest: Int) {
      (self.node, self.bytes, self.outputBytes) = (node, bytes, outputBytes)
      (self.constantBytes, self.products, self.fewest) = (constantBytes, products, fewest)
    }
  }

  /// Bytes at the last cache's rate for `bytes` that were written while `held` are in use.
  private func traffic(_ bytes: Double, held: Double) -> Double {
    let (near, last) = (Double(near), Double(last))
    if held <= last { return bytes * min(max(held / near - 1, 0), 1) }
    return bytes * (1 + 2 * min(held / last - 1, 1))
  }

  private func cost(_ work: Work, count: Int, of items: Int) -> Double {
    let rounds = Double(items / count)
    // Weights are read while others are multiplied.
    let weights = max(weight * work.constantBytes - 0.4 * work.products / rounds, 0)
    return traffic(work.bytes, held: work.bytes / rounds) + (rounds - 1) * (weights + Double(call))
  }

  /// The items of a call for each step, those of the batch where strips do not pay.
  package func counts(_ works: [Work], items: Int) -> [Int] {
    guard items > 1 else { return Array(repeating: items, count: works.count) }
    let choices = (1...min(items, 32)).filter { items % $0 == 0 && $0 < items } + [items]
    let all = choices.count - 1
    var costs = [Double](repeating: 0, count: choices.count)
    var whole = 0.0
    var origins: [[Int]] = []
    for (position, work) in works.enumerated() {
      // What two strips hand over is there for all items.
      let handed = position == 0 ? 0 : traffic(works[position - 1].outputBytes, held: works[position - 1].outputBytes)
      let cheapest = costs.indices.min { costs[$0] < costs[$1] } ?? all
      var next: [Double] = []
      var origin: [Int] = []
      for (index, count) in choices.enumerated() {
        let isKept = costs[index] <= costs[cheapest] + handed
        origin.append(isKept ? index : cheapest)
        let before = isKept ? costs[index] : costs[cheapest] + handed
        next.append(count < work.fewest ? .infinity : before + cost(work, count: count, of: items))
      }
      whole += cost(work, count: items, of: items)
      costs = next
      origins.append(origin)
    }
    guard var index = costs.indices.min(by: { costs[$0] < costs[$1] }), costs[index] + Double(gain) < whole else {
      return Array(repeating: items, count: works.count)
    }
    var counts = Array(repeating: items, count: works.count)
    for position in works.indices.reversed() {
      counts[position] = choices[index]
      index = origins[position][index]
    }
    return counts
  }
}
