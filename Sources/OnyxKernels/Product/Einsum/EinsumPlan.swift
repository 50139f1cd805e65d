import OnyxOperators
import OnyxTensor

/// An Einsum as a sequence of strided copies, sums, elementwise products and batches of matrix products.
///
/// Operands are joined in pairs from the left, as by the reference; what only one operand of a pair has and nobody needs later is summed
/// before. The axes of a pair are batches (both operands and the result have them), rows (the left and the result), columns (the right and
/// the result) or terms of the sums. Operands whose rows and terms do not lie at one stride each are copied.
struct EinsumPlan: Sendable {
  typealias Label = EinsumEquation.Label

  /// Where a value lies: scratch places are elements.
  enum Place: Sendable {
    case input(Int)
    case scratch(Int)
    case output
  }

  /// Products of one shape: rows by depth, depth by columns.
  struct Product: Sendable {
    var rows, columns, depth: Int
    var left, right: TypedProduct.Operand
    var offsets: [Int]
    var rowStride: Int
  }

  /// An operand of an elementwise product: its strides over the result.
  struct Factor: Sendable {
    var place: Place
    var strides: [Int]
  }

  enum Step: Sendable {
    case copy(StridedCopy, from: Place, to: Place)
    /// Sums over the axes that are marked.
    case sum([Int], [Bool], from: Place, to: Place)
    case multiply(Factor, Factor, shape: [Int], to: Place)
    case product(Product, Place, Place, to: Place)
  }

  /// A dense value with an axis for each label; no label twice, none of one element.
  struct Value {
    var labels: [Label]
    var place: Place
  }

  private(set) var steps: [Step] = []
  /// Elements of scratch memory.
  private(set) var scratchCount = 0
  let sizes: [Label: Int]
  private let width: Int

  /// More batches than this are left to the reference, and longer scratch memory.
  private static let mostBatches = 1 << 20
  private static let mostElements = 1 << 28

  /// nil where the equation asks for something out of proportion. `shapes` have no empty axis.
  init?(_ equation: EinsumEquation, _ shapes: [Shape], width: Int) throws(OnyxError) {
    let labels = try equation.labels(ranks: shapes.map(\.rank))
    var sizes: [Label: Int] = [:]
    for (label, size) in zip(labels.operands.joined(), shapes.joined()) where sizes[label, default: 1] == 1 { sizes[label] = size }
    self.sizes = sizes
    self.width = width
    let result = labels.result.filter { sizes[$0] ?? 1 > 1 }
    var values: [Value] = []
    for (index, shape) in shapes.enumerated() {
      guard let value = distinct(labels.operands[index], shape, index) else { return nil }
      values.append(value)
    }
    var joined = values[0]
    if values.count == 1 {
      guard finish(joined, result) else { return nil }
      return
    }
    for next in values.indices.dropFirst() {
      let later = Set(result).union(values[(next + 1)...].flatMap(\.labels))
      let isLast = next == values.count - 1
      guard let value = join(joined, values[next], isLast ? result : nil, later) else { return nil }
      joined = value
    }
  }

  func size(_ labels: [Label]) -> Int { labels.reduce(1) { $0 * (sizes[$1] ?? 1) } }

  func strides(_ labels: [Label]) -> [Label: Int] {
    var (strides, stride): ([Label: Int], Int) = ([:], 1)
    for label in labels.reversed() {
      strides[label] = stride
      stride *= sizes[label] ?? 1
    }
    return strides
  }

  private mutating func scratch(_ labels: [Label]) -> Place? {
    let place = scratchCount
    var count = 1
    for label in labels {
      let (product, overflow) = count.multipliedReportingOverflow(by: sizes[label] ?? 1)
      guard !overflow, product <= Self.mostElements else { return nil }
      count = product
    }
    scratchCount += (count + 15) & ~15
    return scratchCount <= Self.mostElements ? .scratch(place) : nil
  }

  /// An operand with each of its labels once: diagonals are copied out, axes of one element dropped.
  private mutating func distinct(_ names: [Label], _ shape: Shape, _ index: Int) -> Value? {
    var (order, strides): ([Label], [Label: Int]) = ([], [:])
    var isPlain = true
    for ((label, size), stride) in zip(zip(names, shape), shape.strides) where size > 1 {
      if strides[label] != nil { isPlain = false } else { order.append(label) }
      strides[label, default: 0] += stride
    }
    if isPlain { return Value(labels: order, place: .input(index)) }
    guard let place = scratch(order) else { return nil }
    return copy(Value(labels: order, place: .input(index)), strides, to: order, place)
  }

  /// Copies a value whose axes have these strides into a dense one.
  private mutating func copy(_ value: Value, _ strides: [Label: Int], to labels: [Label], _ place: Place) -> Value {
    let target = self.strides(labels)
    let copy = StridedCopy(
      width: width, extents: labels.map { sizes[$0] ?? 1 }, sourceStrides: labels.map { strides[$0] ?? 0 },
      targetStrides: labels.map { target[$0] ?? 0 })
    steps.append(.copy(copy, from: value.place, to: place))
    return Value(labels: labels, place: place)
  }

  /// The value summed over what is not `kept`.
  private mutating func summed(_ value: Value, _ kept: Set<Label>, to given: Place? = nil) -> Value? {
    let labels = value.labels.filter { kept.contains($0) }
    if labels.count == value.labels.count { return value }
    guard let place = given ?? scratch(labels) else { return nil }
    steps.append(.sum(value.labels.map { sizes[$0] ?? 1 }, value.labels.map { !kept.contains($0) }, from: value.place, to: place))
    return Value(labels: labels, place: place)
  }

  /// One operand: sums, then the order of the result.
  private mutating func finish(_ value: Value, _ result: [Label]) -> Bool {
    let kept = Set(result)
    let ordered = value.labels.filter { kept.contains($0) }
    let isSummed = ordered.count < value.labels.count
    if isSummed && ordered == result { return summed(value, kept, to: .output) != nil }
    guard let sum = summed(value, kept) else { return false }
    _ = copy(sum, strides(sum.labels), to: result, .output)
    return true
  }

  private mutating func join(_ a: Value, _ b: Value, _ result: [Label]?, _ later: Set<Label>) -> Value? {
    guard let a = summed(a, later.union(b.labels)), let b = summed(b, later.union(a.labels)) else { return nil }
    let (inA, inB) = (Set(a.labels), Set(b.labels))
    let all = a.labels + b.labels.filter { !inA.contains($0) }
    let kept =
      result ?? all.filter { later.contains($0) && inB.contains($0) && inA.contains($0) }
      + all.filter { later.contains($0) && inB.contains($0) != inA.contains($0) }
    guard let place = result == nil ? scratch(kept) : .output else { return nil }
    let terms = a.labels.filter { inB.contains($0) && !kept.contains($0) }
    let target = Value(labels: kept, place: place)
    var work = 1.0
    for label in all { work *= Double(sizes[label] ?? 1) }
    guard work <= Double(Einsum.largestProductCount) else { return nil }
    if terms.isEmpty {
      steps.append(multiplication(a, b, target))
      return target
    }
    let batches = kept.filter { inA.contains($0) && inB.contains($0) }
    if batches.count == kept.count, !kept.isEmpty {
      let whole = kept + terms
      guard let place = scratch(whole) else { return nil }
      let products = Value(labels: whole, place: place)
      steps.append(multiplication(a, b, products))
      return summed(products, Set(kept), to: target.place)
    }
    return product(a, b, target, batches: batches, terms: terms)
  }

  private func multiplication(_ a: Value, _ b: Value, _ target: Value) -> Step {
    let (left, right) = (strides(a.labels), strides(b.labels))
    return .multiply(
      Factor(place: a.place, strides: target.labels.map { left[$0] ?? 0 }),
      Factor(place: b.place, strides: target.labels.map { right[$0] ?? 0 }), shape: target.labels.map { sizes[$0] ?? 1 }, to: target.place)
  }

  /// The stride of the innermost of these axes when they lie like one axis; 1 for none.
  private func merged(_ labels: [Label], _ strides: [Label: Int]) -> Int? {
    for (outer, inner) in zip(labels, labels.dropFirst()) {
      guard let a = strides[outer], let b = strides[inner], a == b * (sizes[inner] ?? 1) else { return nil }
    }
    return labels.last.map { strides[$0] ?? 0 } ?? 1
  }

  private mutating func product(_ a: Value, _ b: Value, _ target: Value, batches: [Label], terms: [Label]) -> Value? {
    let inA = Set(a.labels)
    let (only, others) = (
      target.labels.filter { inA.contains($0) && !batches.contains($0) }, target.labels.filter { !inA.contains($0) }
    )
    guard size(batches) <= Self.mostBatches else { return nil }
    // The columns of the result are those axes that lie at stride 1.
    var (left, right, rows, columns) = (a, b, only, others)
    if let last = target.labels.last, only.contains(last) { (left, right, rows, columns) = (b, a, others, only) }
    var result = target
    var strides = self.strides(target.labels)
    let isDirect = merged(rows, strides) != nil && (columns.isEmpty || merged(columns, strides) == 1)
    if !isDirect {
      let order = batches + rows + columns
      guard let place = scratch(order) else { return nil }
      result = Value(labels: order, place: place)
      strides = self.strides(order)
    }
    let order =
      merged(terms, self.strides(left.labels)) == nil
      ? right.labels.filter { terms.contains($0) } : left.labels.filter { terms.contains($0) }
    guard let l = operand(&left, rows, order, batches), let r = operand(&right, order, columns, batches) else { return nil }
    let rowStride = rows.isEmpty ? size(columns) : merged(rows, strides) ?? 0
    let product = Product(
      rows: size(rows), columns: size(columns), depth: size(order), left: l, right: r, offsets: offsets(batches, strides),
      rowStride: rowStride)
    steps.append(.product(product, left.place, right.place, to: result.place))
    return isDirect ? target : copy(result, strides, to: target.labels, target.place)
  }

  /// The operand as matrices of two groups of axes, copied when one of them does not lie at one stride.
  private mutating func operand(_ value: inout Value, _ rows: [Label], _ columns: [Label], _ batches: [Label]) -> TypedProduct.Operand? {
    if merged(rows, strides(value.labels)) == nil || merged(columns, strides(value.labels)) == nil {
      let order = batches + rows + columns
      guard let place = scratch(order) else { return nil }
      value = copy(value, strides(value.labels), to: order, place)
    }
    let strides = strides(value.labels)
    guard let row = merged(rows, strides), let column = merged(columns, strides) else { return nil }
    return TypedProduct.Operand(rowStride: row, columnStride: column, offsets: offsets(batches, strides))
  }

  private func offsets(_ labels: [Label], _ strides: [Label: Int]) -> [Int] {
    var offsets = [0]
    for label in labels {
      let (count, stride) = (sizes[label] ?? 1, strides[label] ?? 0)
      offsets = offsets.flatMap { base in (0..<count).map { base + $0 * stride } }
    }
    return offsets
  }
}
