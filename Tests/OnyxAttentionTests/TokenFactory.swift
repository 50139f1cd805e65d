import OnyxAttention
import OnyxGraph
import OnyxTensor

/// Attention of queries over keys in the forms of networks, over two pictures of 8×8 tokens with 32 channels in 4 heads.
extension BlockFactory {
  mutating func ints(_ values: [Int]) throws -> ValueID { builder.constant(try .init(values)) }

  mutating func reshaped(_ value: ValueID, _ shape: Int...) throws -> ValueID { node("Reshape", value, try ints(shape)) }

  mutating func transposed(_ value: ValueID, _ permutation: Int64...) -> ValueID {
    node("Transpose", value, attributes: ["perm": .ints(permutation)])
  }

  /// [pictures, 4, tokens, 8] of a linear layer.
  mutating func heads(_ tokens: ValueID, _ pictures: Int, _ count: Int) throws -> ValueID {
    transposed(try reshaped(try linear(tokens, 32, 32), pictures, count, 4, 8), 0, 2, 1, 3)
  }

  mutating func scores(_ queries: ValueID, _ keys: ValueID) throws -> ValueID {
    node("MatMul", node("Mul", queries, try weights([])), transposed(keys, 0, 1, 3, 2))
  }

  /// Attention of tokens over others: [pictures, tokens, 32] each.
  mutating func attend(_ queries: ValueID, _ count: Int, over keys: ValueID, _ keyCount: Int, pictures: Int = 2) throws -> ValueID {
    let scores = try scores(try heads(queries, pictures, count), try heads(keys, pictures, keyCount))
    return node("MatMul", node("Softmax", scores), try heads(keys, pictures, keyCount))
  }

  /// Part `start` ..< `end` of an axis.
  mutating func slice(_ value: ValueID, _ start: Int, _ end: Int, axis: Int) throws -> ValueID {
    node("Slice", value, try ints(start), try ints(end), try ints(axis))
  }

  private mutating func rolled(_ map: ValueID, axis: Int) throws -> ValueID {
    let (first, rest) = (try slice(map, 0, 2, axis: axis), try slice(map, 2, 8, axis: axis))
    return node("Concat", rest, first, attributes: ["axis": .int(Int64(axis))])
  }

  /// [8, 16, 32]: four windows of 4×4 tokens of each picture.
  private mutating func windows(_ map: ValueID) throws -> ValueID {
    try reshaped(transposed(try reshaped(map, 2, 2, 4, 2, 4, 32), 0, 1, 3, 2, 4, 5), 8, 16, 32)
  }

  /// [8, 64, 32]: the windows with two tokens more to each side.
  private mutating func surroundings(_ map: ValueID) throws -> ValueID {
    let padded = node("Pad", map, try ints([0, 2, 2, 0, 0, 2, 2, 0]))
    let indices = builder.constant(try .init((0..<2).flatMap { window in (0..<8).map { window * 4 + $0 } }))
    let grid = try reshaped(indices, 2, 8)
    let rows = node("Gather", padded, grid, attributes: ["axis": .int(1)])
    let both = node("Gather", rows, grid, attributes: ["axis": .int(3)])
    return try reshaped(transposed(both, 0, 1, 3, 2, 4, 5), 8, 64, 32)
  }

  /// A block of the kind, over the map `x` [2, 8, 8, 32]; nil for kinds of another family.
  mutating func tokens(_ kind: AttentionKind) throws -> ValueID? {
    let x = map([2, 8, 8, 32])
    let all = try reshaped(x, 2, 64, 32)
    switch kind {
    case .selfAttention: return try attend(all, 64, over: all, 64)
    case .classAttention: return try attend(try slice(all, 0, 1, axis: 1), 1, over: all, 64)
    case .attentionPooling:
      let scores = try scores(try weights([1, 4, 1, 8]), try heads(all, 2, 64))
      return node("MatMul", node("Softmax", scores), try heads(all, 2, 64))
    case .window:
      let windows = try windows(x)
      return try attend(windows, 16, over: windows, 16, pictures: 8)
    case .shiftedWindow:
      let windows = try windows(try rolled(try rolled(x, axis: 1), axis: 2))
      let scores = node("Add", try scores(try heads(windows, 8, 16), try heads(windows, 8, 16)), try weights([8, 1, 16, 16]))
      return node("MatMul", node("Softmax", scores), try heads(windows, 8, 16))
    case .grid:
      let places = try reshaped(transposed(try reshaped(x, 2, 4, 2, 4, 2, 32), 0, 2, 4, 1, 3, 5), 8, 16, 32)
      return try attend(places, 16, over: places, 16, pictures: 8)
    case .neighbourhood: return try attend(try windows(x), 16, over: try surroundings(x), 64, pictures: 8)
    case .axial:
      let rows = try reshaped(x, 16, 8, 32)
      return try attend(rows, 8, over: rows, 8, pictures: 16)
    case .pooledKey:
      let first = transposed(x, 0, 3, 1, 2)
      let pooled = node(
        "Conv", first, try weights([32, 32, 2, 2]), attributes: ["strides": .ints([2, 2]), "kernel_shape": .ints([2, 2])])
      return try attend(all, 64, over: transposed(try reshaped(pooled, 2, 32, 16), 0, 2, 1), 16)
    default: return try mixed(kind, all)
    }
  }

  /// Kinds whose heads, weights or sums are others.
  private mutating func mixed(_ kind: AttentionKind, _ all: ValueID) throws -> ValueID? {
    let (q, k, v) = (try heads(all, 2, 64), try heads(all, 2, 64), try heads(all, 2, 64))
    switch kind {
    case .talkingHeads:
      let mixed = transposed(try linear(transposed(try scores(q, k), 0, 2, 3, 1), 4, 4), 0, 3, 1, 2)
      return node("MatMul", node("Softmax", mixed), v)
    case .gatedPositional:
      let shares = node("Mul", node("Softmax", try scores(q, k)), try weights([4, 1, 1]))
      return node("MatMul", node("Add", shares, try weights([4, 64, 64])), v)
    case .crossCovariance:
      let scores = node("MatMul", transposed(q, 0, 1, 3, 2), k)
      return node("MatMul", node("Softmax", scores), transposed(v, 0, 1, 3, 2))
    case .factorised:
      let shares = node("Softmax", k, attributes: ["axis": .int(2)])
      return node("MatMul", q, node("MatMul", transposed(shares, 0, 1, 3, 2), v))
    case .linear:
      return node("MatMul", node("Relu", q), node("MatMul", transposed(node("Relu", k), 0, 1, 3, 2), v))
    default: return nil
    }
  }
}
