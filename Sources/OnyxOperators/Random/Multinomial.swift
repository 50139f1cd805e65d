import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Classes drawn with replacement; the input gives the logarithms of their probabilities, up to a constant for each row.
/// ONNX: Multinomial (7, 22).
///
/// Element i of the result is drawn by `Philox` from the node's seed, or the run's, and i.
package struct Multinomial: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Multinomial", versions: [7, 22], inputs: [.required("input", "T1")], outputs: [.required("output", "T2")],
      types: ["T1": .floats, "T2": .indices]), Multinomial.init)

  /// nil: the seed of the run.
  package let seed: Float?
  /// Draws for each row.
  package let count: Int
  /// Element type of the result.
  package let type: ElementType

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    seed = try attributes.float("seed")
    count = try attributes.int("sample_size", default: 1)
    type = try attributes.elementType("dtype", default: .int32, among: .indices)
    guard count >= 1 else { throw .invalid("The attribute 'sample_size' is \(count); it must be at least 1.") }
  }

  package var isDeterministic: Bool { false }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try context.shape(0)
    if let shape, shape.count != 2 { throw .invalid("The input has rank \(shape.count); Multinomial needs rank 2.") }
    return [Inferred(type, try [shape?[0] ?? context.unknown("batch"), Dimension(count)].checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let input = try context.input(0)
    let classes = input.shape[1]
    let values = try input.doubles()
    let shape = try Shape([input.shape[0], count])
    var draws = try shape.filled(with: Int64(0))
    let generator = Philox(seed, else: context.seed)
    var sums = try Shape([classes]).filled(with: 0.0)
    var pace = WorkPace(every: 1 << 15)
    for row in 0..<input.shape[0] {
      try pace.check(after: 1 + classes)
      var largest = -Double.infinity
      for k in 0..<classes { largest = max(largest, values[row * classes + k]) }
      var sum = 0.0
      for k in 0..<classes {
        sum += exp(values[row * classes + k] - largest)
        sums[k] = sum
      }
      guard sum.isFinite, sum > 0 else { throw .invalid("Row \(row) of the input gives no class a probability.") }
      for draw in 0..<count {
        try pace.check()
        let index = row * count + draw
        draws[index] = Int64(Self.firstAbove(generator.uniform(index) * sum, sums))
      }
    }
    return [try Tensor(integral: draws, as: type, shape: shape)]
  }

  /// The index of the first of the ascending `sums` above `value`, which is below the last one.
  private static func firstAbove(_ value: Double, _ sums: [Double]) -> Int {
    var (first, last) = (0, sums.count - 1)
    while first < last {
      let middle = (first + last) / 2
      if sums[middle] > value { last = middle } else { first = middle + 1 }
    }
    return first
  }
}
