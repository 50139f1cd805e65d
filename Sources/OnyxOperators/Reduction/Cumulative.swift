import OnyxGraph
import OnyxTensor

/// Running sums and products along an axis. ONNX: CumSum (11, 14), CumProd (26). Integers wrap.
package struct Cumulative: TensorOperator {
  /// One member of the family.
  package struct Member: Sendable {
    /// The name of the operator.
    package let name: String
    let versions: [Int]
    let start: Int64
    let floating: @Sendable (Double, Double) -> Double
    let integral: @Sendable (Int64, Int64) -> Int64
  }

  private static let members: [Member] = [
    Member(name: "CumSum", versions: [11, 14], start: 0, floating: { $0 + $1 }, integral: { $0 &+ $1 }),
    Member(name: "CumProd", versions: [26], start: 1, floating: { $0 * $1 }, integral: { $0 &* $1 }),
  ]

  static let definitions = members.map { member in
    OperatorDefinition(
      Signature(
        member.name, versions: member.versions, inputs: [.required("x", "T"), .required("axis", "T2")], outputs: [.required("y", "T")],
        types: ["T": .floats.union([.int32, .int64, .uint32, .uint64]), "T2": .indices])
    ) { (attributes) throws(OnyxError) in try Cumulative(member, &attributes) }
  }

  /// What is accumulated.
  package let member: Member
  /// Whether an element is not part of its own total.
  package let isExclusive: Bool
  /// Whether totals run from the end of the axis.
  package let isReversed: Bool

  private init(_ member: Member, _ attributes: inout AttributeReader) throws(OnyxError) {
    self.member = member
    isExclusive = try attributes.flag("exclusive", default: false)
    isReversed = try attributes.flag("reverse", default: false)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let type = try context.input(0).type
    if let shape = try context.shape(1), shape.count > 1 || shape.contains(where: { $0.known != nil && $0 != 1 }) {
      throw Self.noSingleAxis
    }
    if let shape = type.shape, let axis = try context.ints(1)?.first { _ = try Shape.normalize(axis: axis, rank: shape.count) }
    return [context.folded(self, type)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let axes = try context.input(1).ints()
    guard axes.count == 1 else { throw Self.noSingleAxis }
    let slices = try Slices(x.shape, over: [try Shape.normalize(axis: axes[0], rank: x.shape.rank)])
    if x.elementType.isFloating {
      let results = try slices.replacing(try x.doubles(), with: 0) { (x) throws(OnyxError) in
        try run(x, Double(member.start), member.floating)
      }
      return [try Tensor(floating: results, as: x.elementType, shape: x.shape)]
    }
    let results = try slices.replacing(try x.integers(), with: 0) { (x) throws(OnyxError) in try run(x, member.start, member.integral) }
    return [try Tensor(integral: results, as: x.elementType, shape: x.shape)]
  }

  private func run<T>(_ values: [T], _ start: T, _ combine: (T, T) -> T) throws(OnyxError) -> [T] {
    var total = start
    var pace = WorkPace(every: 1 << 15)
    var results: [T] = []
    for value in isReversed ? values.reversed() : values {
      try pace.check()
      if isExclusive { results.append(total) }
      total = combine(total, value)
      if !isExclusive { results.append(total) }
    }
    return isReversed ? results.reversed() : results
  }

  private static var noSingleAxis: OnyxError { .invalid("The axis must be one number.") }
}
