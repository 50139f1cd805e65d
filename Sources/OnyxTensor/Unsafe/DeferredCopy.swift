import Synchronization

/// A copy of a window of `source` that is made once, by the first thread that needs it.
///
/// SAFETY: the window lies inside `source` (checked by `Buffer`), and the target belongs to the one buffer that owns this.
final class DeferredCopy: Sendable {
  let source: Buffer
  let offset: Int
  private let byteCount: Int
  private let finished = Atomic(false)
  private let copying = Mutex(())

  init(source: Buffer, offset: Int, byteCount: Int) {
    self.source = source
    self.offset = offset
    self.byteCount = byteCount
  }

  var isDone: Bool { finished.load(ordering: .acquiring) }

  @unsafe func perform(into target: UnsafeMutableRawPointer) {
    if isDone { return }
    copying.withLock { _ in
      if isDone { return }
      unsafe target.copyMemory(from: source.pointer + offset, byteCount: byteCount)
      finished.store(true, ordering: .releasing)
    }
  }
}
