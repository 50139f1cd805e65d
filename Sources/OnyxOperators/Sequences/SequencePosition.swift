import OnyxGraph
import OnyxTensor

extension ValueContext {
  /// The position in a sequence of `count` that input `index` says, counted from the front. `orBehind` allows the one behind the last.
  /// Throws `invalidModel` for a position outside.
  func position(_ index: Int, among count: Int, orBehind: Bool = false) throws(OnyxError) -> Int {
    let tensor = try tensor(index)
    guard tensor.elementCount == 1 else { throw .invalid("A position is \(tensor.typeDescription); it must be one integer.") }
    let position = try tensor.ints()[0]
    let end = orBehind ? count : count - 1
    guard position >= -count, position <= end else {
      throw .invalid("Position \(position) is outside a sequence of \(count).", remedy: "Valid positions are \(-count) … \(end).")
    }
    return position < 0 ? position + count : position
  }
}

extension InferenceContext {
  /// What the elements of input `index`, a sequence, are.
  func sequenceElement(_ index: Int) throws(OnyxError) -> ValueType {
    guard case .sequence(let element) = try input(index).type else { throw .invalid("Input \(index) is no sequence.") }
    return element
  }
}

extension ValueType {
  /// What all elements of a sequence are that holds both. Elements may differ in extents, so a symbol would say too much of them.
  func joined(asElement other: ValueType) throws(OnyxError) -> ValueType {
    guard let joined = joined(other) else { throw .invalid("A sequence of \(kind) cannot hold a value of \(other.kind).") }
    return joined
  }
}
