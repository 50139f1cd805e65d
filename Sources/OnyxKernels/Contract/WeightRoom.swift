import COnyxSystem
import OnyxTensor
import Synchronization

/// Memory for packed weights whose pages a thread of its own takes while the graph is optimized and planned.
///
/// SAFETY: the thread touches memory of the slab, which it holds, and is joined once, by whoever takes its handle.
@safe package final class WeightRoom: Sendable {
  private final class Errand: Sendable {
    let slab: PackedSlab
    let byteCount: Int
    let isStopped = Atomic(false)

    init(_ slab: PackedSlab, _ byteCount: Int) {
      self.slab = slab
      self.byteCount = byteCount
    }

    func run() {
      for offset in stride(from: 0, to: byteCount, by: 1 << 21) {
        if isStopped.load(ordering: .relaxed) { return }
        slab.touch(offset)
      }
    }
  }

  private let errand: Errand
  private let thread: Mutex<csystem_thread?>

  /// Rooms of fewer bytes are not worth a thread.
  package static let smallest = 1 << 23

  /// Begins to take so many bytes; some more can be used. nil for few bytes, and where there is no memory or no thread for it.
  package init?(byteCount: Int) {
    let (capacity, overflow) = byteCount.addingReportingOverflow(byteCount / 8 + Self.smallest)
    guard byteCount >= Self.smallest, !overflow, let slab = try? PackedSlab(floatCount: capacity / MemoryLayout<Float>.stride) else {
      return nil
    }
    let errand = Errand(slab, byteCount)
    var thread = csystem_thread()
    let context = unsafe Unmanaged.passRetained(errand)
    let status = unsafe csystem_thread_start(
      &thread,
      { context in
        unsafe Unmanaged<Errand>.fromOpaque(context!).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    self.errand = errand
    self.thread = Mutex(status == 0 ? thread : nil)
    if status != 0 {
      unsafe context.release()
      return nil
    }
  }

  /// Ends the thread, and hands out the memory when it has room for so many floats.
  func slab(floatCount: Int) -> PackedSlab? {
    stop()
    guard errand.slab.capacity >= floatCount else { return nil }
    errand.slab.release(beyond: floatCount)
    return errand.slab
  }

  private func stop() {
    errand.isStopped.store(true, ordering: .relaxed)
    if let thread = thread.withLock({ $0.take() }) { csystem_thread_join(thread) }
  }

  deinit { stop() }
}
