import OnyxGraph
import OnyxTensor

/// A cache with new entries written along one axis, for each batch from its own index. ONNX: TensorScatter (24).
package struct TensorScatter: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "TensorScatter", versions: [24],
      inputs: [.required("past_cache", "T"), .required("update", "T"), .optional("write_indices", "int64")],
      outputs: [.required("present_cache", "T")], types: ["T": Set.all.subtracting([.int2, .uint2])]), TensorScatter.init)

  /// What happens at the end of the cache: nothing fits behind it, or writing goes on at the beginning.
  package enum Mode: String, CaseIterable, Sendable { case linear, circular }
  package let mode: Mode
  /// The axis of the sequence, not the batch; may count from the end.
  package let axis: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    mode = try attributes.choice("mode", default: .linear)
    axis = try attributes.int("axis", default: -2)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let cache = try context.tensor(0)
    let update = try context.shape(1)
    let indices = context.optional(2)?.shape
    if let indices, indices.count != 1 { throw .invalid("The write indices have rank \(indices.count); they must have rank 1.") }
    guard let shape = cache.shape ?? update else { return [cache.resized(nil)] }
    let axis = try sequenceAxis(rank: shape.count)
    if let indices { try requireEqual(indices[0], shape[0], "Write indices and batches differ in number") }
    guard let cacheShape = cache.shape, let update else { return [cache.resized(cache.shape)] }
    guard update.count == shape.count else {
      throw .invalid("The update has rank \(update.count) and the cache has rank \(shape.count); they must be equal.")
    }
    for index in update.indices where index != axis {
      try requireEqual(update[index], cacheShape[index], "Update and cache differ in axis \(index)")
    }
    if let given = update[axis].known, let most = cacheShape[axis].known, given > most {
      throw .invalid("An update of \(given) entries does not fit in a cache of \(most).")
    }
    return [cache.resized(cache.shape)]
  }

  /// The axis of the sequence, counted from the front. Throws when it is the batch.
  package func sequenceAxis(rank: Int) throws(OnyxError) -> Int {
    let axis = try Shape.normalize(axis: axis, rank: rank)
    guard axis > 0 else { throw .invalid("The attribute 'axis' is \(self.axis), which is the batch.") }
    return axis
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let cache = try context.input(0)
    let update = try context.input(1)
    guard update.elementCount > 0 else { return [cache] }
    let axis = try sequenceAxis(rank: cache.shape.rank)
    let (capacity, length) = (cache.shape[axis], update.shape[axis])
    let inner = cache.shape[(axis + 1)...].reduce(1, *)
    let rowsPerBatch = cache.shape[1..<axis].reduce(1, *)
    let first = try context.optional(2)?.ints() ?? [Int](repeating: 0, count: cache.shape[0])
    var starts: [Int] = []
    starts.reserveCapacity(cache.shape[0] * rowsPerBatch * length)
    for (batch, index) in first.enumerated() {
      if mode == .linear, index < 0 || index > capacity - length {
        throw .invalid("\(length) entries from index \(index) do not fit in a cache of \(capacity).", remedy: "Use mode 'circular'.")
      }
      // In 0 ..< capacity, also for an index that is negative or close to the largest one.
      let start = (index % capacity + capacity) % capacity
      for row in batch * rowsPerBatch..<(batch + 1) * rowsPerBatch {
        for step in 0..<length { starts.append((row * capacity + (start + step) % capacity) * inner) }
      }
    }
    return [try ScatterReduction.none.apply(update, to: cache, at: try IndexMap.runs(from: starts, length: inner))]
  }
}
