import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// TfIdfVectorizer of integers, row by row.
///
/// SAFETY: see `KernelCall`; the numbers of n-grams and outputs are those of the operator, which checks them.
enum GramRows {
  static let all = [
    KernelRow("tf_idf_table", ["TfIdfVectorizer"], .input(0, [.int32, .int64])) { (op: TfIdfVectorizer, query) throws(OnyxError) in
      guard let x = query.input(0)?.shape, x.rank == 1 || x.rank == 2, x.elementCount > 0, op.width > 0 else {
        return .declined("there are no tokens")
      }
      let (rows, length) = (x.rank == 1 ? 1 : x[0], x[x.rank - 1])
      let counter = try query.packed("grams") { (_) throws(OnyxError) in GramCounter(op) }
      guard length < Int(Int32.max) else { return .declined("a row is out of proportion") }
      if query.input(0)?.elementType == .int32 { return run(counter, rows, length, Int32.self) }
      return run(counter, rows, length, Int64.self)
    }
  ]

  private static func run<T: FixedWidthInteger & BitwiseCopyable & Sendable>(
    _ counter: GramCounter, _ rows: Int, _ length: Int, _ type: T.Type
  ) -> Preparation {
    .run { call in
      let (x, y) = unsafe (call.input(0, as: T.self), call.output(0, as: Float.self))
      call.pool.parallelFor(count: rows, grain: max(1, 512 / length)) { range in
        var memory = GramCounter.Memory(counter, length)
        for row in range {
          let (from, to) = unsafe (x + row * length, y + row * counter.width)
          for place in 0..<length { memory.tokens[place] = unsafe counter.number(of: Int64(from[place])) }
          unsafe counter.count(&memory, into: to)
        }
      }
    }
  }
}

/// The n-grams of a pool in tables of integers.
final class GramCounter: Sendable {
  let width: Int
  private let tokens: NumberTable
  /// Children by node and token.
  private let edges: NumberTable
  /// The children of the root by token, and whether a node has children.
  private let roots: [Int32]
  private let isInner: [Bool]
  /// The n-grams that end at node i are `grams[ends[i]..<ends[i + 1]]`.
  private let ends: [Int32]
  private let grams: [Int32]
  private let outputs: [Int]
  /// Whether no output counts two n-grams, whose sum depends on the order.
  private let isDistinct: Bool
  private let weights: [Float]
  private let mode: TfIdfVectorizer.Mode
  private let lengths: ClosedRange<Int>
  private let skips: Int

  init(_ op: TfIdfVectorizer) {
    let pool = op.integerPool
    width = op.width
    tokens = NumberTable(pool.tokens)
    edges = NumberTable(pool.edges.map { (key: Self.key($0.node, $0.token), value: $0.child) })
    var roots = [Int32](repeating: NumberTable.none, count: (pool.edges.map { $0.token }.max() ?? -1) + 1)
    var isInner = [Bool](repeating: false, count: pool.gramsAtNode.count)
    for edge in pool.edges {
      if edge.node == 0 { roots[edge.token] = Int32(edge.child) }
      isInner[edge.node] = true
    }
    (self.roots, self.isInner) = (roots, isInner)
    var ends: [Int32] = [0]
    for grams in pool.gramsAtNode { ends.append(ends[ends.count - 1] + Int32(grams.count)) }
    self.ends = ends
    grams = pool.gramsAtNode.flatMap { $0.map { Int32($0) } }
    (outputs, weights, mode) = (op.outputs, op.weights, op.mode)
    isDistinct = Set(outputs).count == outputs.count
    lengths = op.lengths.lowerBound...max(op.lengths.lowerBound, min(op.lengths.upperBound, pool.longest))
    skips = op.skips
  }

  /// What one thread counts in.
  struct Memory {
    /// The tokens of a row as numbers; `NumberTable.none` where the pool lacks one.
    var tokens: [Int32]
    /// For each n-gram how often it was met.
    fileprivate var counts: [Int]
    fileprivate var met: [Int32] = []

    init(_ counter: GramCounter, _ length: Int) {
      tokens = [Int32](repeating: NumberTable.none, count: length)
      counts = [Int](repeating: 0, count: counter.outputs.count)
    }
  }

  private static func key(_ node: Int, _ token: Int) -> Int64 { Int64(node) << 32 | Int64(token) }

  func number(of token: Int64) -> Int32 { tokens[token] }

  /// Adds the n-grams of the row to zeros, in the order of the pool.
  func count(_ memory: inout Memory, into y: UnsafeMutablePointer<Float>) {
    let length = memory.tokens.count
    for step in 1...(lengths.upperBound == 1 ? 1 : min(skips, length) + 1) {
      // Single tokens are the same for every step.
      let shortest = step == 1 ? lengths.lowerBound : max(2, lengths.lowerBound)
      for piece in stride(from: 0, to: length, by: 1 << 12) {
        if WorkLimits.isOver { break }
        for start in piece..<min(piece + (1 << 12), length) { walk(from: start, step, shortest, &memory) }
      }
    }
    unsafe y.update(repeating: 0, count: width)
    if !isDistinct { memory.met.sort() }
    for gram in memory.met {
      let gram = Int(gram)
      let times = mode == .presence ? 1 : Float(memory.counts[gram])
      unsafe y[outputs[gram]] += mode == .frequency ? times : times * weights[gram]
      memory.counts[gram] = 0
    }
    memory.met.removeAll(keepingCapacity: true)
  }

  private func walk(from start: Int, _ step: Int, _ shortest: Int, _ memory: inout Memory) {
    var (node, position) = (0, start)
    for tokens in 1...lengths.upperBound {
      guard position < memory.tokens.count, memory.tokens[position] != NumberTable.none else { return }
      let token = Int(memory.tokens[position])
      let next = tokens == 1 ? (token < roots.count ? roots[token] : NumberTable.none) : edges[Self.key(node, token)]
      guard next != NumberTable.none else { return }
      node = Int(next)
      position += step
      if tokens >= shortest {
        for place in Int(ends[node])..<Int(ends[node + 1]) {
          let gram = Int(grams[place])
          if memory.counts[gram] == 0 { memory.met.append(Int32(gram)) }
          memory.counts[gram] += 1
        }
      }
      guard isInner[node] else { return }
    }
  }
}
