/// The loop nest of a broadcast binary function: axes of one element dropped, neighbours that both operands cross
/// with one stride merged. The last loop is the inner one; there is always at least one.
struct BroadcastLoops {
  private(set) var count: [Int] = []
  private(set) var a: [Int] = []
  private(set) var b: [Int] = []

  init(shape: [Int], a aStrides: [Int], b bStrides: [Int]) {
    for i in shape.indices where shape[i] != 1 {
      if let last = count.indices.last, a[last] == aStrides[i] * shape[i], b[last] == bStrides[i] * shape[i] {
        count[last] *= shape[i]
        a[last] = aStrides[i]
        b[last] = bStrides[i]
      } else {
        count.append(shape[i])
        a.append(aStrides[i])
        b.append(bStrides[i])
      }
    }
    if count.isEmpty { (count, a, b) = ([1], [1], [1]) }
  }

  var outerCount: Int { count.dropLast().reduce(1, *) }

  /// Offsets of both operands at one step of the outer loops.
  struct Position {
    private var index: [Int]
    private(set) var a = 0
    private(set) var b = 0

    init(_ loops: BroadcastLoops, at row: Int) {
      index = Array(repeating: 0, count: loops.count.count - 1)
      var rest = row
      for i in index.indices.reversed() {
        index[i] = rest % loops.count[i]
        rest /= loops.count[i]
        a += index[i] * loops.a[i]
        b += index[i] * loops.b[i]
      }
    }

    mutating func advance(_ loops: BroadcastLoops) {
      for i in index.indices.reversed() {
        index[i] += 1
        a += loops.a[i]
        b += loops.b[i]
        if index[i] < loops.count[i] { return }
        index[i] = 0
        a -= loops.count[i] * loops.a[i]
        b -= loops.count[i] * loops.b[i]
      }
    }
  }
}
