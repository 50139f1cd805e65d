import COnyxSystem
import Synchronization

/// A sequentially consistent 32-bit word on a cache line of its own, on which threads can sleep.
///
/// SAFETY: the memory lives from `init` to `deallocate()`, which the owner calls when no thread uses the word.
@safe struct AtomicWord: @unchecked Sendable {
  private let pointer: UnsafeMutablePointer<Atomic<UInt32>>

  init() {
    let line = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 128)
    unsafe pointer = line.bindMemory(to: Atomic<UInt32>.self, capacity: 1)
    unsafe pointer.initialize(to: Atomic(0))
  }

  func deallocate() { unsafe UnsafeMutableRawPointer(pointer).deallocate() }

  func load() -> UInt32 { unsafe pointer.pointee.load(ordering: .sequentiallyConsistent) }

  func store(_ value: UInt32) { unsafe pointer.pointee.store(value, ordering: .sequentiallyConsistent) }

  func add(_ value: UInt32) {
    unsafe pointer.pointee.wrappingAdd(value, ordering: .sequentiallyConsistent)
  }

  /// Returns the new value.
  func subtract(_ value: UInt32) -> UInt32 {
    unsafe pointer.pointee.wrappingSubtract(value, ordering: .sequentiallyConsistent).newValue
  }

  /// Returns the new value.
  func set(_ bits: UInt32) -> UInt32 {
    unsafe pointer.pointee.bitwiseOr(bits, ordering: .sequentiallyConsistent).newValue
  }

  /// Returns the new value.
  func clear(_ bits: UInt32) -> UInt32 {
    unsafe pointer.pointee.bitwiseAnd(~bits, ordering: .sequentiallyConsistent).newValue
  }

  /// False when the word did not hold `old`.
  func replace(_ old: UInt32, with new: UInt32) -> Bool {
    unsafe pointer.pointee.compareExchange(expected: old, desired: new, ordering: .sequentiallyConsistent).exchanged
  }

  /// Sleeps while the word holds `value`; may return early.
  func wait(while value: UInt32) {
    unsafe csystem_wait(UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt32.self), value)
  }

  /// Wakes up to `count` sleepers.
  func wake(_ count: Int32) {
    unsafe csystem_wake(UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt32.self), count)
  }
}
