import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Memory for numbers that are computed for the length of a call. A block is kept for a next call of about the same size, until `release`;
/// then its pages are the system's again, which they are not when `free` gets them.
///
/// SAFETY: a block is idle or lent to one caller. It is mapped from `take` on until it is neither.
package enum PassingMemory {
  @safe private struct Block: @unchecked Sendable {
    let start: UnsafeMutableRawPointer
    let byteCount: Int
  }

  private static let idle = Mutex<[Block]>([])
  /// Blocks that are kept.
  private static let limit = 2

  /// Calls `body` with uninitialised memory of so many bytes, at a page's start; with nil when there is none.
  static func with<R, Failure: Error>(
    _ byteCount: Int, _ body: (UnsafeMutableRawPointer?) throws(Failure) -> R
  ) throws(Failure) -> R {
    let block = take(max(byteCount, 1))
    defer { if let block { give(block) } }
    return try unsafe body(block?.start)
  }

  /// Gives the memory of idle blocks back to the system.
  package static func release() { free(idle.withLock { blocks in take(all: &blocks) }) }

  private static func take(all blocks: inout [Block]) -> [Block] {
    defer { blocks = [] }
    return blocks
  }

  /// A kept block of about this size, or a new one; nil when there is no memory.
  private static func take(_ byteCount: Int) -> Block? {
    let (found, unfit) = idle.withLock { blocks -> (Block?, [Block]) in
      // One that is more than twice as large would keep pages that the caller does not need.
      guard let place = blocks.firstIndex(where: { $0.byteCount >= byteCount && $0.byteCount / 2 <= byteCount }) else {
        return (nil, take(all: &blocks))
      }
      return (blocks.remove(at: place), [])
    }
    free(unfit)
    if let found { return found }
    let start = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let start = unsafe start, unsafe start != MAP_FAILED else { return nil }
    return unsafe Block(start: start, byteCount: byteCount)
  }

  /// Keeps a block for the next caller, in place of one that is kept when there are enough.
  private static func give(_ block: Block) {
    let dropped = idle.withLock { blocks -> [Block] in
      if blocks.count == limit { return [block] }
      blocks.append(block)
      return []
    }
    free(dropped)
  }

  private static func free(_ blocks: [Block]) { for block in blocks { unsafe munmap(block.start, block.byteCount) } }
}
