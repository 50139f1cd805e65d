import COnyxServeZlib
import NIOCore

/// gzip and zlib (which HTTP calls deflate).
///
/// SAFETY: zlib reads and writes what lies between the pointers and lengths that it is given, which are those of buffers that live until
/// its calls return.
package enum Compression: String, Sendable {
  case gzip, deflate

  /// What a request may be packed by, by the header's word; nil for one that is not packed. Throws `unsupportedMedia`.
  package static func of(contentEncoding: String?) throws(Failure) -> Compression? {
    guard let word = contentEncoding?.lowercased(), word != "identity" else { return nil }
    guard let known = Compression(rawValue: word) else {
      throw Failure(.unsupportedMedia, "The encoding '\(word)' is not known; gzip and deflate are.")
    }
    return known
  }

  /// What an answer may be packed by; nil for none.
  package static func accepted(_ header: String?) -> Compression? {
    for part in (header ?? "").lowercased().split(separator: ",") {
      let words = part.split(separator: ";").map { $0.filter { $0 != " " } }
      if let known = words.first.flatMap({ Compression(rawValue: $0) }), !words.dropFirst().contains("q=0") { return known }
    }
    return nil
  }

  /// The unpacked bytes. Throws `badRequest` for what is not packed so and `tooLarge` past `limit` bytes.
  package static func unpack(_ packed: ByteBuffer, limit: Int) throws(Failure) -> ByteBuffer {
    var stream = unsafe z_stream()
    guard unsafe onyx_serve_inflate_begin(&stream, 47) == Z_OK else { throw Failure(.internalError, "zlib cannot begin.") }
    defer { unsafe inflateEnd(&stream) }
    var packed = packed
    var result = ByteBuffer()
    var code = Z_OK
    unsafe packed.withUnsafeMutableReadableBytes { bytes in
      unsafe stream.next_in = bytes.bindMemory(to: UInt8.self).baseAddress
      unsafe stream.avail_in = UInt32(clamping: bytes.count)
      repeat {
        let size = min(max(64 << 10, result.readableBytes), 8 << 20)
        unsafe result.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { target in
          unsafe stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
          unsafe stream.avail_out = UInt32(clamping: target.count)
          code = unsafe inflate(&stream, Z_NO_FLUSH)
          return unsafe target.count - Int(stream.avail_out)
        }
      } while code == Z_OK && result.readableBytes <= limit
    }
    guard result.readableBytes <= limit else { throw Failure(.tooLarge, "The unpacked request has more than \(limit) bytes.") }
    guard code == Z_STREAM_END else { throw Failure(.badRequest, "The request is not packed as its header says, or it is cut off.") }
    return result
  }

  /// The packed bytes; nil when zlib has no memory for it.
  package func pack(_ bytes: ByteBuffer) -> ByteBuffer? {
    var stream = unsafe z_stream()
    guard unsafe onyx_serve_deflate_begin(&stream, self == .gzip ? 31 : 15) == Z_OK else { return nil }
    defer { unsafe deflateEnd(&stream) }
    guard bytes.readableBytes <= Int(UInt32.max) else { return nil }
    var bytes = bytes
    var result = ByteBuffer()
    let bound = Int(unsafe deflateBound(&stream, UInt(bytes.readableBytes)))
    var code = Z_OK
    unsafe bytes.withUnsafeMutableReadableBytes { source in
      unsafe stream.next_in = source.bindMemory(to: UInt8.self).baseAddress
      unsafe stream.avail_in = UInt32(source.count)
      unsafe result.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { target in
        unsafe stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.avail_out = UInt32(clamping: target.count)
        code = unsafe COnyxServeZlib.deflate(&stream, Z_FINISH)
        return unsafe target.count - Int(stream.avail_out)
      }
    }
    return code == Z_STREAM_END ? result : nil
  }
}
