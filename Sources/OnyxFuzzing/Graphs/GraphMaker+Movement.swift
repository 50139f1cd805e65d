import OnyxGraph
import OnyxTensor

/// What moves, repeats, cuts and views elements.
extension GraphMaker {
  mutating func addMovement() throws(OnyxError) {
    guard let x = some({ $0.rank > 0 && $0.type != .bool }) else { return }
    let axis = below(x.rank)
    switch below(17) {
    case 0, 1: try add("Transpose", [x], ["perm": .ints(Array(x.shape.indices).shuffled(using: &generator).map(Int64.init))])
    case 2:
      let others = pool.filter { y in
        y.type == x.type && y.rank == x.rank && x.shape.indices.allSatisfy { $0 == axis || y.shape[$0] == x.shape[$0] }
      }
      let parts = (0...below(3)).map { _ in pick(others) }
      try add("Concat", parts, ["axis": .int(Int64(axis - (chance(2) ? x.rank : 0)))])
    case 3:
      guard x.shape[axis] > 1 else { return }
      let first = 1 + below(x.shape[axis] - 1)
      try add("Split", [x, ints([first, x.shape[axis] - first])], ["axis": .int(Int64(axis))], outputs: 2)
    case 4, 5:
      let step = pick([1, 1, 2, -1, -2])
      let (from, to) =
        step > 0
        ? (below(x.shape[axis] + 1), pick([x.shape[axis], .max, -1])) : (pick([.max, -1]), pick([0, .min + 1, -x.shape[axis] - 1]))
      try add("Slice", [x, ints([from]), ints([to]), ints([axis]), ints([step])])
    case 6:
      let pads = (0..<2 * x.rank).map { _ in chance(3) ? below(3) : 0 }
      let mode = pick(["constant", "constant", "edge", "reflect", "wrap"])
      if x.shape.contains(where: { $0 < 3 }), mode != "constant" { return }
      try add(
        "Pad", [x, ints(pads)] + (mode == "constant" && chance(2) ? [scalar(1, type: x.type)] : []), ["mode": .text(mode)],
        bound: max(x.bound, 1))
    case 7: try add("Expand", [x, ints(x.shape.map { $0 == 1 ? 1 + below(3) : pick([1, $0]) })])
    case 8: try add("Tile", [x, ints(x.shape.map { _ in pick([1, 1, 2]) })])
    case 9:
      let indices = try ints((0...below(3)).map { _ in below(x.shape[axis]) - (chance(3) ? x.shape[axis] : 0) })
      if x.shape[axis] > 0 { try add("Gather", [x, indices], ["axis": .int(Int64(axis))]) }
    case 10:
      guard x.shape[axis] > 0, x.count > 0 else { return }
      let indices = try constant(x.shape, 0...Double(x.shape[axis] - 1), type: .int64)
      try add("GatherElements", [x, indices], ["axis": .int(Int64(axis))])
    case 11:
      try add(pick(["DepthToSpace", "SpaceToDepth"]), [x], ["blocksize": .int(2)].merging(chance(2) ? ["mode": .text("CRD")] : [:]) { $1 })
    case 12: try add("Trilu", [x], ["upper": .int(Int64(below(2)))])
    case 13 where x.isFloat && (x.rank == 4 || x.rank == 3): try addResize(x)
    case 14 where x.isFloat:
      try add("CumSum", [x, ints([axis])], bound: x.bound * Double(x.shape[axis] + 1), gain: Double(x.shape[axis] + 1), roundings: 4)
    case 15 where x.error == 0 && x.shape[axis] > 0:
      try add("TopK", [x, ints([1 + below(x.shape[axis])])], ["axis": .int(Int64(axis)), "largest": .int(Int64(below(2)))], outputs: 2)
    default:
      guard x.shape[axis] > 0, x.rank > 0 else { return }
      let rows = (0..<1 + below(x.shape[0])).map { _ in below(max(x.shape[0], 1)) }
      let distinct = Array(Set(rows)).sorted()
      let updates = try constant([distinct.count] + x.shape.dropFirst(), 0...1, type: x.type)
      let places = Known(
        id: builder.constant(try Tensor(distinct.map(Int64.init), shape: Shape([distinct.count, 1]))), type: .int64,
        shape: [distinct.count, 1], bound: 0, error: 0)
      if x.shape[0] > 0 { try add("ScatterND", [x, places, updates], bound: max(x.bound, 1)) }
    }
  }

  private mutating func addResize(_ x: Known) throws(OnyxError) {
    let mode = pick(["nearest", "linear", "cubic"])
    let transform = pick(["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"])
    let sizes = x.shape.enumerated().map { $0.offset < 2 ? $0.element : 1 + below(12) }
    guard !sizes.contains(0) else { return }
    // Cubic weights have magnitudes of at most 1.25 along an axis in sum, places are computed in the type of the scales.
    try add(
      "Resize", [x, nil, nil, ints(sizes)], ["mode": .text(mode), "coordinate_transformation_mode": .text(transform)],
      bound: mode == "cubic" ? 2 * x.bound : x.bound, gain: mode == "nearest" ? 1 : 2, roundings: mode == "nearest" ? 0 : 64)
  }

  mutating func addView() throws(OnyxError) {
    guard let x = some({ $0.type != .bool && $0.count > 0 }) else { return }
    switch below(8) {
    case 0:
      let divisors = [1, 2, 3, 4, 6, 8].filter { x.count % $0 == 0 }
      let first = pick(divisors)
      try add("Reshape", [x, ints(chance(2) ? [first, -1] : [first, x.count / first, 1])])
    case 1: try add("Flatten", [x], ["axis": .int(Int64(below(x.rank + 1)))])
    case 2: try add("Unsqueeze", [x, ints([below(x.rank + 1)])])
    case 3:
      let ones = x.shape.indices.filter { x.shape[$0] == 1 }
      if let axis = ones.first { try add("Squeeze", [x, ints([axis])]) }
    case 4:
      guard let sizes = try add("Shape", [x], bound: 0)?.first, x.rank > 0,
        let first = try add("Gather", [sizes, ints([0])], bound: 0)?.first
      else { return }
      if let target = try add("Concat", [first, ints([-1])], ["axis": .int(0)], bound: 0)?.first { try add("Reshape", [x, target]) }
    case 5:
      if let y = some({ $0.count == x.count && $0.type != .bool }), let sizes = try add("Shape", [y], bound: 0)?.first {
        try add("Reshape", [x, sizes])
      }
    case 6: if x.rank > 2 { try add("Reshape", [x, ints([0, 0, -1])]) }
    default:
      if x.rank > 1 { try add("Reshape", [x, ints([-1, x.shape[x.rank - 1]])]) }
    }
  }
}
