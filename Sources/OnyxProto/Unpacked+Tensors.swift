import COnnxProto
import OnyxTensor

// SAFETY: protobuf-c owns every message until `Unpacked` frees the root; counts and pointers are the pairs that it filled.

extension Unpacked {
  func tensor(_ from: Onnx__TensorProto) throws(OnyxError) -> TensorMessage {
    var tensor = TensorMessage()
    tensor.name = unsafe text(from.name)
    tensor.dimensions = unsafe scalars(from.n_dims, from.dims)
    tensor.dataType = unsafe from.data_type
    tensor.isSegment = unsafe from.segment != nil
    tensor.content = try unsafe content(of: from)
    return tensor
  }

  /// ONNX: `raw_data` when it is set, else the field of the type.
  private func content(of from: Onnx__TensorProto) throws(OnyxError) -> TensorMessage.Content {
    if unsafe from.data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL {
      return .external(try unsafe pairs(from.n_external_data, from.external_data))
    }
    if unsafe from.has_raw_data != 0 { return .raw(try unsafe reference(from.raw_data)) }
    if unsafe from.n_float_data > 0 { return .floats(unsafe scalars(from.n_float_data, from.float_data)) }
    if unsafe from.n_int32_data > 0 { return .int32s(unsafe scalars(from.n_int32_data, from.int32_data)) }
    if unsafe from.n_int64_data > 0 { return .int64s(unsafe scalars(from.n_int64_data, from.int64_data)) }
    if unsafe from.n_double_data > 0 { return .doubles(unsafe scalars(from.n_double_data, from.double_data)) }
    if unsafe from.n_uint64_data > 0 { return .uint64s(unsafe scalars(from.n_uint64_data, from.uint64_data)) }
    if unsafe from.n_string_data > 0 {
      return .strings(unsafe UnsafeBufferPointer(start: from.string_data, count: from.n_string_data).map { unsafe bytes($0) })
    }
    return .none
  }

  /// The bytes that the walker left in the source.
  private func reference(_ data: ProtobufCBinaryData) throws(OnyxError) -> ByteSlice {
    let reference = unsafe bytes(data)
    func number(_ part: ArraySlice<UInt8>) -> Int { Int(truncatingIfNeeded: part.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) }
    guard reference.count == 16, let slice = source.slice(offset: number(reference[..<8]), count: number(reference[8...])) else {
      throw .bug("A raw_data field was not replaced by its place in the file.")
    }
    return slice
  }

  func sparse(_ from: Onnx__SparseTensorProto) throws(OnyxError) -> SparseTensorMessage {
    guard let values = unsafe from.values?.pointee, let indices = unsafe from.indices?.pointee else {
      throw .invalid("A sparse tensor has no values or no indices.")
    }
    return SparseTensorMessage(
      values: try unsafe tensor(values), indices: try unsafe tensor(indices), dimensions: unsafe scalars(from.n_dims, from.dims))
  }
}
