import OnyxGraph
import OnyxTensor

/// Samples an input at the positions of a grid. ONNX: GridSample (16, 20, 22).
///
/// Values are interpolated in `Double` and rounded once; integers are cut off, as a cast does.
package struct GridSample: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "GridSample", versions: [16, 20, 22], inputs: [.required("X", "T1"), .required("grid", "T2")], outputs: [.required("Y", "T1")],
      types: ["T1": .unpacked, "T2": .floats]), GridSample.init)

  /// How values are interpolated.
  package let mode: GridSampling.Mode
  /// What stands outside the input.
  package let padding: GridSampling.Padding
  /// Whether -1 and 1 are the centres of the outermost elements, not their outer edges.
  package let alignsCorners: Bool

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    mode = try attributes.choice("mode", default: .linear)
    padding = try attributes.choice("padding_mode", default: .zeros)
    alignsCorners = try attributes.flag("align_corners", default: false)
  }

  /// A position is made of up to 4^axes elements.
  private static let largestSpatialRank = 6

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    if element == .string && mode != .nearest { throw .invalid("Strings cannot be interpolated.", remedy: "Use mode 'nearest'.") }
    let x = try context.shape(0)
    guard let grid = try context.shape(1) else { return [Inferred(element, x.flatMap { context.unknowns($0.count) })] }
    let rank = grid.count - 2
    guard rank >= 1 else { throw .invalid("The grid has rank \(grid.count); it must have rank 3 or more.") }
    guard rank <= Self.largestSpatialRank else {
      throw .unsupported("GridSample over \(rank) spatial axes is not implemented.", remedy: "Up to \(Self.largestSpatialRank) are.")
    }
    try requireEqual(grid[rank + 1], Dimension(rank), "The last axis of the grid is not the number of spatial axes")
    guard let x else { return [Inferred(element, [grid[0], context.unknown("channels")] + grid[1...rank])] }
    guard x.count == grid.count else {
      throw .invalid("The input has rank \(x.count), the grid has rank \(grid.count); they must be equal.")
    }
    try requireEqual(x[0], grid[0], "Input and grid differ in the batch size")
    let result = try ([x[0], x[1]] + grid[1...rank]).checked()
    if let count = try result.product().known, count > 0, x.contains(0) { throw .invalid("An empty input cannot be sampled.") }
    return [Inferred(element, result)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let grid = try context.input(1)
    let shape = try context.shape()
    guard shape.elementCount > 0 else { return [try .empty(x.elementType, shape)] }
    try ReferenceMemory.check(shape.elementCount)
    if mode == .nearest {
      var indices = [Int](repeating: IndexMap.outside, count: shape.elementCount)
      try visit(x.shape, grid, shape) { target, taps, base in
        if let tap = taps.first { indices[target] = base + tap.offset }
      }
      return [try x.gathering(indices, shape: shape, fill: try .blank(x.elementType))]
    }
    if x.elementType.domain == .complex {
      let parts = try x.complexes()
      let real = try interpolated(parts.map(\.real), x.shape, grid, shape)
      let imaginary = try interpolated(parts.map(\.imaginary), x.shape, grid, shape)
      return [try Tensor(complex: zip(real, imaginary).map { Complex128($0, $1) }, as: x.elementType, shape: shape)]
    }
    return [try Tensor(saturating: try interpolated(try x.doubles(), x.shape, grid, shape), as: x.elementType, shape: shape, .towardZero)]
  }

  private func interpolated(_ values: [Double], _ source: Shape, _ grid: Tensor, _ shape: Shape) throws(OnyxError) -> [Double] {
    var result = [Double](repeating: 0, count: shape.elementCount)
    try visit(source, grid, shape) { target, taps, base in
      result[target] = taps.reduce(0) { $0 + $1.weight * values[base + $1.offset] }
    }
    return result
  }

  /// Calls `body` for each result element: its index, the taps of its position as offsets inside a channel, and where the channel begins.
  private func visit(
    _ source: Shape, _ grid: Tensor, _ shape: Shape, _ body: (_ target: Int, _ taps: [(offset: Int, weight: Double)], _ base: Int) -> Void
  ) throws(OnyxError) {
    let rank = source.rank - 2
    let axes = source.dropFirst(2).map { GridSampling(extent: $0, alignsCorners: alignsCorners, padding: padding) }
    let strides = source.strides
    let isDouble = grid.elementType == .float64
    let positions = try grid.doubles()
    let places = shape.dropFirst(2).reduce(1, *)
    let channelSize = source.dropFirst(2).reduce(1, *)
    var pace = WorkPace(every: 1 << 12)
    for batch in 0..<shape[0] {
      for place in 0..<places {
        try pace.check(after: 1 + shape[1])
        var taps: [(offset: Int, weight: Double)] = [(0, 1)]
        for (axis, sampling) in axes.enumerated() {
          // Grid entries are ordered x, y, z: the spatial axes from the last to the first.
          let entry = positions[(batch * places + place) * rank + rank - 1 - axis]
          let position = isDouble ? sampling.position(entry) : sampling.position(Float(entry))
          let found = sampling.taps(position, mode)
          taps = taps.flatMap { tap in
            found.compactMap { found in
              // Weights of 0 are left out: they must not turn an infinity into NaN.
              found.index.flatMap { found.weight == 0 ? nil : (tap.offset + $0 * strides[axis + 2], tap.weight * found.weight) }
            }
          }
        }
        for channel in 0..<shape[1] {
          let image = batch * shape[1] + channel
          body(image * places + place, taps, image * channelSize)
        }
      }
    }
  }
}
