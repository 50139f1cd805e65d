import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Element type and concrete shape of a tensor in a plan.
package struct TensorType: Sendable, Hashable, CustomStringConvertible {
  package let elementType: ElementType
  package let shape: Shape

  package init(_ elementType: ElementType, _ shape: Shape) {
    self.elementType = elementType
    self.shape = shape
  }

  /// nil when a dimension is unknown or the value is no dense tensor.
  package init?(_ type: ValueType?) {
    guard case .tensor(let elementType, _) = type, let shape = type?.knownShape else { return nil }
    self.init(elementType, shape)
  }

  /// Bytes in memory. Throws `budgetExceeded` when they do not fit an `Int`.
  package func byteCount() throws(OnyxError) -> Int { try Tensor.byteCount(shape.elementCount, width: elementType.byteWidth) }

  package var description: String { "\(elementType)\(shape)" }
}

/// One node with concrete types, as the rows of the kernel table see it when a plan is made.
package struct KernelQuery: Sendable {
  package let node: Node
  package let op: any Operator
  package let inputs: [TensorType?]
  package let outputs: [TensorType?]
  /// The inputs whose values the plan knows: initializers and folded shape arithmetic.
  package let constants: [Tensor?]
  package let isa: ISA
  package let precision: Precision
  /// Memory for what is computed from constants once and kept for all plans of the session.
  package let weights: WeightCache
  /// The threads that packing may use.
  package let pool: ThreadPool
  /// Tells the nodes of a session apart in `weights`.
  package let nodeIndex: Int
  private let memo = Memo()

  package init(
    node: Node, op: any Operator, inputs: [TensorType?], outputs: [TensorType?], constants: [Tensor?], isa: ISA, precision: Precision,
    weights: WeightCache, pool: ThreadPool, nodeIndex: Int
  ) {
    self.node = node
    self.op = op
    self.inputs = inputs
    self.outputs = outputs
    self.constants = constants
    self.isa = isa
    self.precision = precision
    self.weights = weights
    self.pool = pool
    self.nodeIndex = nodeIndex
  }

  /// What several rows find out about a query.
  ///
  /// SAFETY: a query is asked by one thread, which goes from row to row.
  private final class Memo: @unchecked Sendable {
    var found: (any Sendable)?
  }

  /// What `make` finds out, once for all rows that ask for the same type. A query keeps the last that was found.
  func shared<T: Sendable>(_ make: () throws(OnyxError) -> T) throws(OnyxError) -> T {
    if let found = memo.found as? T { return found }
    let made = try make()
    memo.found = made
    return made
  }

  /// The types of the inputs when all are given.
  package var allInputs: [TensorType]? {
    let types = inputs.compactMap { $0 }
    return types.count == inputs.count ? types : nil
  }

  package func input(_ index: Int) -> TensorType? { inputs.indices.contains(index) ? inputs[index] : nil }
  package func constant(_ index: Int) -> Tensor? { constants.indices.contains(index) ? constants[index] : nil }

  /// The query without the inputs from `index` on.
  package func withoutInput(_ index: Int) -> KernelQuery {
    KernelQuery(
      node: node, op: op, inputs: Array(inputs.prefix(index)), outputs: outputs, constants: Array(constants.prefix(index)), isa: isa,
      precision: precision,
      weights: weights, pool: pool, nodeIndex: nodeIndex)
  }

  /// Whether every output that the operator must have is there and has a known type.
  func has(_ requiredOutputs: [Int]) -> Bool {
    for index in requiredOutputs {
      guard outputs.indices.contains(index), outputs[index] != nil else { return false }
    }
    return true
  }

  /// Whether rows can work with the sizes: none is one that only tensors without elements can have, or that bytes do not count.
  var isOrdinary: Bool {
    for index in inputs.indices where inputs[index]?.shape.isOrdinary == false { return false }
    for index in outputs.indices where outputs[index]?.shape.isOrdinary == false { return false }
    return true
  }

  /// Whether input `index` is absent or a constant: its value can be taken into the kernel.
  package func isFixed(_ index: Int) -> Bool { input(index) == nil || constant(index) != nil }

  /// The value of `make`, computed once for this node and `layout` and shared by all plans of the session.
  package func packed<T: AnyObject & Sendable>(_ layout: String, _ make: (ThreadPool) throws(OnyxError) -> T) throws(OnyxError) -> T {
    try weights.value(for: WeightCache.Key(node: nodeIndex, layout: layout)) { () throws(OnyxError) in try make(pool) }
  }

  /// As `packed`, of a value that is no object: what rows make of constants alone, whatever the extents of a plan are.
  func kept<T: Sendable>(_ layout: String, _ make: () throws(OnyxError) -> T) throws(OnyxError) -> T {
    try packed(layout) { (_) throws(OnyxError) in Kept(try make()) }.value
  }

  private final class Kept<T: Sendable>: Sendable {
    let value: T
    init(_ value: T) { self.value = value }
  }

  /// `count` floats that `fill` makes from float32 constants once for this node and `layout`. They are written when the plan's
  /// steps are known, those of many nodes at once: rows keep the object and read its `base` in the run.
  package func packedFloats(_ layout: String, count: Int, from constants: [Tensor], fill: @escaping PackedFloats.Fill) -> PackedFloats {
    // SAFETY: `fill` keeps to `count` and to the sizes of the constants.
    unsafe weights.floats(
      for: WeightCache.Key(node: nodeIndex, layout: layout), count: count, from: constants,
      identify: weights.isKeptInFile ? identity(layout, count, constants) : nil, fill: fill)
  }

  /// The identity of floats that this query packs: what `fill` can see of the node, which is everything but the extents of a plan.
  private func identity(_ layout: String, _ count: Int, _ sources: [Tensor]) -> PackedFloats.Identify {
    { [node, constants, isa, precision] in
      var digest = ContentDigest()
      digest.add(layout)
      digest.add(UInt64(count))
      digest.add(UInt64(isa.mask))
      digest.add("\(precision) \(node.op)")
      for (name, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
        digest.add(name)
        guard attribute.add(to: &digest) else { return nil }
      }
      for tensor in sources { tensor.add(to: &digest) }
      for tensor in constants where !sources.contains(where: { tensor?.isSameMemory(as: $0) == true }) {
        if let tensor { tensor.add(to: &digest) } else { digest.add("none") }
      }
      return digest
    }
  }
}

extension Shape {
  /// Whether the extents other than 0 have a product that rows can count in bytes; in a tensor without elements one that they can walk.
  fileprivate var isOrdinary: Bool {
    var product = 1
    for extent in dimensions where extent > 1 {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard !overflow else { return false }
      product = next
    }
    return product <= (elementCount == 0 ? Int(Int32.max) : Int.max / 64)
  }
}
