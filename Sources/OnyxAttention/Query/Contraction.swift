import OnyxGraph
import OnyxOperators
import OnyxTensor

/// A product of two values as sums over common axes: MatMul, Gemm, or Einsum of two operands.
struct Contraction {
  let index: Int
  let left: ValueID
  let right: ValueID
  /// Names of the axes; equal ones run together.
  let leftAxes: [Int]
  let rightAxes: [Int]
  let resultAxes: [Int]
  let result: ValueID
  /// Whether a factor is in the product itself.
  let isScaled: Bool

  /// Axes before the matrices of a MatMul run together even where one operand lacks them.
  private static let row = 1000, column = 1001, inner = 1002

  init?(at index: Int, in view: some GraphView) {
    guard let node = view.node(index), case let result?? = node.outputs.first, let left = node.operand(0), let right = node.operand(1),
      let a = view.shape(left), let b = view.shape(right)
    else { return nil }
    self.index = index
    (self.left, self.right, self.result) = (left, right, result)
    switch node.op {
    case OperatorName("MatMul"):
      guard a.count >= 2, b.count >= 2 else { return nil }
      let rank = max(a.count, b.count)
      let batch = Array(0..<rank - 2)
      leftAxes = batch.suffix(a.count - 2) + [Self.row, Self.inner]
      rightAxes = batch.suffix(b.count - 2) + [Self.inner, Self.column]
      resultAxes = batch + [Self.row, Self.column]
      isScaled = false
    case OperatorName("Gemm"):
      guard a.count == 2, b.count == 2, node.operand(2) == nil else { return nil }
      leftAxes = node.int("transA", default: 0) == 0 ? [Self.row, Self.inner] : [Self.inner, Self.row]
      rightAxes = node.int("transB", default: 0) == 0 ? [Self.inner, Self.column] : [Self.column, Self.inner]
      resultAxes = [Self.row, Self.column]
      isScaled = node.float("alpha", default: 1) != 1
    case OperatorName("Einsum"):
      guard node.inputs.count == 2, let einsum = (try? Catalog.make(node)) as? Einsum,
        let labels = try? einsum.equation.labels(ranks: [a.count, b.count])
      else { return nil }
      let all = Array(Set(labels.operands.joined()).union(labels.result))
      let names = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($0.element, $0.offset) })
      leftAxes = labels.operands[0].compactMap { names[$0] }
      rightAxes = labels.operands[1].compactMap { names[$0] }
      resultAxes = labels.result.compactMap { names[$0] }
      isScaled = false
    default: return nil
    }
  }

  /// Axes that are summed.
  var contracted: Set<Int> { Set(leftAxes).intersection(rightAxes).subtracting(resultAxes) }
  /// Axes of the result that run in both operands.
  var batch: Set<Int> { Set(resultAxes).subtracting(free(.left)).subtracting(free(.right)) }

  enum Side { case left, right }
  func value(_ side: Side) -> ValueID { side == .left ? left : right }
  func axes(_ side: Side) -> [Int] { side == .left ? leftAxes : rightAxes }
  /// Axes that the other operand lacks.
  func free(_ side: Side) -> Set<Int> {
    let (own, other) = side == .left ? (leftAxes, rightAxes) : (rightAxes, leftAxes)
    return Set(own).subtracting(other).intersection(resultAxes).filter { $0 >= Self.row || !isMatrix }
  }
  private var isMatrix: Bool { resultAxes.contains(Self.row) }
}

extension Contraction.Side {
  var other: Self { self == .left ? .right : .left }
}
