import OnyxGraph
import OnyxTensor

/// The index of the largest or smallest element along `axis`. ONNX: ArgMax (1, 11, 12, 13), ArgMin (1, 11, 12, 13).
///
/// As in numpy, a NaN wins over every number in both.
package struct ArgExtreme: TensorOperator {
  static let definitions = [("ArgMax", true), ("ArgMin", false)].map { name, isLargest in
    OperatorDefinition(
      Signature(
        name, versions: [1, 11, 12, 13], inputs: [.required("data", "T")], outputs: [.required("reduced", "int64")], types: ["T": .numbers])
    ) { (attributes) throws(OnyxError) in try ArgExtreme(isLargest: isLargest, &attributes) }
  }

  /// Whether the largest element is sought, not the smallest.
  package let isLargest: Bool
  /// The searched axis; may count from the end.
  package let axis: Int
  /// Whether the searched axis stays, with the extent 1.
  package let keepsAxis: Bool
  /// Whether the last of several equal elements is taken.
  package let selectsLast: Bool

  private init(isLargest: Bool, _ attributes: inout AttributeReader) throws(OnyxError) {
    self.isLargest = isLargest
    axis = try attributes.int("axis", default: 0)
    keepsAxis = try attributes.flag("keepdims", default: true)
    selectsLast = try attributes.flag("select_last_index", default: false)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    guard let shape = try context.shape(0) else { return [Inferred(.int64, nil)] }
    let result = reduced(shape, try Shape.normalize(axis: axis, rank: shape.count), one: 1)
    return [context.folded(self, .tensor(.int64, shape: result))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let data = try context.input(0)
    let axis = try Shape.normalize(axis: axis, rank: data.shape.rank)
    let shape = try Shape(reduced(data.shape.dimensions, axis, one: 1))
    let slices = try Slices(data.shape, over: [axis])
    guard !slices.offsets.isEmpty || slices.starts.isEmpty else {
      throw .invalid("Axis \(axis) of the shape \(data.shape) is empty: it has no largest or smallest element.")
    }
    let indices: [Int]
    if data.elementType.isFloating {
      indices = try slices.map(data.doubles()) { (x) throws(OnyxError) in
        try select(x) { $1.isNaN ? !$0.isNaN : (isLargest ? $1 > $0 : $1 < $0) }
      }
    } else {
      indices = try slices.map(data.orderedIntegers()) { (x) throws(OnyxError) in try select(x) { isLargest ? $1 > $0 : $1 < $0 } }
    }
    return [try Tensor(indices.map(Int64.init), shape: shape)]
  }

  /// The index of the first or last element that no other beats; `isBeaten(a, b)` says whether b comes before a.
  private func select<T>(_ values: [T], _ isBeaten: (T, T) -> Bool) throws(OnyxError) -> Int {
    var best = 0
    var pace = WorkPace(every: 1 << 15)
    for (index, value) in values.enumerated().dropFirst() {
      try pace.check()
      if isBeaten(values[best], value) || (selectsLast && !isBeaten(value, values[best])) { best = index }
    }
    return best
  }

  private func reduced<D>(_ shape: [D], _ axis: Int, one: D) -> [D] {
    keepsAxis ? shape.indices.map { $0 == axis ? one : shape[$0] } : shape.indices.filter { $0 != axis }.map { shape[$0] }
  }
}
