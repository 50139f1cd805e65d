import OnyxGraph

/// Which values share memory while a plan is made, how long each share lives, and who still reads it.
struct StorageClasses {
  private var parent: [Int]
  private var lives: [ClosedRange<Int>?]
  private var pendingReads: [Int]
  private var isOutput: [Bool]

  /// `readCounts` are the reads by all nodes, for each value.
  init(readCounts: [Int], outputs: [ValueID]) {
    parent = Array(0..<readCounts.count)
    lives = Array(repeating: nil, count: readCounts.count)
    pendingReads = readCounts
    isOutput = Array(repeating: false, count: readCounts.count)
    for id in outputs { isOutput[id.index] = true }
  }

  func root(_ id: ValueID) -> Int {
    var index = id.index
    while parent[index] != index { index = parent[index] }
    return index
  }

  /// Gives `target` the memory of `source`. Reads still to come of either keep the class alive.
  mutating func join(_ target: ValueID, to source: ValueID) {
    let (from, to) = (root(target), root(source))
    guard from != to else { return }
    parent[from] = to
    pendingReads[to] += pendingReads[from]
    isOutput[to] = isOutput[to] || isOutput[from]
    if let life = lives[from] { extend(to, life) }
  }

  /// The class of `id` is in use at step `position`.
  mutating func touch(_ id: ValueID, at position: Int) { extend(root(id), position...position) }

  private mutating func extend(_ root: Int, _ life: ClosedRange<Int>) {
    let old = lives[root] ?? life
    lives[root] = min(old.lowerBound, life.lowerBound)...max(old.upperBound, life.upperBound)
  }

  /// One of the reads counted at the start has been planned, or will not happen.
  mutating func dropReader(_ id: ValueID) { pendingReads[root(id)] -= 1 }

  /// Whether the read that is being planned is the last one of the whole class.
  func isLastRead(of id: ValueID) -> Bool { pendingReads[root(id)] == 1 }

  func holdsOutput(_ id: ValueID) -> Bool { isOutput[root(id)] }

  func life(of root: Int) -> ClosedRange<Int> { lives[root] ?? 0...0 }
}
