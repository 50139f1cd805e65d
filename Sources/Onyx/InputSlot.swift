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
  /// What is taken when the caller gives nothing: the model's own tensor, or an optional that holds nothing.
  let standIn: Value?
  /// nil when the graph does not say the type.
  private let kind: ValueKind?
  /// nil when the graph does not say the rank.
  private let extents: [Extent]?

  /// `symbols` numbers the symbolic dimensions of all inputs by their text.
  init(_ value: Edge, standIn: Tensor?, symbols: inout [String: Int]) {
    name = value.name
    if let standIn {
      self.standIn = .tensor(standIn)
    } else if case .optional(let content)? = value.type {
      self.standIn = .optional(of: content.kind, nil)
    } else {
      self.standIn = nil
    }
    kind = value.type?.kind
    guard case .tensor(_, let shape)? = value.type else {
      extents = nil
      return
    }
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

  /// What keeps a value from being given for an input.
  enum Mismatch: Sendable {
    /// Another kind, element type, rank or extent.
    case type
  }

  /// An axis whose symbolic dimension, of this number, has another size in an earlier axis.
  struct Reuse: Sendable {
    let axis, number: Int
  }

  /// Why the value cannot be given; nil when it can. `sizes` holds the sizes of the symbols that earlier inputs had, −1 for those to come;
  /// `reuse` becomes the first axis whose symbol has another one.
  func mismatch(_ value: some RunInput, _ sizes: inout [Int], _ reuse: inout Reuse?) -> Mismatch? {
    guard let kind else { return nil }
    guard let tensor = value.asTensor else { return value.kind == kind ? nil : .type }
    guard case .tensor(tensor.elementType) = kind else { return .type }
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
