import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor

/// What a plan is made for in the place of one input: a tensor of an exact type or of some extents, or a value of another kind.
package enum RunType: Sendable, Hashable {
  case tensor(TensorType)
  /// A tensor of as many axes; an extent that is nil shows only in the run.
  case open(ElementType, [Int?])
  case other(ValueKind)

  /// The type of a value of a run.
  package init(_ value: Value) {
    if case .tensor(let tensor) = value {
      self = .tensor(TensorType(tensor.elementType, tensor.shape))
    } else {
      self = .other(value.kind)
    }
  }

  /// Whether a plan for this type serves the value.
  func admits(_ value: Value) -> Bool {
    switch (self, value) {
    case (_, .tensor(let tensor)): admits(tensor)
    case (.tensor, _), (.open, _): false
    case (.other(let kind), _): kind == value.kind
    }
  }

  /// The same of a tensor.
  func admits(_ tensor: Tensor) -> Bool {
    switch self {
    case .tensor(let type): type.elementType == tensor.elementType && type.shape == tensor.shape
    case .open(let element, let extents): tensor.elementType == element && Self.agree(extents, tensor.shape.dimensions)
    case .other: false
    }
  }

  private static func agree(_ extents: [Int?], _ others: [Int]) -> Bool {
    guard extents.count == others.count else { return false }
    for axis in extents.indices {
      if let extent = extents[axis], extent != others[axis] { return false }
    }
    return true
  }

  /// What serves both; nil when they differ in more than extents, and for strings.
  package func joined(_ other: RunType) -> RunType? {
    if self == other { return self }
    guard let (element, a) = extents, let (second, b) = other.extents, element == second, element != .string, a.count == b.count else {
      return nil
    }
    return .open(element, zip(a, b).map { $0 == $1 ? $0 : nil })
  }

  private var extents: (ElementType, [Int?])? {
    switch self {
    case .tensor(let type): (type.elementType, type.shape.dimensions.map { Optional($0) })
    case .open(let element, let extents): (element, extents)
    case .other: nil
    }
  }

  /// What inference starts from, for the input `id`.
  func inferred(_ id: ValueID) -> Inferred {
    switch self {
    case .tensor(let type): Inferred(.tensor(type.elementType, type.shape))
    case .open(let element, let extents):
      Inferred(element, extents.enumerated().map { $1.map { Dimension($0) } ?? Dimension(derived: "open\(id.index).\($0)") })
    case .other(let kind): Inferred(ValueType(kind))
    }
  }
}

extension [RunType?] {
  /// Whether some extent shows only in the run.
  var hasOpen: Bool { contains { if case .open = $0 { true } else { false } } }

  /// What serves the values of both; nil when they differ in more than extents.
  func joined(_ other: Self) -> Self? {
    guard count == other.count else { return nil }
    var joined: Self = []
    for (a, b) in zip(self, other) {
      switch (a, b) {
      case (nil, nil): joined.append(nil)
      case (let a?, let b?):
        guard let both = a.joined(b) else { return nil }
        joined.append(both)
      default: return nil
      }
    }
    return joined
  }

  /// Whether a plan for these types serves values for the first inputs.
  func admit(formals values: [Value]) -> Bool {
    for index in values.indices {
      guard let type = self[index], type.admits(values[index]) else { return false }
    }
    return true
  }

  /// Whether a plan for these types serves the values, in the order of the graph's inputs.
  func admit(_ values: [Value?]) -> Bool { admit(values) { $0.admits($1) } }

  /// The same of tensors.
  func admit(_ tensors: [Tensor?]) -> Bool { admit(tensors) { $0.admits($1) } }

  private func admit<T>(_ values: [T?], _ admits: (RunType, T) -> Bool) -> Bool {
    guard count == values.count else { return false }
    for index in indices {
      switch (self[index], values[index]) {
      case (nil, nil): continue
      case (let type?, let value?): guard admits(type, value) else { return false }
      default: return false
      }
    }
    return true
  }
}
