import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The constant inputs of a Reshape that turns `input` into `output` for every binding of the symbols.
struct ReshapeTarget {
  let sizes: [Int]
  /// Whether a size of 0 is an empty axis and not "as in the input".
  let allowsZero: Bool

  /// nil when neither copying axes of the input nor a single −1 can say the shape.
  init?(from input: [Dimension]?, to output: [Dimension]) {
    if let known = output.allKnown {
      guard known.allSatisfy({ $0 >= 0 }) else { return nil }
      self.init(sizes: known, allowsZero: known.contains(0))
    } else {
      // Beside a symbol, 0 could only mean "as in the input", and −1 against an empty axis is not decided.
      guard !output.contains(0) else { return nil }
      var copied: [Int] = []
      for (axis, dimension) in output.enumerated() {
        let isCopy = input.map { $0.indices.contains(axis) && $0[axis] == dimension } ?? false
        copied.append(dimension.known ?? (isCopy ? 0 : -1))
      }
      // A copied axis can be empty in a run, so copies do not go with −1.
      let sizes = copied.contains(-1) ? output.map { $0.known ?? -1 } : copied
      guard sizes.filter({ $0 == -1 }).count <= 1 else { return nil }
      self.init(sizes: sizes, allowsZero: false)
    }
  }

  private init(sizes: [Int], allowsZero: Bool) {
    self.sizes = sizes
    self.allowsZero = allowsZero
  }

  /// Adds Reshape(`input`) to the patch.
  func reshape(_ input: ValueID, in patch: inout Patch) throws(OnyxError) -> ValueID {
    let shape = patch.constant(try Tensor(sizes))
    return patch.node("Reshape", [input, shape], allowsZero ? ["allowzero": .int(1)] : [:])
  }
}
