import CCodecs
import OnyxImages
import OnyxTensor

/// zlib. SAFETY: pointers into Swift arrays live for one call; memory that C hands out is copied and freed here.
extension Codecs {
  /// The `count` bytes that a raw deflate stream holds. Throws `invalidModel` when it is broken or holds another number.
  package static func inflate(_ bytes: ArraySlice<UInt8>, count: Int) throws(OnyxError) -> [UInt8] {
    guard count >= 0, count <= Buffer.largestByteCount else { throw .budget("A compressed file claims \(count) bytes.") }
    var status = CCODECS_OK
    let output = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      status = unsafe bytes.withUnsafeBufferPointer { unsafe ccodecs_inflate_raw($0.baseAddress, $0.count, target.baseAddress, count) }
      filled = status == CCODECS_OK ? count : 0
    }
    switch status {
    case CCODECS_OK: return output
    case CCODECS_TOO_LARGE: throw .invalid("A compressed file holds more than the \(count) bytes it claims.")
    case CCODECS_NO_MEMORY: throw .budget("A compressed file could not be read for lack of memory.")
    default: throw .invalid("A compressed file is broken or cut off.")
    }
  }

  package static func deflate(_ bytes: [UInt8]) throws(OnyxError) -> [UInt8] {
    var result = unsafe ccodecs_bytes()
    let status = unsafe bytes.withUnsafeBufferPointer { unsafe ccodecs_deflate_raw($0.baseAddress, $0.count, &result) }
    defer { unsafe ccodecs_free(result.bytes) }
    guard status == CCODECS_OK else { throw .budget("\(bytes.count) bytes could not be compressed for lack of memory.") }
    return unsafe [UInt8](UnsafeBufferPointer(start: result.bytes, count: result.count))
  }

  /// CRC-32 as ZIP and PNG use it.
  package static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    unsafe bytes.withUnsafeBufferPointer { unsafe ccodecs_crc32($0.baseAddress, $0.count) }
  }
}
