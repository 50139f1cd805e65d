import OnyxAttention
import OnyxFigures
import OnyxImages
import OnyxInsight
import OnyxOperators
import OnyxTensor

/// What one block did in some runs: all of its gates, and the maps of the first pictures.
struct BlockObservation: Sendable {
  /// The maps that one tensor had.
  struct Maps: Sendable {
    var grids: [NumberGrid] = []
    var isPlace = true
    /// Mean and deviation over all pictures, while they have one size.
    var sum: [Double] = []
    var squares: [Double] = []
    var count = 0
    var isOneSize = true
  }

  /// The weights of one picture's queries.
  struct Queries: Sendable {
    let heads: [NumberGrid]
    /// Of the block's input in that run.
    let inputShape: [Int]?
    /// Which part of the picture, and of how many, where every part attends on its own.
    let part: (index: Int, count: Int)?
  }

  let block: GraphAnalysis.Block
  /// By branch and picture.
  private(set) var branches: [[[Double]]] = []
  /// By tensor: the maps, and gates for rows and columns.
  private(set) var maps: [Maps] = []
  /// By picture.
  private(set) var queries: [Queries] = []
  private(set) var statistics = BlockStatistics()
  /// Tensors that could not be drawn.
  private(set) var undrawn = 0

  /// Pictures whose maps are kept.
  static let mapLimit = 16
  static let queryLimit = 2

  init(_ block: GraphAnalysis.Block) { self.block = block }

  /// Adds one run's tensors; `picture` is the first that the run saw.
  mutating func add(_ results: [String: Tensor], inputShape: [Int]?, picture: Pixels? = nil) throws(OnyxError) {
    var place = 0
    for name in block.facts.gates {
      guard let tensor = results[name] else { continue }
      add(try ObservedTensor(gate: tensor, of: block, inputShape: inputShape), &place, inputShape)
    }
    for name in block.facts.maps {
      guard let tensor = results[name] else { continue }
      let observed = try ObservedTensor(map: tensor, of: block, inputShape: inputShape)
      // The first run tells of the heads: another may have more tokens.
      if case .queries(let pictures) = observed, statistics.heads.isEmpty, let matrix = pictures.first?.first {
        let places = Self.places(KeyPlaces(matrix, input: inputShape, picture: picture))
        statistics.heads = try HeadStatistics.of(
          tensor, heads: block.facts.heads, places: block.match.kind.seesWholePicture ? places : nil)
      }
      add(observed, &place, inputShape)
    }
  }

  private static func places(_ keys: KeyPlaces) -> HeadStatistics.Places? {
    keys.isGrid ? HeadStatistics.Places(width: keys.width, height: keys.height, extra: keys.extra) : nil
  }

  private mutating func add(_ observed: ObservedTensor?, _ place: inout Int, _ inputShape: [Int]?) {
    switch observed {
    case nil: undrawn += 1
    case .vectors(let vectors):
      if branches.isEmpty { branches = Array(repeating: [], count: vectors.count) }
      for (branch, pictures) in vectors.enumerated() where branch < branches.count {
        branches[branch] += pictures
      }
      addStatistics(vectors)
    case .grids(let grids, let isPlace, let isShare):
      if maps.count <= place { maps.append(Maps(isPlace: isPlace)) }
      for grid in grids {
        maps[place].add(grid)
        if !isPlace, block.match.kind.row.gates == .sides {
          statistics.gate.add(gates: grid.values)
        } else if isShare {
          statistics.map.add(shares: grid.values)
        } else {
          statistics.map.add(gates: grid.values)
        }
      }
      place += 1
    case .points(let rows, let width, let mean):
      if maps.count <= place { maps.append(Maps(isPlace: false)) }
      maps[place].add(mean)
      for start in stride(from: 0, to: rows.count, by: width) { statistics.map.add(shares: Array(rows[start..<start + width])) }
      place += 1
    case .queries(let pictures):
      let middle = block.match.kind.attendsInParts ? Self.middle(of: pictures.count) : nil
      for (index, heads) in pictures.enumerated() {
        if queries.count < Self.queryLimit, middle ?? index == index {
          queries.append(Queries(heads: heads, inputShape: inputShape, part: middle.map { (index: $0, count: pictures.count) }))
        }
        for head in heads { addStatistics(head) }
      }
    }
  }

  /// The middle of windows in as many rows as columns.
  private static func middle(of count: Int) -> Int {
    let side = Int(Double(count).squareRoot())
    return side * side == count ? side / 2 * side + side / 2 : count / 2
  }

  private mutating func addStatistics(_ head: NumberGrid) {
    guard block.match.kind != .pab else { return statistics.map.add(shares: head.values) }
    for row in 0..<head.height { statistics.map.add(shares: Array(head.values[row * head.width..<(row + 1) * head.width])) }
  }

  /// The weights of branches share 1 for each channel; other gates are numbers of their own.
  private mutating func addStatistics(_ vectors: [[[Double]]]) {
    guard vectors.count > 1 else {
      for picture in vectors.first ?? [] {
        if block.facts.activation == FusedActivation.none.name {
          statistics.gate.add(terms: picture)
        } else {
          statistics.gate.add(gates: picture)
        }
      }
      return
    }
    for picture in vectors[0].indices {
      for channel in vectors[0][picture].indices {
        statistics.gate.add(
          shares: vectors.compactMap { $0.indices.contains(picture) && $0[picture].indices.contains(channel) ? $0[picture][channel] : nil })
      }
    }
  }
}

extension BlockObservation.Maps {
  init(isPlace: Bool) {
    self.init()
    self.isPlace = isPlace
  }

  mutating func add(_ grid: NumberGrid) {
    if grids.count < BlockObservation.mapLimit { grids.append(grid.bounded(by: 1024)) }
    if count == 0 { (sum, squares) = (Array(repeating: 0, count: grid.values.count), Array(repeating: 0, count: grid.values.count)) }
    count += 1
    guard grid.values.count == sum.count else {
      isOneSize = false
      return
    }
    for (index, value) in grid.values.enumerated() {
      sum[index] += value
      squares[index] += value * value
    }
  }

  /// Mean and deviation of every place; nil for one picture, and for pictures of several sizes.
  var spread: (mean: NumberGrid, deviation: NumberGrid)? {
    guard count > 1, isOneSize, let first = grids.first, first.values.count == sum.count else { return nil }
    let means = sum.map { $0 / Double(count) }
    let deviations = zip(means, squares).map { max($1 / Double(count) - $0 * $0, 0).squareRoot() }
    guard let mean = NumberGrid(width: first.width, height: first.height, values: means),
      let deviation = NumberGrid(width: first.width, height: first.height, values: deviations)
    else { return nil }
    return (mean, deviation)
  }
}
