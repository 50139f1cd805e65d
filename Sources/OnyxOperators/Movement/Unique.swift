import OnyxGraph
import OnyxTensor

/// The different elements, or the different slices along `axis`, sorted or in order of appearance. ONNX: Unique (11, 28).
///
/// NaNs are equal to each other and stand last; strings are ordered by code points, complex numbers by real part first.
package struct Unique: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Unique", versions: [11, 28], inputs: [.required("X", "T")],
      outputs: [.required("Y", "T"), .optional("indices", "int64"), .optional("inverse_indices", "int64"), .optional("counts", "int64")],
      types: ["T": .unpacked]), Unique.init)

  /// The axis whose slices are compared; may count from the end. nil: the input is flattened.
  package let axis: Int?
  /// Whether the result is sorted; else it keeps the order of first occurrence.
  package let isSorted: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.int("axis")
    isSorted = try attributes.flag("sorted", default: true)
  }

  /// The most elements that the shape rule groups.
  private static let mostInferred = 1024

  /// What was found: `firsts[g]` is the first item of group `g`, `groups[i]` the group of item `i`.
  private struct Groups {
    var firsts: [Int] = []
    var groups: [Int] = []
    var counts: [Int] = []
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    let x = try context.input(0)
    if let axis, let shape = x.shape { _ = try Shape.normalize(axis: axis, rank: shape.count) }
    // More are grouped once, in the run.
    let small = x.constant.flatMap { $0.elementCount <= Self.mostInferred ? $0 : nil }
    let count = try small.map { (x) throws(OnyxError) in Dimension(try groups(of: x).firsts.count) } ?? context.unknown("unique")
    var items = context.unknown("items")
    var result: [Dimension]? = axis == nil ? [count] : nil
    if var shape = x.shape {
      if let axis {
        let normal = try Shape.normalize(axis: axis, rank: shape.count)
        items = shape[normal]
        shape[normal] = count
        result = shape
      } else {
        items = try shape.product()
      }
    }
    let all = [Inferred(element, result), Inferred(.int64, [count]), Inferred(.int64, [items]), Inferred(.int64, [count])]
    return Array(all.prefix(context.outputCount))
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let found = try groups(of: x)
    let y: Tensor
    if let axis {
      let normal = try Shape.normalize(axis: axis, rank: x.shape.rank)
      var dimensions = x.shape.dimensions
      dimensions[normal] = found.firsts.count
      let shape = try Shape(dimensions)
      let strides = x.shape.strides
      y = try x.gathering(AxisSums(shape) { ($0 == normal ? found.firsts[$1] : $1) * strides[$0] }, shape: shape)
    } else {
      y = try x.gathering(found.firsts, shape: try Shape([found.firsts.count]))
    }
    var results = [y]
    for list in [found.firsts, found.groups, found.counts].prefix(max(0, context.outputCount - 1)) { results.append(try Tensor(list)) }
    return results
  }

  /// Groups equal items: single elements, or slices as lists of the ranks of their elements.
  private func groups(of x: Tensor) throws(OnyxError) -> Groups {
    let ranks = try x.ranks()
    guard let axis else {
      let sorted = try Self.groups(ofRanks: ranks)
      return isSorted ? sorted : try Self.inOrderOfAppearance(sorted)
    }
    let normal = try Shape.normalize(axis: axis, rank: x.shape.rank)
    let inner = x.shape[(normal + 1)...].reduce(1, *)
    let outer = x.elementCount == 0 ? 0 : x.shape[..<normal].reduce(1, *)
    try ReferenceMemory.check(x.shape[normal])
    let items = try Array(0..<x.shape[normal]).mapped { item in
      (0..<outer).flatMap { outer in (0..<inner).map { ranks[(outer * x.shape[normal] + item) * inner + $0] } }
    }
    let order = try MergedOrder.indices(items.count) { items[$0].lexicographicallyPrecedes(items[$1]) }
    var sorted = Groups(groups: [Int](repeating: 0, count: items.count))
    for (position, item) in order.enumerated() {
      if position == 0 || items[order[position - 1]] != items[item] {
        sorted.firsts.append(item)
        sorted.counts.append(0)
      }
      sorted.counts[sorted.counts.count - 1] += 1
      sorted.groups[item] = sorted.firsts.count - 1
    }
    return isSorted ? sorted : try Self.inOrderOfAppearance(sorted)
  }

  /// The groups of single elements, whose ranks number them from 0 without gaps.
  private static func groups(ofRanks ranks: [Int]) throws(OnyxError) -> Groups {
    let count = try ranks.folded(-1) { max($0, $1) } + 1
    var firsts = [Int](repeating: 0, count: count)
    var counts = firsts
    var item = ranks.count
    var pace = WorkPace(every: 1 << 15)
    while item > 0 {
      try pace.check()
      item -= 1
      let rank = ranks[item]
      firsts[rank] = item
      counts[rank] &+= 1
    }
    return Groups(firsts: firsts, groups: ranks, counts: counts)
  }

  private static func inOrderOfAppearance(_ sorted: Groups) throws(OnyxError) -> Groups {
    let order = try MergedOrder.indices(sorted.firsts.count) { sorted.firsts[$0] < sorted.firsts[$1] }
    var place = order
    for (position, group) in order.enumerated() { place[group] = position }
    return Groups(
      firsts: try order.mapped { sorted.firsts[$0] }, groups: try sorted.groups.mapped { place[$0] },
      counts: try order.mapped { sorted.counts[$0] })
  }
}

extension Tensor {
  /// Numbers in the order of the elements: equal for equal elements, smaller for smaller ones.
  fileprivate func ranks() throws(OnyxError) -> [Int] {
    switch elementType.domain {
    case .floating: try Self.ranks(ofKeys: try doubles().mapped(Self.key))
    case .signed, .bool: try Self.ranks(ofKeys: try integers().mapped { UInt64(bitPattern: $0) ^ 1 << 63 })
    case .unsigned: try Self.ranks(ofKeys: try integers().mapped { UInt64(bitPattern: $0) })
    case .complex: try Self.ranks(complexes()) { ($0.real, $0.imaginary) < ($1.real, $1.imaginary) }
    case .string: try Self.ranks(strings().map { Array($0.utf8) }) { $0.lexicographicallyPrecedes($1) }
    }
  }

  /// An integer in the order of the numbers: −0 has that of 0, NaN the largest.
  private static func key(_ number: Double) -> UInt64 {
    guard !number.isNaN else { return .max }
    let bits = (number + 0).bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }

  /// Keys that lie close together are counted; others are sorted by their bytes, lowest first, but those that all keys share.
  private static func ranks(ofKeys keys: [UInt64]) throws(OnyxError) -> [Int] {
    let (least, most) = try keys.folded((UInt64.max, UInt64.min)) { (min($0.0, $1), max($0.1, $1)) }
    if most >= least, most - least < UInt64(2 * keys.count + 256) { return try ranks(ofKeys: keys, from: least, to: most) }
    let shared = try keys.folded((all: UInt64.max, any: UInt64(0))) { ($0.all & $1, $0.any | $1) }
    var order = Array(keys.indices)
    var next = order
    var pace = WorkPace(every: 1 << 15)
    for byte in 0..<8 where (shared.all ^ shared.any) >> UInt64(8 * byte) & 0xff != 0 {
      var places = [Int](repeating: 0, count: 257)
      try WorkLimits.check()
      try keys.indices.forEachPortion { for index in $0 { places[Int(keys[index] >> UInt64(8 * byte) & 0xff) + 1] += 1 } }
      for digit in 1..<257 { places[digit] += places[digit - 1] }
      for item in order {
        try pace.check()
        let digit = Int(keys[item] >> UInt64(8 * byte) & 0xff)
        next[places[digit]] = item
        places[digit] += 1
      }
      swap(&order, &next)
    }
    var ranks = [Int](repeating: 0, count: keys.count)
    var rank = 0
    for (position, item) in order.enumerated() {
      try pace.check()
      if position > 0 && keys[order[position - 1]] != keys[item] { rank += 1 }
      ranks[item] = rank
    }
    return ranks
  }

  private static func ranks(ofKeys keys: [UInt64], from least: UInt64, to most: UInt64) throws(OnyxError) -> [Int] {
    var ranks = [Int](repeating: 0, count: Int(most - least) + 1)
    try keys.indices.forEachPortion { for index in $0 { ranks[Int(truncatingIfNeeded: keys[index] &- least)] = 1 } }
    var rank = 0
    try ranks.indices.forEachPortion { for place in $0 { (ranks[place], rank) = (rank, rank &+ ranks[place]) } }
    return try keys.mapped { ranks[Int(truncatingIfNeeded: $0 &- least)] }
  }

  private static func ranks<T>(_ values: [T], _ precedes: (T, T) -> Bool) throws(OnyxError) -> [Int] {
    let order = try MergedOrder.indices(values.count) { precedes(values[$0], values[$1]) }
    var ranks = [Int](repeating: 0, count: values.count)
    var rank = 0
    for (position, item) in order.enumerated() {
      if position > 0 && precedes(values[order[position - 1]], values[item]) { rank += 1 }
      ranks[item] = rank
    }
    return ranks
  }
}
