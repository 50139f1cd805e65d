import OnyxTensor

/// What an n-gram is made of. Texts are compared by their bytes.
enum Token: Hashable {
  case number(Int64)
  case text([UInt8])
}

/// The trie of a pool of integers.
package struct GramPool {
  /// The number of each token of the pool.
  package let tokens: [(key: Int64, value: Int)]
  package let edges: [(node: Int, token: Int, child: Int)]
  /// For each node the n-grams that end there.
  package let gramsAtNode: [[Int]]
  /// Tokens of the longest n-gram.
  package let longest: Int
}

/// The n-grams of a pool by their tokens.
struct GramTrie: Sendable {
  private struct Edge: Hashable { let node, token: Int }

  static let root = 0
  /// Tokens as small numbers.
  private var numbers: [Token: Int] = [:]
  private var children: [Edge: Int] = [:]
  /// For each node the n-grams that end there; a pool may hold one twice.
  private var gramsAtNode: [[Int]] = [[]]
  /// Tokens of the longest n-gram, at least 1.
  private(set) var longest = 1
  /// N-grams of the pool.
  private(set) var count = 0

  /// `starts[n]` is where the n-grams of n + 1 tokens begin; they lie one after another. Throws `invalidModel` unless these places ascend
  /// within the pool and hold whole n-grams.
  init(_ pool: [Token], starts: [Int]) throws(OnyxError) {
    guard starts.first == 0 || pool.isEmpty else { throw .invalid("The first of 'ngram_counts' must be 0.") }
    for (index, start) in starts.enumerated() {
      let (end, length) = (index + 1 < starts.count ? starts[index + 1] : pool.count, index + 1)
      guard start >= 0, end >= start, end <= pool.count, (end - start) % length == 0 else {
        throw .invalid("'ngram_counts' puts \(length)-grams at \(start) ..< \(end) of a pool of \(pool.count) tokens.")
      }
      for first in stride(from: start, to: end, by: length) { insert(pool[first..<first + length]) }
    }
  }

  private mutating func insert(_ gram: ArraySlice<Token>) {
    var node = Self.root
    for token in gram {
      let edge = Edge(node: node, token: numbers[token] ?? numbers.count)
      numbers[token] = edge.token
      if let next = children[edge] {
        node = next
      } else {
        node = gramsAtNode.count
        children[edge] = node
        gramsAtNode.append([])
      }
    }
    longest = max(longest, gram.count)
    gramsAtNode[node].append(count)
    count += 1
  }

  /// The tokens of a tensor as the trie's numbers; nil where the pool lacks one.
  func numbers(of x: Tensor) throws(OnyxError) -> [Int?] {
    if x.elementType == .string { return try x.strings().map { numbers[.text(Array($0.utf8))] } }
    return try x.integers().map { numbers[.number($0)] }
  }

  /// The trie in lists.
  var integerPool: GramPool {
    let tokens = numbers.compactMap { token, number -> (key: Int64, value: Int)? in
      if case .number(let value) = token { (key: value, value: number) } else { nil }
    }
    return GramPool(
      tokens: tokens, edges: children.map { (node: $0.key.node, token: $0.key.token, child: $0.value) }, gramsAtNode: gramsAtNode,
      longest: longest)
  }

  /// The node behind `node` for one more token.
  func child(of node: Int, _ token: Int) -> Int? { children[Edge(node: node, token: token)] }

  /// The n-grams that end at a node, as their places in the pool.
  func ends(at node: Int) -> [Int] { gramsAtNode[node] }
}
