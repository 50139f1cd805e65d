import CKernels
import OnyxThreads

/// Values between the plain and the channel-blocked layout.
///
/// SAFETY: plain values hold batch · channels · pixels elements, blocked ones batch · ⌈channels/16⌉ · pixels · 16.
package struct ChannelReorder: Sendable {
  let batch, channels, pixels: Int
  let isa: ISA

  private var lanes: Int { Int(ONYX_BLOCK) }
  private var blocks: Int { (channels + lanes - 1) / lanes }
  private static let chunk = 512

  /// Calls `body` for pieces of (plain offset, blocked offset, channels, pixels).
  private func forEachPiece(_ pool: ThreadPool, _ body: (Int, Int, Int, Int) -> Void) {
    let pieces = (pixels + Self.chunk - 1) / Self.chunk
    pool.parallelFor(count: batch * blocks * pieces, grain: max(1, 1024 / max(min(pixels, Self.chunk), 1))) { range in
      for piece in range {
        let (block, part) = piece.quotientAndRemainder(dividingBy: pieces)
        let (image, index) = block.quotientAndRemainder(dividingBy: blocks)
        let first = part * Self.chunk
        body(
          (image * channels + index * lanes) * pixels + first, (block * pixels + first) * lanes, min(lanes, channels - index * lanes),
          min(Self.chunk, pixels - first))
      }
    }
  }

  package func block(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, pool: ThreadPool) {
    forEachPiece(pool) { plain, blocked, channels, count in
      unsafe isa.blocked.block!(y + blocked, x + plain, Int64(pixels), Int64(channels), Int64(count))
    }
  }

  package func unblock(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, pool: ThreadPool) {
    forEachPiece(pool) { plain, blocked, channels, count in
      unsafe isa.blocked.unblock!(y + plain, Int64(pixels), x + blocked, Int64(channels), Int64(count))
    }
  }

  package func block(_ x: UnsafePointer<UInt8>, _ y: UnsafeMutablePointer<UInt8>, pool: ThreadPool) {
    forEachPiece(pool) { plain, blocked, channels, count in
      unsafe isa.blocked_int8.block!(y + blocked, x + plain, Int64(pixels), Int64(channels), Int64(count))
    }
  }

  package func unblock(_ x: UnsafePointer<UInt8>, _ y: UnsafeMutablePointer<UInt8>, pool: ThreadPool) {
    forEachPiece(pool) { plain, blocked, channels, count in
      unsafe isa.blocked_int8.unblock!(y + plain, Int64(pixels), x + blocked, Int64(channels), Int64(count))
    }
  }
}
