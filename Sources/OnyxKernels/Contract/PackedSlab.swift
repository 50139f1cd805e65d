import COnyxSystem
import OnyxTensor
import Synchronization

/// One block of memory for the packed weights of a plan: large ones in pages of 2 MiB, as long as the system has such pages at hand.
///
/// SAFETY: owns `capacity` floats from `init` to `deinit`. What is done to pages changes no byte that was written.
@safe final class PackedSlab: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  /// Floats that there is room for.
  let capacity: Int
  /// Whether 2 MiB at a time took longer than the same in small pages.
  private let isScattered: Atomic<Bool>

  /// Bytes of a large page, and of the smallest block that is made of them.
  private static let page = 1 << 21, smallest = 1 << 23
  /// Processor time for 2 MiB: some 0.2 ms when there is one page, 0.9 ms for small ones. To make room by moving others takes longer.
  private static let longest: UInt64 = 1_200_000

  init(floatCount: Int) throws(OnyxError) {
    let (bytes, overflow) = max(floatCount, 16).multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    let isLarge = bytes >= Self.smallest
    guard !overflow, bytes <= Buffer.largestByteCount, let memory = unsafe csystem_allocate(bytes, isLarge ? Self.page : 64) else {
      throw .budget("\(bytes) bytes for packed weights could not be allocated.", remedy: "Free memory or use a smaller model.")
    }
    capacity = bytes / MemoryLayout<Float>.stride
    unsafe base = memory.bindMemory(to: Float.self, capacity: capacity)
    isScattered = Atomic(!isLarge)
    if isLarge { unsafe csystem_advise_large_pages(memory, bytes / Self.page * Self.page, true) }
  }

  /// Takes the memory behind floats that are about to be written.
  func takePages(at start: UnsafeMutablePointer<Float>, floatCount: Int) {
    let bytes = floatCount * MemoryLayout<Float>.stride
    note(unsafe csystem_advise_populate(start, bytes), for: bytes)
  }

  /// Takes 2 MiB from `offset` on, a multiple of that, while other threads map memory.
  func touch(_ offset: Int) {
    let bytes = min(Self.page, capacity * MemoryLayout<Float>.stride - offset)
    if bytes > 0 { note(unsafe csystem_touch_pages(UnsafeMutableRawPointer(base) + offset, bytes), for: bytes) }
  }

  private func note(_ nanoseconds: UInt64, for bytes: Int) {
    guard nanoseconds > Self.longest * UInt64(bytes / Self.page + 1), !isScattered.exchange(true, ordering: .relaxed) else { return }
    unsafe csystem_advise_large_pages(base, capacity * MemoryLayout<Float>.stride / Self.page * Self.page, false)
  }

  /// Gives back the memory behind what nobody will write.
  func release(beyond floatCount: Int) {
    let bytes = capacity * MemoryLayout<Float>.stride
    let first = (floatCount * MemoryLayout<Float>.stride + Self.page - 1) / Self.page * Self.page
    if first < bytes { unsafe csystem_advise_unneeded(UnsafeMutableRawPointer(base) + first, bytes - first) }
  }

  deinit { unsafe csystem_free(base) }
}
