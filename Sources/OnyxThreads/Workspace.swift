import COnyxSystem
import OnyxTensor
import Synchronization

/// Scratch memory that kernels borrow for the length of a call; blocks are kept for the next one.
///
/// SAFETY: a block is in the free list or lent to exactly one borrower, so borrowers never share memory.
package final class Workspace: Sendable {
  @safe private struct Block: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let bytes: Int
  }

  private static let keptBlocks = 64

  private let free = Mutex<[Block]>([])
  private let failures = Atomic(0)

  package init() {}

  deinit {
    free.withLock { blocks in
      for block in blocks { unsafe csystem_free(block.base) }
    }
  }

  /// Bytes held for later calls.
  package var retainedBytes: Int {
    free.withLock { $0.reduce(0) { $0 + $1.bytes } }
  }

  /// How often memory could not be lent since the workspace was made. A run that sees this grow during a step has to
  /// throw the step's results away: some of the work was left out.
  package var failureCount: Int { failures.load(ordering: .acquiring) }

  /// Lends uninitialised memory for `count` floats, aligned to 64 bytes, to `body`. When the system has none, `body` is not
  /// called and `failureCount` grows.
  package func withFloats(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    guard !overflow, let block = take(bytes) else {
      failures.add(1, ordering: .acquiringAndReleasing)
      return
    }
    unsafe body(block.base.assumingMemoryBound(to: Float.self))
    give(block)
  }

  /// The smallest free block that fits, or a new one of whole 64 KiB, for which the largest of those that are too small is freed: needs
  /// that grow from step to step or from run to run leave nothing.
  private func take(_ bytes: Int) -> Block? {
    let (found, outgrown) = free.withLock { blocks -> (Block?, Block?) in
      var (best, largest): (Int?, Int?) = (nil, nil)
      for i in blocks.indices {
        if blocks[i].bytes >= bytes {
          if best.map({ blocks[i].bytes < blocks[$0].bytes }) ?? true { best = i }
        } else if largest.map({ blocks[i].bytes > blocks[$0].bytes }) ?? true {
          largest = i
        }
      }
      if let best { return (blocks.remove(at: best), nil) }
      return (nil, largest.map { blocks.remove(at: $0) })
    }
    if let found { return found }
    if let outgrown { unsafe csystem_free(outgrown.base) }
    let size = max((bytes &+ 0xffff) & ~0xffff, 0x10000)
    guard bytes <= Buffer.largestByteCount, let base = unsafe csystem_allocate(size, 64) else { return nil }
    return unsafe Block(base: base, bytes: size)
  }

  private func give(_ block: Block) {
    let dropped: Block? = free.withLock { blocks in
      blocks.append(block)
      return blocks.count > Workspace.keptBlocks ? blocks.removeFirst() : nil
    }
    if let dropped { unsafe csystem_free(dropped.base) }
  }
}
