import OnyxGraph
import OnyxTensor

/// Reverses the first elements of each sequence of a batch along the time axis. ONNX: ReverseSequence (10, 28).
package struct ReverseSequence: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "ReverseSequence", versions: [10, 28], inputs: [.required("input", "T"), .required("sequence_lens", "int64")],
      outputs: [.required("Y", "T")], types: ["T": .unpacked]), ReverseSequence.init)

  /// The axis that is reversed: 0 or 1.
  package let time: Int
  /// The axis of the sequences: the other one.
  package let batch: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    let time = try attributes.int("time_axis", default: 0)
    let batch = try attributes.int("batch_axis", default: 1)
    guard (time, batch) == (0, 1) || (time, batch) == (1, 0) else {
      throw .invalid("The attributes 'time_axis' and 'batch_axis' are \(time) and \(batch).", remedy: "One must be 0 and the other 1.")
    }
    self.time = time
    self.batch = batch
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let shape = try context.shape(0)
    if let shape {
      guard shape.count >= 2 else { throw .invalid("The input has rank \(shape.count); ReverseSequence needs rank 2 or more.") }
      if let lengths = try context.shape(1) {
        guard lengths.count == 1 else { throw .invalid("The input 'sequence_lens' has rank \(lengths.count); it must have rank 1.") }
        try requireEqual(lengths[0], shape[batch], "The number of sequence lengths is not the batch size")
      }
    }
    return [try context.tensor(0).resized(shape)]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let input = try context.input(0)
    let shape = try context.shape()
    let lengths = try context.input(1).ints()
    let extent = shape[time]
    for length in lengths where length < 0 || length > extent {
      throw .invalid("The sequence length \(length) is outside 0 … \(extent).")
    }
    let strides = shape.strides
    let (time, batch, columns) = (strides[time], strides[batch], shape[batch])
    let indices = (0..<shape.elementCount).lazy.map { position in
      let step = position / time % extent
      let length = lengths[position / batch % columns]
      return step < length ? position + (length - 1 - 2 * step) * time : position
    }
    return [try input.gathering(indices, shape: shape)]
  }
}
