import OnyxGraph
import OnyxTensor

/// A part of a tensor, with steps of either direction. ONNX: Slice (1, 10, 11, 13).
///
/// Starts of a negative step are clamped to the extent as the standard says, where NumPy gives an empty result.
package struct Slice: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "Slice", versions: [1, 10, 11, 13],
      inputs: [
        .required("data", "T"), .required("starts", "Tind"), .required("ends", "Tind"), .optional("axes", "Tind"),
        .optional("steps", "Tind"),
      ], outputs: [.required("output", "T")], types: ["T": .unpacked, "Tind": .indices]), Slice())

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let data = try context.tensor(0)
    guard let shape = data.shape else { return [data.resized(nil)] }
    let count = try length(context)
    guard let axes = try axes(context, rank: shape.count, count: count) else {
      return [data.resized(context.unknowns(shape.count))]
    }
    guard let ranges = try ranges(context, count: axes.count) else {
      return [data.resized(shape.indices.map { axes.contains($0) ? context.unknown("\($0)") : shape[$0] })]
    }
    var result = shape
    for (axis, range) in zip(axes, ranges) { result[axis] = try range.count(of: shape[axis]) }
    let known = ranges.compactMap(\.known)
    guard known.count == ranges.count else { return [data.resized(try result.checked())] }
    return [try data.moved(to: result) { (source, result) throws(OnyxError) in Self.indices(source, result, axes, known) }]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let data = try context.input(0)
    let shape = try context.shape()
    let starts = try context.input(1).ints()
    let ends = try context.input(2).ints()
    let axes = try normalize(axes: try context.optional(3)?.ints() ?? Array(starts.indices), rank: data.shape.rank)
    let steps = try context.optional(4)?.ints() ?? starts.map { _ in 1 }
    let ranges = zip(zip(starts, ends), steps).map { SliceRange.Known(start: $0.0, end: $0.1, step: $1) }
    return [try data.gathering(Self.indices(data.shape, shape, axes, ranges), shape: shape)]
  }

  package func smallResult(_ inputs: inout [Tensor?]) -> Tensor? {
    func ints(_ index: Int) -> [Int]? { inputs[index].flatMap { $0.shape.rank == 1 ? $0.smallInts : nil } }
    func isGiven(_ index: Int) -> Bool { inputs.indices.contains(index) && inputs[index] != nil }
    guard let data = inputs[0], data.elementType != .string, let starts = ints(1), let ends = ints(2), ends.count == starts.count,
      starts.count <= data.shape.rank
    else { return nil }
    let given = isGiven(3) ? ints(3) : Array(starts.indices)
    let steps = isGiven(4) ? ints(4) : starts.map { _ in 1 }
    guard let given, let steps, given.count == starts.count, steps.count == starts.count, !steps.contains(0),
      let axes = try? normalize(axes: given, rank: data.shape.rank)
    else { return nil }
    let ranges = starts.indices.map { SliceRange.Known(start: starts[$0], end: ends[$0], step: steps[$0]) }
    var extents = data.shape.dimensions
    for (axis, range) in zip(axes, ranges) { extents[axis] = range.resolve(extent: extents[axis]).count }
    guard let shape = try? Shape(extents), shape.elementCount > 0, shape.elementCount <= SmallResult.largestElementCount else { return nil }
    return try? data.gathering(Self.indices(data.shape, shape, axes, ranges), shape: shape)
  }

  private static func indices(_ source: Shape, _ result: Shape, _ axes: [Int], _ ranges: [SliceRange.Known]) -> AxisSums {
    let strides = source.strides
    var first = [Int](repeating: 0, count: source.rank)
    var step = [Int](repeating: 1, count: source.rank)
    for (axis, range) in zip(axes, ranges) {
      first[axis] = range.resolve(extent: source[axis]).first
      step[axis] = range.step
    }
    // Wrapping: a step beyond the axis is multiplied by 0 only.
    return AxisSums(result) { axis, coordinate in (first[axis] &+ coordinate &* step[axis]) &* strides[axis] }
  }

  /// How many axes are sliced; nil when unknown. Throws when the inputs' lengths differ.
  private func length(_ context: InferenceContext) throws(OnyxError) -> Int? {
    var count: Int?
    for (index, name) in [(1, "starts"), (2, "ends"), (3, "axes"), (4, "steps")] where context.has(index) {
      guard let length = try context.length(index, name) else { continue }
      if let count, count != length { throw .invalid("The input '\(name)' of Slice has \(length) elements; 'starts' has \(count).") }
      count = length
    }
    return count
  }

  private func axes(_ context: InferenceContext, rank: Int, count: Int?) throws(OnyxError) -> [Int]? {
    if context.has(3) { return try context.ints(3).map { (axes) throws(OnyxError) in try normalize(axes: axes, rank: rank) } }
    guard let count else { return nil }
    guard count <= rank else { throw .invalid("\(count) axes of a tensor of rank \(rank) are sliced.") }
    return Array(0..<count)
  }

  private func ranges(_ context: InferenceContext, count: Int) throws(OnyxError) -> [SliceRange]? {
    guard let starts = try context.elements(1), let ends = try context.elements(2) else { return nil }
    var steps = [Int](repeating: 1, count: count)
    if context.has(4) {
      guard let given = try context.ints(4) else { return nil }
      steps = given
    }
    guard !steps.contains(0) else { throw .invalid("A step of Slice is 0.") }
    guard starts.count == count, ends.count == count, steps.count == count else {
      throw .invalid("Slice has \(starts.count) starts, \(ends.count) ends and \(steps.count) steps for \(count) axes.")
    }
    return zip(zip(starts, ends), steps).map { SliceRange(start: $0.0, end: $0.1, step: $1) }
  }
}
