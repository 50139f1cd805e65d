import OnyxGraph
import OnyxTensor

extension [Dimension] {
  /// The same dimensions. Throws when the known ones rule the shape out: a negative extent, or more elements than fit in
  /// memory. Rules call it before anything is allocated.
  func checked() throws(OnyxError) -> [Dimension] {
    _ = try Shape(compactMap(\.known))
    return self
  }
}

extension KnownValue {
  /// The value of an integer tensor with these elements in row-major order; nil when it is too large to be shape
  /// arithmetic, or symbolic with a rank above 1.
  init?(_ elements: [Dimension], of type: ValueType) {
    guard let element = type.elementType, element.integralElement != nil, let shape = type.knownShape,
      shape.elementCount == elements.count, elements.count <= Self.largestElementCount
    else { return nil }
    if shape.rank <= 1 {
      self = .dimensions(elements)
    } else if let known = elements.allKnown, let tensor = try? Tensor(integral: known.map(Int64.init), as: element, shape: shape) {
      self = .tensor(tensor)
    } else {
      return nil
    }
  }
}

extension Inferred {
  /// A tensor of `shape` made of this one's elements. The value is carried along when it is known and small; `indices`
  /// (as for `Tensor.gathering`, of source and result shape) is asked for only then.
  func moved<Indices: Sequence<Int>>(
    to shape: [Dimension], _ indices: (_ source: Shape, _ result: Shape) throws(OnyxError) -> Indices
  ) throws(OnyxError) -> Inferred {
    guard let element = elementType else { throw .invalid("A tensor is needed here; the input is \(type).") }
    let moved = ValueType.tensor(element, shape: try shape.checked())
    guard let value, let result = moved.knownShape, result.elementCount <= KnownValue.largestElementCount else { return Inferred(moved) }
    switch value {
    case .tensor(let tensor):
      return Inferred(moved, value: .tensor(try tensor.gathering(Array(try indices(tensor.shape, result)), shape: result)))
    case .dimensions(let elements):
      guard let source = type.knownShape, source.elementCount == elements.count else { return Inferred(moved) }
      let positions = Array(try indices(source, result))
      guard positions.allSatisfy(elements.indices.contains) else { throw .bug("An element index is outside its tensor.") }
      return Inferred(moved, value: KnownValue(positions.map { elements[$0] }, of: moved))
    }
  }

  /// The same elements in the same order under another shape, the value with them.
  func reshaped(to shape: [Dimension]) throws(OnyxError) -> Inferred {
    guard let element = elementType else { throw .invalid("A tensor is needed here; the input is \(type).") }
    let reshaped = ValueType.tensor(element, shape: try shape.checked())
    switch value {
    case .tensor(let tensor):
      guard let result = reshaped.knownShape, result.elementCount == tensor.elementCount else { return Inferred(reshaped) }
      return Inferred(reshaped, value: .tensor(try tensor.reshaped(to: result)))
    case .dimensions(let elements): return Inferred(reshaped, value: KnownValue(elements, of: reshaped))
    case nil: return Inferred(reshaped)
    }
  }
}

extension InferenceContext {
  /// The elements of integer input `index` (a shape, sizes, repeats), possibly symbolic; nil when they are not known.
  func elements(_ index: Int) throws(OnyxError) -> [Dimension]? {
    let input = try input(index)
    if let known = input.dimensions { return known }
    guard let tensor = input.constant else { return nil }
    return try tensor.ints().map { Dimension($0) }
  }

  /// The number of elements of input `index`, which must have rank 1 (a scalar counts as one element); nil when unknown.
  func length(_ index: Int, _ name: String) throws(OnyxError) -> Int? {
    guard let shape = try shape(index) else { return nil }
    guard shape.count <= 1 else { throw .invalid("The input '\(name)' has rank \(shape.count); it must have rank 1.") }
    return shape.isEmpty ? 1 : shape[0].known
  }

  /// `count` dimensions that only the run will know; nil for a rank above 64, which no run could reach sensibly.
  func unknowns(_ count: Int) -> [Dimension]? {
    guard count <= KnownValue.largestElementCount else { return nil }
    return (0..<count).map { unknown("\($0)") }
  }
}

/// Throws when two extents that must agree are known and differ.
func requireEqual(_ left: Dimension, _ right: Dimension, _ what: @autoclosure () -> String) throws(OnyxError) {
  if let a = left.known, let b = right.known, a != b { throw .invalid("\(what()): \(a) and \(b).") }
}

/// The axes counted from the front. Throws when one is outside the rank or comes twice.
func normalize(axes: [Int], rank: Int) throws(OnyxError) -> [Int] {
  var result: [Int] = []
  for axis in axes {
    let normal = try Shape.normalize(axis: axis, rank: rank)
    guard !result.contains(normal) else { throw .invalid("The axis \(axis) is given twice.") }
    result.append(normal)
  }
  return result
}
