import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor

/// What a plan is made for in the place of one input: a tensor of an exact type, or a value of another kind.
package enum RunType: Sendable, Hashable {
  case tensor(TensorType)
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
    case (.tensor(let type), .tensor(let tensor)): type.elementType == tensor.elementType && type.shape == tensor.shape
    case (.tensor, _), (.other, .tensor): false
    case (.other(let kind), _): kind == value.kind
    }
  }

  /// What inference starts from.
  var inferred: Inferred {
    switch self {
    case .tensor(let type): Inferred(.tensor(type.elementType, type.shape))
    case .other(let kind): Inferred(ValueType(kind))
    }
  }
}

extension [RunType?] {
  /// Whether a plan for these types serves the values, in the order of the graph's inputs.
  func admit(_ values: [Value?]) -> Bool {
    guard count == values.count else { return false }
    for index in indices {
      switch (self[index], values[index]) {
      case (nil, nil): continue
      case (let type?, let value?): guard type.admits(value) else { return false }
      default: return false
      }
    }
    return true
  }
}
