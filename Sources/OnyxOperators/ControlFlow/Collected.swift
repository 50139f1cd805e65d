import OnyxGraph
import OnyxTensor

/// What a loop collects over its iterations: one stack of tensors for each output.
package struct Collected {
  /// nil where no iteration gave anything yet.
  package var stacks: [TensorStack?]
  /// The number of iterations where it is known.
  package let capacity: Int?
  private var byteCounts: [Int]

  /// `capacity` is the number of iterations where it is known.
  init(count: Int, capacity: Int?) {
    stacks = Array(repeating: nil, count: count)
    byteCounts = Array(repeating: 0, count: count)
    self.capacity = capacity
  }

  /// Appends the results of one iteration. Throws `invalidModel` when they are no tensors of the shape of earlier ones.
  mutating func append(_ rows: ArraySlice<Value>, _ context: BodyContext) throws(OnyxError) {
    for (index, row) in rows.enumerated() {
      guard case .tensor(let tensor) = row else { throw .invalid("An iteration gave \(row) to be collected; only tensors can be.") }
      if stacks[index] == nil { stacks[index] = try TensorStack(like: tensor, capacity: capacity) }
      try stacks[index]?.append(tensor)
      guard let held = stacks[index]?.byteCount, held != byteCounts[index] else { continue }
      byteCounts[index] = held
      try context.hold(byteCounts.reduce(0, &+))
    }
  }

  /// The stacks as tensors of one more rank than the rows; nil where no iteration gave anything.
  consuming func tensors() throws(OnyxError) -> [Tensor?] {
    var tensors: [Tensor?] = []
    for stack in stacks { tensors.append(try stack.map { (stack) throws(OnyxError) in try stack.tensor() }) }
    return tensors
  }

  /// As `tensors`; where nothing was given an empty tensor of the type that the rule says of the node's output, those from `first` on.
  consuming func values(_ context: BodyContext, after first: Int) throws(OnyxError) -> [Tensor] {
    var types: [ValueType] = []
    var tensors: [Tensor] = []
    for (index, tensor) in try self.tensors().enumerated() {
      if let tensor {
        tensors.append(tensor)
        continue
      }
      if types.isEmpty { types = try context.outputTypes() }
      tensors.append(try Self.empty(types[first + index]))
    }
    return tensors
  }

  /// What the stacks hold of memory, strings with their UTF-8.
  package var byteCount: Int { stacks.reduce(0) { $0 &+ ($1?.byteCount ?? 0) } }

  /// Zeros of a type; extents that are not known are 0.
  static func empty(_ type: ValueType) throws(OnyxError) -> Tensor {
    guard let element = type.elementType else { throw .bug("A loop collects no tensors.") }
    return try .zeros(element, shape: try Shape((type.shape ?? [0]).map { max(0, $0.known ?? 0) }))
  }
}
