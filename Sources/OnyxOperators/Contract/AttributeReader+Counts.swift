import OnyxTensor

extension AttributeReader {
  /// The largest number that an attribute can give where it counts elements, channels, groups, heads or steps: products of two of them,
  /// and sums of many, fit 64 bits.
  package static let largestCount = Int(Int32.max)

  /// Attributes that count, whatever the operator. Others are positions, bounds, seeds or keys, and can be any number.
  private static let counting: Set<String> = [
    "strides", "dilations", "pads", "kernel_shape", "output_padding", "output_shape", "pooled_shape", "crops", "group", "offset_group",
    "blocksize", "num_heads", "q_num_heads", "kv_num_heads", "hidden_size", "num_groups", "groups", "channels", "output_height",
    "output_width", "sampling_ratio", "K", "N", "block_size", "num_outputs", "n_targets", "targets", "sample_size", "max_map",
    "rotary_embedding_dim", "num_scan_inputs", "size", "local_window_size", "min_gram_length", "max_gram_length", "max_skip_count",
    "n_supports", "batch_dims",
  ]

  /// Throws `invalidModel` when the attribute counts and one of its values, whatever its sign, is larger than counts can be.
  static func checkCounts(_ name: String, _ values: [Int]) throws(OnyxError) {
    guard counting.contains(name), let value = values.first(where: { $0.magnitude > UInt(largestCount) }) else { return }
    throw .invalid("The attribute '\(name)' has the value \(value); its magnitude can be at most \(largestCount).")
  }
}
