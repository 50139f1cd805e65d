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
  init(_ value: Edge, standIn: Tensor?, symbols: inout [String: Int]) {
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

  /// What keeps a tensor from being given for an input.
  enum Mismatch: Sendable {
    /// The input is a sequence, an optional or a map.
    case noTensor
    /// Another element type, rank or extent.
    case type
  }

  /// An axis whose symbolic dimension, of this number, has another size in an earlier axis.
  struct Reuse: Sendable {
    let axis, number: Int
  }

  /// Why the tensor cannot be given; nil when it can. `sizes` holds the sizes of the symbols that earlier inputs had, −1 for those to come;
  /// `reuse` becomes the first axis whose symbol has another one.
  func mismatch(_ tensor: Tensor, _ sizes: inout [Int], _ reuse: inout Reuse?) -> Mismatch? {
    guard isTensor else { return .noTensor }
    guard let element else { return nil }
    guard tensor.elementType == element else { return .type }
    guard let extents else { return nil }
    let shape = tensor.shape.dimensions
    guard shape.count == extents.count else { return .type }
    for axis in shape.indices {
      switch extents[axis] {
      case .known(let size): guard shape[axis] == size else { return .type }
      case .symbol(let number):
        if sizes[number] < 0 {
          sizes[number] = shape[axis]
        } else if sizes[number] != shape[axis], reuse == nil {
          reuse = Reuse(axis: axis, number: number)
        }
      }
    }
    return nil
  }

  /// Whether the input has the symbolic dimension of this number.
  func hasSymbol(_ number: Int) -> Bool {
    extents?.contains { if case .symbol(number) = $0 { true } else { false } } ?? false
  }
}
