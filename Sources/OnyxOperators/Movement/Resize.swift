import OnyxGraph
import OnyxTensor

/// Resamples a tensor along its axes. ONNX: Resize (10, 11, 13, 18, 19).
///
/// A result extent is floor(extent · scale) with the product rounded to `Float`, as the ONNX shape inference computes it; the region of
/// interest does not change it. Positions: see `ResizeAxis.Scale`; values are computed in `Double`. Integers are rounded to nearest even
/// and clamped.
package struct Resize: TensorOperator {
  /// The attribute `keep_aspect_ratio_policy`.
  package enum AspectPolicy: String, CaseIterable, Sendable {
    case stretch
    case notLarger = "not_larger"
    case notSmaller = "not_smaller"
  }

  static let definition = OperatorDefinition(
    Signature(
      "Resize", versions: [10, 11, 13, 18, 19],
      inputs: [.required("X", "T1"), .optional("roi", "T2"), .optional("scales", "float32"), .optional("sizes", "int64")],
      outputs: [.required("Y", "T1")], types: ["T1": .unpacked, "T2": [.float16, .float32, .float64]]), Resize.init)

  /// How values are interpolated.
  package let mode: ResizeAxis.Interpolation
  /// Which element is nearest to a position between two.
  package let nearest: ResizeAxis.NearestMode
  /// How positions of the result become positions in the input.
  package let coordinates: ResizeAxis.CoordinateMode
  /// Whether sizes keep the ratio of the resized axes.
  package let policy: AspectPolicy
  /// The coefficient a of cubic interpolation.
  package let cubicCoefficient: Double
  /// Whether elements outside the input weigh nothing, the others more.
  package let excludesOutside: Bool
  /// Whether the kernel widens when the axis shrinks.
  package let antialiases: Bool
  /// The value outside a cropped region.
  package let extrapolation: Double
  /// The axes that scales, sizes and roi list; nil: all. May count from the end.
  package let axes: [Int]?

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    mode = try attributes.choice("mode", default: .nearest)
    nearest = try attributes.choice("nearest_mode", default: .preferFloor)
    coordinates = try attributes.choice("coordinate_transformation_mode", default: .halfPixel)
    policy = try attributes.choice("keep_aspect_ratio_policy", default: .stretch)
    cubicCoefficient = Double(try attributes.float("cubic_coeff_a", default: -0.75))
    excludesOutside = try attributes.flag("exclude_outside", default: false)
    antialiases = try attributes.flag("antialias", default: false)
    extrapolation = Double(try attributes.float("extrapolation_value", default: 0))
    axes = try attributes.ints("axes")
  }

  // MARK: Shape

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    if element == .string && mode != .nearest { throw .invalid("Strings cannot be interpolated.", remedy: "Use mode 'nearest'.") }
    guard let shape = try context.shape(0) else { return [Inferred(element, nil)] }
    let axes = try resizedAxes(rank: shape.count)
    let usesScales = try Self.isGiven(context, 2, "scales", axes.count)
    let usesSizes = try Self.isGiven(context, 3, "sizes", axes.count)
    if let usesScales, usesScales == usesSizes {
      throw .invalid(
        "Resize has \(usesScales ? "both" : "neither of") the inputs 'scales' and 'sizes'.", remedy: "It needs exactly one of them.")
    }
    var result = shape
    if let usesScales = usesScales ?? usesSizes.map({ !$0 }), usesScales {
      let scales = try context.input(2).constant?.elements(as: Float.self)
      for (position, axis) in axes.enumerated() {
        guard let scales else {
          result[axis] = context.unknown("\(axis)")
          continue
        }
        result[axis] = try Self.scaled(shape[axis], scales[position])
      }
    } else {
      let sizes = usesSizes == true ? try resolvedSizes(shape, axes, try context.elements(3)) : nil
      for (position, axis) in axes.enumerated() { result[axis] = sizes?[position] ?? context.unknown("\(axis)") }
    }
    for axis in axes where shape[axis] == 0 {
      if let extent = result[axis].known, extent > 0 { throw .invalid("Axis \(axis) is empty and cannot be resized to \(extent).") }
    }
    return [Inferred(element, try result.checked())]
  }

  private func resizedAxes(rank: Int) throws(OnyxError) -> [Int] { try normalize(axes: axes ?? Array(0..<rank), rank: rank) }

  /// Whether an optional vector is there and not empty: exporters write an empty `scales` next to `sizes`. Nil when its
  /// length is not known.
  private static func isGiven(_ context: InferenceContext, _ index: Int, _ name: String, _ count: Int) throws(OnyxError) -> Bool? {
    guard context.has(index) else { return false }
    guard let length = try context.length(index, name) else { return nil }
    if length != 0 && length != count { throw .invalid("The input '\(name)' has \(length) elements for \(count) axes.") }
    return length != 0 || count == 0
  }

  private static func scaled(_ extent: Dimension, _ scale: Float) throws(OnyxError) -> Dimension {
    guard scale > 0 && scale.isFinite else { throw .invalid("A scale of Resize is \(scale); it must be above 0 and finite.") }
    if let factor = Int(exactly: scale) { return try extent * Dimension(factor) }
    if let divisor = Int(exactly: 1 / scale), 1 / Float(divisor) == scale { return try extent.dividedDown(by: Dimension(divisor)) }
    if let extent = extent.known {
      guard let size = Int(exactly: (Float(extent) * scale).rounded(.down)) else {
        throw .invalid("An axis of \(extent) elements cannot be scaled by \(scale).")
      }
      return Dimension(size)
    }
    return Dimension(derived: "floor((\(extent))*\(scale))", of: [extent])
  }

  /// The result extents that `sizes` and the aspect policy ask for; nil when unknown.
  private func resolvedSizes(_ shape: [Dimension], _ axes: [Int], _ sizes: [Dimension]?) throws(OnyxError) -> [Dimension]? {
    guard let sizes else { return nil }
    if let negative = sizes.first(where: { ($0.known ?? 0) < 0 }) { throw .invalid("A size of Resize is \(negative).") }
    guard policy != .stretch else { return sizes }
    guard let known = sizes.allKnown, let extents = axes.map({ shape[$0] }).allKnown else { return nil }
    guard !extents.contains(0) else { throw .invalid("An empty axis has no aspect ratio to keep.") }
    let scale = commonScale(extents, known)
    var result: [Dimension] = []
    for extent in extents {
      // round(extent · size / of), halves up.
      let (product, overflow) = extent.multipliedReportingOverflow(by: scale.size)
      let (twice, overflowTwice) = product.multipliedReportingOverflow(by: 2)
      let (sum, overflowSum) = twice.addingReportingOverflow(scale.extent)
      let (divisor, overflowDivisor) = scale.extent.multipliedReportingOverflow(by: 2)
      guard !overflow, !overflowTwice, !overflowSum, !overflowDivisor else { throw .invalid("A size of Resize is out of range.") }
      result.append(Dimension(sum / divisor))
    }
    return result
  }

  /// The least or the largest ratio of a size to its extent. No extent is 0.
  private func commonScale(_ extents: [Int], _ sizes: [Int]) -> (size: Int, extent: Int) {
    func isLess(_ a: (size: Int, extent: Int), _ b: (size: Int, extent: Int)) -> Bool {
      // Extents and sizes are not negative: the products are ordered as their two halves are.
      let (left, right) = (a.size.multipliedFullWidth(by: b.extent), b.size.multipliedFullWidth(by: a.extent))
      return (left.high, left.low) < (right.high, right.low)
    }
    let ratios = zip(extents, sizes).map { (size: $1, extent: $0) }
    return (policy == .notLarger ? ratios.min(by: isLess) : ratios.max(by: isLess)) ?? (1, 1)
  }

  // MARK: Values

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let shape = try context.shape()
    guard shape.elementCount > 0 else { return [try .empty(x.elementType, shape)] }
    try ReferenceMemory.check(shape.elementCount)
    let axes = try geometry(context, x.shape, shape)
    if mode == .nearest { return [try sampled(x, shape, axes)] }
    if x.elementType.domain == .complex {
      let parts = try x.complexes()
      let real = try interpolated(parts.map(\.real), x.shape, axes, fill: extrapolation)
      let imaginary = try interpolated(parts.map(\.imaginary), x.shape, axes, fill: 0)
      return [try Tensor(complex: zip(real, imaginary).map { Complex128($0, $1) }, as: x.elementType, shape: shape)]
    }
    let values = try interpolated(try x.doubles(), x.shape, axes, fill: extrapolation)
    return [try Tensor(saturating: values, as: x.elementType, shape: shape, .toNearestOrEven)]
  }

  private func geometry(_ context: EvaluationContext, _ source: Shape, _ result: Shape) throws(OnyxError) -> [ResizeAxis?] {
    try geometry(
      from: source, to: result, scales: try context.optional(2)?.elements(as: Float.self) ?? [], sizes: try context.optional(3)?.ints(),
      region: coordinates == .cropAndResize ? try context.optional(1)?.doubles() : nil)
  }

  /// What happens to each axis of a tensor; nil for axes that are not resized. The other parameters are the inputs of these names, which
  /// agree with the shapes; the region is asked for where results are cropped. Throws `invalidModel` when it is not given then.
  package func geometry(
    from source: Shape, to result: Shape, scales: [Float], sizes: [Int]?, region: [Double]?
  ) throws(OnyxError) -> [ResizeAxis?] {
    let axes = try resizedAxes(rank: source.rank)
    if coordinates == .cropAndResize && region?.count != 2 * axes.count {
      throw .invalid("The mode 'tf_crop_and_resize' needs an input 'roi' of \(2 * axes.count) elements.")
    }
    var common: (size: Int, extent: Int)?
    if scales.isEmpty && policy != .stretch, let sizes, sizes.allSatisfy({ $0 >= 0 }) {
      common = commonScale(axes.map { source[$0] }, sizes)
    }
    var geometry = [ResizeAxis?](repeating: nil, count: source.rank)
    for (position, axis) in axes.enumerated() {
      let scale: ResizeAxis.Scale =
        scales.isEmpty
        ? .ratio(common?.size ?? result[axis], common?.extent ?? source[axis])
        : .init(scales[position], input: source[axis], output: result[axis])
      var resized = ResizeAxis(input: source[axis], output: result[axis], scale: scale)
      if let region, coordinates == .cropAndResize { resized.region = (region[position], region[axes.count + position]) }
      geometry[axis] = resized
    }
    return geometry
  }

  /// The element of an axis that is nearest to result element `x`; nil outside a cropped region.
  package func nearestElement(to x: Int, on axis: ResizeAxis) -> Int? { axis.nearest(x, coordinates, nearest) }

  /// The weighted elements of an axis that make result element `x`; nil outside a cropped region. Throws for scales that are too small.
  package func taps(of x: Int, on axis: ResizeAxis) throws(OnyxError) -> ResizeAxis.Taps {
    let (a, isLinear) = (cubicCoefficient, mode == .linear)
    return try axis.taps(x, coordinates, radius: isLinear ? 1 : 2, antialias: antialiases, excludeOutside: excludesOutside) {
      isLinear ? ResizeKernel.linear($0) : ResizeKernel.cubic($0, a)
    }
  }

  /// Mode nearest: elements are moved, of whatever type they are.
  private func sampled(_ x: Tensor, _ shape: Shape, _ axes: [ResizeAxis?]) throws(OnyxError) -> Tensor {
    let strides = x.shape.strides
    let places = shape.indices.map { axis in
      axes[axis].map { geometry in
        (0..<shape[axis]).map { nearestElement(to: $0, on: geometry).map { $0 * strides[axis] } ?? IndexMap.outside }
      }
    }
    let indices = AxisSums(shape) { axis, coordinate in places[axis].map { $0[coordinate] } ?? coordinate * strides[axis] }
    guard places.contains(where: { $0?.contains(IndexMap.outside) ?? false }) else { return try x.gathering(indices, shape: shape) }
    let fill: Tensor
    switch x.elementType.domain {
    case .string: throw .invalid("Strings cannot be extrapolated.")
    case .complex: fill = try Tensor(complex: [Complex128(extrapolation, 0)], as: x.elementType, shape: .scalar)
    default: fill = try Tensor(saturating: [extrapolation], as: x.elementType, shape: .scalar, .toNearestOrEven)
    }
    return try x.gathering(indices, shape: shape, fill: fill)
  }

  /// The separable interpolation, one axis after the other.
  private func interpolated(_ values: [Double], _ shape: Shape, _ axes: [ResizeAxis?], fill: Double) throws(OnyxError) -> [Double] {
    var values = values
    var dimensions = shape.dimensions
    for (axis, geometry) in axes.enumerated() {
      guard let geometry else { continue }
      // The taps of one element take the place of about 16 numbers.
      try ReferenceMemory.check(16 * geometry.output)
      var taps: [ResizeAxis.Taps] = []
      for x in 0..<geometry.output { taps.append(try self.taps(of: x, on: geometry)) }
      let inner = dimensions[(axis + 1)...].reduce(1, *)
      let outer = dimensions[..<axis].reduce(1, *)
      dimensions[axis] = geometry.output
      let count = try Shape(dimensions).elementCount
      try ReferenceMemory.check(count)
      var result = [Double](repeating: 0, count: count)
      var pace = WorkPace(every: 1 << 16)
      for block in 0..<outer {
        for (place, element) in taps.enumerated() {
          let target = (block * geometry.output + place) * inner
          guard let element else {
            for column in target..<target + inner { result[column] = fill }
            continue
          }
          // Weights of 0 are left out: they must not turn an infinity into NaN.
          for (index, weight) in element where weight != 0 {
            try pace.check(after: 1 + inner)
            let source = (block * geometry.input + index) * inner
            for column in 0..<inner { result[target + column] += weight * values[source + column] }
          }
        }
      }
      values = result
    }
    return values
  }
}
