import OnyxGraph
import OnyxTensor

/// alpha · A' · B' + beta · C of two matrices, each transposed on demand. ONNX: Gemm (1, 6, 7, 9, 11, 13).
package struct Gemm: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Gemm", versions: [1, 6, 7, 9, 11, 13], inputs: [.required("A", "T"), .required("B", "T"), .optional("C", "T")],
      outputs: [.required("Y", "T")], types: ["T": .floats.union([.int32, .int64, .uint32, .uint64])]), Gemm.init)

  /// Factor of the product.
  package let alpha: Float
  /// Factor of C; at 0, C is not read.
  package let beta: Float
  /// Whether A is given as [depth, rows].
  package let transposesA: Bool
  /// Whether B is given as [columns, depth].
  package let transposesB: Bool

  package init(alpha: Float = 1, beta: Float = 1, transposesA: Bool = false, transposesB: Bool = false) {
    self.alpha = alpha
    self.beta = beta
    self.transposesA = transposesA
    self.transposesB = transposesB
  }

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    self.init(
      alpha: try attributes.float("alpha", default: 1), beta: try attributes.float("beta", default: 1),
      transposesA: try attributes.flag("transA", default: false), transposesB: try attributes.flag("transB", default: false))
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    guard let a = try context.shape(0), let b = try context.shape(1) else { return [Inferred(element, nil)] }
    guard a.count == 2, b.count == 2 else { throw .invalid("The inputs have ranks \(a.count) and \(b.count); Gemm multiplies matrices.") }
    if let columns = a[transposesA ? 0 : 1].known, let rows = b[transposesB ? 1 : 0].known, columns != rows {
      throw .invalid("The matrices cannot be multiplied: \(columns) columns meet \(rows) rows.")
    }
    let shape = [a[transposesA ? 1 : 0], b[transposesB ? 0 : 1]]
    if let c = context.optional(2)?.shape { try checkAddend(c, shape) }
    return [Inferred(element, shape)]
  }

  private func checkAddend(_ c: [Dimension], _ shape: [Dimension]) throws(OnyxError) {
    guard canBroadcast(c, to: shape) else { throw .invalid("The input 'C' of shape \(c) cannot be broadcast to the result \(shape).") }
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (a, b, c) = (try context.input(0), try context.input(1), context.optional(2))
    let shape = try context.shape()
    let type = a.elementType
    if !type.isFloating && alpha == 1 && beta == 1 {
      var y = try sums(a, b, shape, Int64.self)
      if let c { try add(c, times: 1, to: &y, shape) }
      return [try Tensor(integral: y, as: type, shape: shape)]
    }
    // The standard gives integer products float factors; they are applied in Double and the result is cut to an integer.
    let isUnsigned = type.domain == .unsigned
    var y =
      type.isFloating ? try sums(a, b, shape, Double.self) : try sums(a, b, shape, Int64.self).map { $0.double(isUnsigned: isUnsigned) }
    if alpha != 1 { y = y.map { $0 * Double(alpha) } }
    if let c, beta != 0 { try add(c, times: Double(beta), to: &y, shape) }
    return [
      type.isFloating
        ? try Tensor(floating: y, as: type, shape: shape)
        : try Tensor(integral: y.map { $0.truncated(isUnsigned: isUnsigned) }, as: type, shape: shape)
    ]
  }

  /// Adds factor · C, broadcast to `shape`.
  private func add<T: WideNumber>(_ c: Tensor, times factor: T, to y: inout [T], _ shape: Shape) throws(OnyxError) {
    let (values, offsets) = (try T.elements(of: c), try c.shape.broadcastOffsets(to: shape))
    try y.indices.forEachPortion { for index in $0 { y[index].add(factor, times: values[offsets[index]]) } }
  }

  /// A' · B'.
  private func sums<T: WideNumber>(_ a: Tensor, _ b: Tensor, _ shape: Shape, _ type: T.Type) throws(OnyxError) -> [T] {
    let (left, right) = (try T.elements(of: a), try T.elements(of: b))
    let depth = a.shape[transposesA ? 0 : 1]
    let (rows, columns) = (shape[0], shape[1])
    var y = try shape.filled(with: T.zero)
    if y.isEmpty { return y }
    var pace = WorkPace(every: 1 << 16)
    for row in 0..<rows {
      for column in 0..<columns {
        try pace.check(after: 1 + depth)
        var sum = T.zero
        for k in 0..<depth {
          sum.add(
            left[transposesA ? k * rows + row : row * depth + k], times: right[transposesB ? column * depth + k : k * columns + column])
        }
        y[row * columns + column] = sum
      }
    }
    return y
  }

  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    guard let a = inputs.first??.shape, a.count == 2, let y = outputs.first??.shape else { return nil }
    return try? y.product() * a[transposesA ? 0 : 1]
  }
}
