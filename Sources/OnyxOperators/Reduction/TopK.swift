import OnyxGraph
import OnyxTensor

/// The k largest or smallest elements along `axis` and their indices; of equal elements the one with the lower index comes
/// first. ONNX: TopK (1, 10, 11, 24).
///
/// As in numpy's order, NaN is larger than every number. The result is sorted, also where `sorted` does not ask for it.
package struct TopK: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "TopK", versions: [1, 10, 11, 24], inputs: [.required("X", "T"), .required("K", "int64")],
      outputs: [.required("Values", "T"), .required("Indices", "I")], types: ["T": .numbers, "I": [.int64]]), TopK.init)

  /// May count from the end.
  package let axis: Int
  /// Whether the largest elements are taken, not the smallest.
  package let isLargest: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    _ = try attributes.flag("sorted", default: true)
    axis = try attributes.int("axis", default: -1)
    isLargest = try attributes.flag("largest", default: true)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    if let count = try context.shape(1), count.count > 1 || count.contains(where: { $0.known != nil && $0 != 1 }) {
      throw Self.noSingleCount
    }
    guard var shape = try context.shape(0) else { return [Inferred(element, nil), Inferred(.int64, nil)] }
    let axis = try Shape.normalize(axis: axis, rank: shape.count)
    let k = try context.input(1).dimensions?.first
    if let k = k?.known, let size = shape[axis].known { try Self.check(k, size) }
    shape[axis] = k ?? context.unknown("k")
    return [Inferred(element, shape), Inferred(.int64, shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let axis = try Shape.normalize(axis: axis, rank: x.shape.rank)
    let counts = try context.input(1).ints()
    guard counts.count == 1 else { throw Self.noSingleCount }
    let k = counts[0]
    try Self.check(k, x.shape[axis])
    var extents = x.shape.dimensions
    extents[axis] = k
    let slices = try Slices(x.shape, over: [axis])
    let selected: [[Int]]
    if x.elementType.isFloating {
      selected = try slices.map(x.doubles()) { (values) throws(OnyxError) in try first(k, of: values) { $0.isNaN ? !$1.isNaN : $0 > $1 } }
    } else {
      selected = try slices.map(x.orderedIntegers()) { (values) throws(OnyxError) in try first(k, of: values, >) }
    }
    return try gather(selected, from: x, slices, Shape(extents), axis)
  }

  /// The indices of the first k elements in order; `isLarger` is a strict weak order.
  private func first<T>(_ k: Int, of values: [T], _ isLarger: (T, T) -> Bool) throws(OnyxError) -> [Int] {
    func precedes(_ a: Int, _ b: Int) -> Bool {
      if isLarger(values[a], values[b]) { return isLargest }
      return isLarger(values[b], values[a]) ? !isLargest : a < b
    }
    guard (1...Self.few).contains(k) else { return Array(try MergedOrder.indices(values.count, precedes).prefix(k)) }
    var best: [Int] = []
    var pace = WorkPace(every: 1 << 16)
    for index in values.indices {
      try pace.check()
      guard best.count < k || precedes(index, best[k - 1]) else { continue }
      if best.count == k { best.removeLast() }
      best.insert(index, at: best.firstIndex { precedes(index, $0) } ?? best.count)
    }
    return best
  }

  /// So many are kept in order as elements come; of more, all elements are sorted.
  private static var few: Int { 16 }

  private func gather(_ selected: [[Int]], from x: Tensor, _ slices: Slices, _ shape: Shape, _ axis: Int) throws(OnyxError) -> [Tensor] {
    var positions = [Int](repeating: 0, count: shape.elementCount)
    var indices = [Int64](repeating: 0, count: shape.elementCount)
    let target = try Slices(shape, over: [axis])
    for (group, (start, targetStart)) in zip(selected, zip(slices.starts, target.starts)) {
      for (index, offset) in zip(group, target.offsets) {
        positions[targetStart + offset] = start + slices.offsets[index]
        indices[targetStart + offset] = Int64(index)
      }
    }
    return [try x.gathering(positions, shape: shape), try Tensor(indices, shape: shape)]
  }

  private static func check(_ k: Int, _ size: Int) throws(OnyxError) {
    guard k >= 0, k <= size else { throw .invalid("K is \(k), and the axis has \(size) elements.") }
  }

  private static var noSingleCount: OnyxError { .invalid("K must hold one number.") }
}
