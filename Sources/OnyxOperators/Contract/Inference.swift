import OnyxGraph
import OnyxTensor

/// What is known of a value before a run.
package struct Inferred: Sendable {
  package var type: ValueType
  package var value: KnownValue?

  package init(_ type: ValueType, value: KnownValue? = nil) {
    self.type = type
    self.value = value
  }

  package init(_ element: ElementType, _ shape: [Dimension]?) { self.init(.tensor(element, shape: shape)) }
  package init(constant tensor: Tensor) { self.init(.tensor(tensor.elementType, tensor.shape), value: .tensor(tensor)) }

  /// A tensor of the same elements in another number, or of unknown rank (nil): nothing is known of its value. For tensors.
  package func resized(_ shape: [Dimension]?) -> Inferred { Inferred(elementType.map { .tensor($0, shape: shape) } ?? type) }

  package var elementType: ElementType? { type.elementType }
  package var shape: [Dimension]? { type.shape }

  /// The value as a constant tensor, when all of it is known.
  package var constant: Tensor? {
    switch value {
    case .tensor(let tensor): tensor
    case .dimensions(let dimensions): dimensions.constantTensor(as: type)
    case nil: nil
    }
  }

  /// The value of a small integer tensor as (possibly symbolic) dimensions in row-major order; nil when unknown.
  package var dimensions: [Dimension]? {
    switch value {
    case .dimensions(let dimensions): dimensions
    case .tensor(let tensor) where tensor.elementCount <= KnownValue.largestElementCount:
      (try? tensor.ints())?.map { Dimension($0) }
    default: nil
    }
  }
}

extension Inferred? {
  /// Whether the same is known; of large constants only when they are one.
  func isKnownSame(as other: Inferred?) -> Bool {
    guard let self, let other else { return self == nil && other == nil }
    guard self.type == other.type else { return false }
    switch (self.value, other.value) {
    case (nil, nil): return true
    case (.dimensions(let a), .dimensions(let b)): return a == b
    case (.tensor(let a), .tensor(let b)): return a.isKnownSame(as: b)
    default: return false
    }
  }
}

extension Tensor {
  /// Whether both are the same memory under the same type, or small and equal in every bit.
  package func isKnownSame(as other: Tensor) -> Bool {
    guard elementType == other.elementType, shape == other.shape else { return false }
    if case .bytes(let a, let start) = storage, case .bytes(let b, let otherStart) = other.storage, a === b { return start == otherStart }
    return elementCount <= KnownValue.largestElementCount && hasEqualBits(to: other)
  }
}

/// A value known at planning time.
package enum KnownValue: Sendable {
  case tensor(Tensor)
  /// Elements of an integer tensor of rank 0 or 1, some of them symbolic: shape arithmetic in flight.
  case dimensions([Dimension])

  /// Integer tensors above this many elements are no shape arithmetic.
  package static let largestElementCount = 64
}

extension [Dimension] {
  fileprivate func constantTensor(as type: ValueType) -> Tensor? {
    guard let element = type.elementType, let shape = type.knownShape, shape.elementCount == count else { return nil }
    var values: [Int64] = []
    for dimension in self {
      guard let known = dimension.known else { return nil }
      values.append(Int64(known))
    }
    return try? Tensor(integral: values, as: element, shape: shape)
  }

  /// All dimensions when none is symbolic.
  package var allKnown: [Int]? {
    let known = compactMap(\.known)
    return known.count == count ? known : nil
  }

  /// The product of the dimensions.
  package func product() throws(OnyxError) -> Dimension {
    var result = Dimension(1)
    for dimension in self { result = try result * dimension }
    return result
  }
}

/// The inputs of a type and shape rule.
package struct InferenceContext: Sendable {
  package let inputs: [Inferred?]
  package let outputCount: Int
  /// Prefix of the symbols that stand for dimensions known only at run time; unique to the node.
  package let symbolPrefix: String
  /// What is known of the values that the node's bodies capture, by their ids in the graph of the node.
  let captured: [ValueID: Inferred]
  /// Bodies around the node.
  let depth: Int
  /// Whether nodes of bodies that Onyx lacks are passed over.
  let passesUnsupported: Bool

  package init(
    inputs: [Inferred?], outputCount: Int, symbolPrefix: String = "unk", captured: [ValueID: Inferred] = [:], depth: Int = 0,
    passesUnsupported: Bool = false
  ) {
    self.inputs = inputs
    self.outputCount = outputCount
    self.symbolPrefix = symbolPrefix
    self.captured = captured
    self.depth = depth
    self.passesUnsupported = passesUnsupported
  }

  /// Whether optional input `index` is given.
  package func has(_ index: Int) -> Bool { inputs.indices.contains(index) && inputs[index] != nil }

  /// Input `index`, which the signature requires.
  package func input(_ index: Int) throws(OnyxError) -> Inferred {
    guard inputs.indices.contains(index), let input = inputs[index] else { throw .invalid("Input \(index) is missing.") }
    return input
  }

  package func optional(_ index: Int) -> Inferred? { inputs.indices.contains(index) ? inputs[index] : nil }

  /// Input `index`, which the signature requires and which must be a tensor.
  package func tensor(_ index: Int) throws(OnyxError) -> Inferred {
    let input = try input(index)
    guard input.elementType != nil else { throw .invalid("Input \(index) is no tensor.") }
    return input
  }

  /// The element type of input `index`, which must be a tensor.
  package func elementType(_ index: Int) throws(OnyxError) -> ElementType {
    guard let type = try tensor(index).elementType else { throw .bug("A tensor has no element type.") }
    return type
  }

  /// The dimensions of input `index`; nil when its rank is unknown.
  package func shape(_ index: Int) throws(OnyxError) -> [Dimension]? { try input(index).shape }

  /// The integers of input `index` (axes, pads, a shape), when known and none is symbolic.
  package func ints(_ index: Int) throws(OnyxError) -> [Int]? {
    let input = try input(index)
    if let known = input.dimensions?.allKnown { return known }
    return try input.constant?.ints()
  }

  /// A dimension that only the run will know.
  package func unknown(_ label: String) -> Dimension { Dimension(derived: "\(symbolPrefix).\(label)") }

  /// All shapes when every input is given with a known rank.
  package func allShapes() -> [[Dimension]]? {
    let shapes = inputs.compactMap { $0?.shape }
    return shapes.count == inputs.count ? shapes : nil
  }

  /// Multidirectional broadcasting over symbolic shapes. Two different symbols, or a symbol against a number other than
  /// 1, are taken to agree at run time; the executor checks it then.
  package func broadcast(_ shapes: [[Dimension]]) throws(OnyxError) -> [Dimension] {
    let rank = shapes.map(\.count).max() ?? 0
    var result = [Dimension](repeating: 1, count: rank)
    for shape in shapes {
      for (axis, dimension) in zip((rank - shape.count)..., shape) where dimension != 1 {
        let other = result[axis]
        if other == 1 || other == dimension {
          result[axis] = dimension
        } else if other.known != nil, dimension.known != nil {
          throw .invalid("The shapes \(shapes.map { "\($0)" }.joined(separator: " and ")) cannot be broadcast together.")
        } else if other.known == nil, dimension.known == nil {
          result[axis] = Dimension(derived: "broadcast(\(other),\(dimension))", of: [other, dimension])
        } else if dimension.known != nil {
          result[axis] = dimension
        }
      }
    }
    return result
  }
}
