import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reductions over the axes that the second input lists. Floats are computed in `Double` and rounded once; integers wrap.
///
/// An integer mean is truncated towards zero, and that of no elements is 0; the standard leaves both undefined.
package struct Reduction: TensorOperator {
  /// One operator of the family: what a group of elements becomes.
  package struct Member: Sendable {
    /// The name of the operator.
    package let name: String
    let versions: [Int]
    let types: Set<ElementType>
    let floating: @Sendable ([Double]) throws(OnyxError) -> Double
    /// Of integers in their signed order (see `orderedIntegers`) for the extremes, of their bits for all others.
    var integral: @Sendable ([Int64], ElementType) throws(OnyxError) -> Int64 = { _, _ in 0 }
    var isOrdered = false
    /// The reduction of two dimensions, where it serves shape arithmetic.
    var symbolic: ShapeArithmetic.Binary?
    /// The number of multiply–accumulate operations for each element.
    var multiplyAccumulatesPerElement = 0
  }

  private static let wide = Set<ElementType>.floats.union([.int32, .int64, .uint32, .uint64])
  private static let extremes = wide.union([.int8, .uint8, .bool])

  private static let members: [Member] = [
    Member(
      name: "ReduceSum", versions: [1, 11, 13], types: wide, floating: { (x) throws(OnyxError) in try x.folded(0, +) },
      integral: { (x, _) throws(OnyxError) in try x.folded(0, &+) },
      symbolic: { (a, b) throws(OnyxError) in try a + b }),
    Member(
      name: "ReduceMean", versions: [1, 11, 13, 18], types: wide,
      floating: { (x) throws(OnyxError) in try x.folded(0, +) / Double(x.count) },
      integral: { (x, type) throws(OnyxError) in
        let divide = type.domain == .unsigned ? IntegerMath.divideUnsigned : IntegerMath.divide
        return divide(try x.folded(0, &+), Int64(x.count))
      }),
    Member(
      name: "ReduceMax", versions: [1, 11, 12, 13, 18, 20], types: extremes,
      floating: { (x) throws(OnyxError) in try x.folded(-.infinity, NumericMath.maximum) },
      integral: { (x, type) throws(OnyxError) in try x.folded(type.orderedBounds.lowest) { max($0, $1) } }, isOrdered: true,
      symbolic: ShapeArithmetic.maximum),
    Member(
      name: "ReduceMin", versions: [1, 11, 12, 13, 18, 20], types: extremes,
      floating: { (x) throws(OnyxError) in try x.folded(.infinity, NumericMath.minimum) },
      integral: { (x, type) throws(OnyxError) in try x.folded(type.orderedBounds.highest) { min($0, $1) } }, isOrdered: true,
      symbolic: ShapeArithmetic.minimum),
    Member(
      name: "ReduceProd", versions: [1, 11, 13, 18], types: wide, floating: { (x) throws(OnyxError) in try x.folded(1, *) },
      integral: { (x, _) throws(OnyxError) in try x.folded(1, &*) },
      symbolic: { (a, b) throws(OnyxError) in try a * b }),
    Member(
      name: "ReduceL1", versions: [1, 11, 13, 18], types: wide,
      floating: { (x) throws(OnyxError) in try x.folded(0) { $0 + $1.magnitude } },
      integral: { (x, type) throws(OnyxError) in try x.folded(0) { type.domain == .signed && $1 < 0 ? $0 &- $1 : $0 &+ $1 } }),
    Member(
      name: "ReduceL2", versions: [1, 11, 13, 18], types: wide, floating: euclideanNorm,
      integral: { (x, type) throws(OnyxError) in
        type.truncating(
          try euclideanNorm(try x.mapped { type.domain == .unsigned ? Double(UInt64(bitPattern: $0)) : Double($0) }))
      }, multiplyAccumulatesPerElement: 1),
    Member(
      name: "ReduceLogSum", versions: [1, 11, 13, 18, 28], types: .floats, floating: { (x) throws(OnyxError) in log(try x.folded(0, +)) }),
    Member(name: "ReduceLogSumExp", versions: [1, 11, 13, 18, 28], types: .floats, floating: logSumExp),
    Member(
      name: "ReduceSumSquare", versions: [1, 11, 13, 18], types: wide,
      floating: { (x) throws(OnyxError) in try x.folded(0) { $0 + $1 * $1 } },
      integral: { (x, _) throws(OnyxError) in try x.folded(0) { $0 &+ $1 &* $1 } }, multiplyAccumulatesPerElement: 1),
  ]

  private static let euclideanNorm: @Sendable ([Double]) throws(OnyxError) -> Double = { (x) throws(OnyxError) in
    try x.folded(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// Shifted by the largest element, so that no exponential overflows.
  private static let logSumExp: @Sendable ([Double]) throws(OnyxError) -> Double = { (x) throws(OnyxError) in
    let largest = try x.folded(-.infinity, NumericMath.maximum)
    return largest.isFinite ? largest + log(try x.folded(0) { $0 + exp($1 - largest) }) : largest
  }

  static let definitions = members.map { member in
    OperatorDefinition(
      Signature(
        member.name, versions: member.versions, inputs: [.required("data", "T"), .optional("axes", "int64")],
        outputs: [.required("reduced", "T")],
        types: ["T": member.types])
    ) { (attributes) throws(OnyxError) in try Reduction(member, &attributes) }
  }

  /// What each group of elements becomes.
  package let member: Member
  /// Whether a reduced axis stays, with the extent 1.
  package let keepsAxes: Bool
  /// Without axes, every element is a group of its own (else: all elements are one group).
  package let isNoopWithoutAxes: Bool

  private init(_ member: Member, _ attributes: inout AttributeReader) throws(OnyxError) {
    self.member = member
    keepsAxes = try attributes.flag("keepdims", default: true)
    isNoopWithoutAxes = try attributes.flag("noop_with_empty_axes", default: false)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let data = try context.input(0)
    let element = try context.elementType(0)
    guard let axes = try knownAxes(context) else { return [Inferred(element, try shapeWithoutAxes(context))] }
    guard let shape = data.shape else {
      let isScalar = axes.isEmpty && !isNoopWithoutAxes && !keepsAxes
      return [Inferred(element, isScalar ? [] : nil)]
    }
    let reduced = try self.axes(axes, rank: shape.count)
    let result = reducedShape(shape, reduced, one: 1)
    let type = ValueType.tensor(element, shape: result)
    return [Inferred(type, value: try value(context, data, type, reduced))]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let data = try context.input(0)
    let type = data.elementType
    let listed = try context.optional(1).map { (tensor) throws(OnyxError) in try tensor.ints() } ?? []
    let reduced = try axes(listed, rank: data.shape.rank)
    let shape = try Shape(reducedShape(data.shape.dimensions, reduced, one: 1))
    let slices = try Slices(data.shape, over: reduced)
    if type.isFloating { return [try Tensor(floating: slices.map(data.doubles(), member.floating), as: type, shape: shape)] }
    let results = try slices.map(member.isOrdered ? data.orderedIntegers() : data.integers()) { (x) throws(OnyxError) in
      try member.integral(x, type)
    }
    return [try member.isOrdered ? Tensor(ordered: results, as: type, shape: shape) : Tensor(integral: results, as: type, shape: shape)]
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    guard member.multiplyAccumulatesPerElement > 0 else { return 0 }
    return try? inputs.first??.shape?.product()
  }

  /// The listed axes counted from the front; all axes when none are listed, unless that means no reduction.
  private func axes(_ listed: [Int], rank: Int) throws(OnyxError) -> Set<Int> {
    if listed.isEmpty { return isNoopWithoutAxes ? [] : Set(0..<rank) }
    var axes: Set<Int> = []
    for axis in listed {
      guard axes.insert(try Shape.normalize(axis: axis, rank: rank)).inserted else { throw .invalid("Axis \(axis) is listed twice.") }
    }
    return axes
  }

  private func reducedShape<D>(_ shape: [D], _ reduced: Set<Int>, one: D) -> [D] {
    keepsAxes
      ? shape.indices.map { reduced.contains($0) ? one : shape[$0] } : shape.indices.filter { !reduced.contains($0) }.map { shape[$0] }
  }

  /// The listed axes; empty when none are given, nil when only the run will know them.
  private func knownAxes(_ context: InferenceContext) throws(OnyxError) -> [Int]? {
    guard let input = context.optional(1) else { return [] }
    if input.shape == [0] { return [] }
    return try context.ints(1)
  }

  /// All that can be said when the axes are unknown: the rank, as far as the number of axes tells it.
  private func shapeWithoutAxes(_ context: InferenceContext) throws(OnyxError) -> [Dimension]? {
    guard let shape = try context.shape(0) else { return nil }
    if keepsAxes { return shape.indices.map { context.unknown("axis\($0)") } }
    guard let count = context.optional(1)?.shape?.first?.known, count > 0, count <= shape.count else { return nil }
    return (0..<(shape.count - count)).map { context.unknown("axis\($0)") }
  }

  /// The value, when a vector of known dimensions is reduced as a whole.
  private func value(
    _ context: InferenceContext, _ data: Inferred, _ type: ValueType, _ reduced: Set<Int>
  ) throws(OnyxError) -> KnownValue? {
    if let constant = context.smallConstant(self, type) { return constant }
    guard let combine = member.symbolic, data.elementType == .int64, data.shape?.count == 1, reduced.count == 1,
      let dimensions = data.dimensions, var folded = dimensions.first
    else { return nil }
    for dimension in dimensions.dropFirst() {
      guard let next = (try? combine(folded, dimension)) ?? nil else { return nil }
      folded = next
    }
    return .dimensions([folded])
  }
}

extension ElementType {
  /// The bounds of an integer type in the order of `orderedIntegers`.
  var orderedBounds: (lowest: Int64, highest: Int64) { self == .uint64 ? (.min, .max) : integerBounds }
}
