import OnyxGraph
import OnyxTensor

/// What a run asks of one input, in the form that is checked without text.
struct InputSlot: Sendable {
  /// The size that one axis of the tensor must have.
  enum Extent: Sendable {
    /// This many elements.
    case known(Int)
    /// A dimension with a symbol: equal numbers, equal sizes.
    case symbol(Int)
  }

  /// The name of the graph's input.
  let name: String
  /// The model's own tensor, taken when the caller gives none.
  let standIn: Tensor?
  /// nil when the graph does not say the type.
  private let element: ElementType?
  /// nil when the graph does not say the rank.
  private let extents: [Extent]?
  /// Whether tensors can be given at all: not for a sequence, an optional or a map.
  private let isTensor: Bool

  /// `symbols` numbers the symbolic dimensions of all inputs by their text.
  init(_ value: Value, standIn: Tensor?, symbols: inout [String: Int]) {
    name = value.name
    self.standIn = standIn
    guard case .tensor(let element, let shape)? = value.type else {
      isTensor = value.type == nil
      (self.element, extents) = (nil, nil)
      return
    }
    isTensor = true
    self.element = element
    var extents: [Extent] = []
    for dimension in shape ?? [] {
      if let known = dimension.known {
        extents.append(.known(known))
      } else {
        let number = symbols[dimension.description] ?? symbols.count
        symbols[dimension.description] = number
        extents.append(.symbol(number))
      }
    }
    self.extents = shape == nil ? nil : extents
  }

  /// Whether the tensor can be given; `sizes` holds the sizes of the symbols that earlier inputs had, −1 for those to come.
  func accepts(_ tensor: Tensor, _ sizes: inout [Int]) -> Bool {
    guard isTensor else { return false }
    guard let element else { return true }
    guard tensor.elementType == element else { return false }
    guard let extents else { return true }
    let shape = tensor.shape.dimensions
    guard shape.count == extents.count else { return false }
    for axis in shape.indices {
      switch extents[axis] {
      case .known(let size): guard shape[axis] == size else { return false }
      case .symbol(let number):
        guard sizes[number] == shape[axis] || sizes[number] < 0 else { return false }
        sizes[number] = shape[axis]
      }
    }
    return true
  }
}
