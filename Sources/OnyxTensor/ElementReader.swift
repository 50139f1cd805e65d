/// Reads elements in the order of a walk, a piece at a time, in the wide type of their domain: no tensor is held in it as a whole.
package struct ElementReader: Sendable {
  private let tensor: Tensor
  private let walk: any ElementWalk
  /// Elements that were read.
  private var done = 0
  private var runs: [ElementRun] = []

  package init(_ tensor: Tensor, _ walk: any ElementWalk) {
    self.tensor = tensor
    self.walk = walk
  }

  /// A reader of the elements that broadcasting to `shape` repeats.
  package init(_ tensor: Tensor, in shape: Shape) { self.init(tensor, BroadcastWalk(tensor.shape, in: shape)) }

  /// A reader of the elements as they lie.
  package init(_ tensor: Tensor) { self.init(tensor, in: tensor.shape) }

  /// The next elements, as many as `values` has places. Floats are exact, 64-bit integers are rounded. Throws `invalidModel` for
  /// complex and string tensors. Complexity: O(values).
  package mutating func read(into values: inout [Double]) throws(OnyxError) {
    advance(values.count)
    if let type = tensor.elementType.floatingElement {
      try readFloats(type, &values)
    } else if let type = tensor.elementType.integralElement {
      try readIntegers(type, &values)
    } else {
      throw .invalid("A tensor of \(tensor.elementType) was given where numbers are needed.")
    }
  }

  /// The next elements of a tensor of integers or bools; `uint64` keeps its bits. Throws `invalidModel` for other tensors.
  /// Complexity: O(values).
  package mutating func read(into values: inout [Int64]) throws(OnyxError) {
    advance(values.count)
    guard let type = tensor.elementType.integralElement else {
      throw .invalid("A tensor of \(tensor.elementType) was given where integers are needed.")
    }
    try readIntegers(type, &values)
  }

  private mutating func advance(_ count: Int) {
    runs.removeAll(keepingCapacity: true)
    let end = done + count
    while done < end {
      let run = walk.run(at: done, atMost: end - done)
      runs.append(run)
      done += run.count
    }
  }

  /// Floats keep their values, whatever their type.
  private func readFloats<T: FloatingElement>(_ type: T.Type, _ values: inout [Double]) throws(OnyxError) {
    try tensor.withElements(of: type) { T.read($0, runs, into: &values) }
  }

  /// Integers of 64 bits are rounded to the nearest double.
  private func readIntegers<T: IntegralElement>(_ type: T.Type, _ values: inout [Double]) throws(OnyxError) {
    try tensor.withElements(of: type) { T.read($0, runs, into: &values) }
  }

  private func readIntegers<T: IntegralElement>(_ type: T.Type, _ values: inout [Int64]) throws(OnyxError) {
    try tensor.withElements(of: type) { T.read($0, runs, into: &values) }
  }
}
