import CSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Bytes of one tensor or one arena: owned memory, or a window of somebody else's (a mapped file).
///
/// A third kind takes its bytes from a place that is not aligned for them, and copies them when `pointer` is first asked for.
///
/// SAFETY: the pointer is valid for `byteCount` bytes as long as this object lives (`owner` keeps foreign memory alive).
/// Writers have exclusive access by construction: a `Tensor` is written only while it is being made, and the executor
/// hands each run its own arena. Hence `@unchecked Sendable`.
@safe package final class Buffer: @unchecked Sendable {
  private let memory: UnsafeMutableRawPointer
  private let deferredCopy: DeferredCopy?
  package let byteCount: Int
  private let owner: (any AnyObject & Sendable)?
  private let isOwned: Bool
  private let isMappedFile: Bool

  @unsafe package var pointer: UnsafeMutableRawPointer {
    if let deferredCopy { unsafe deferredCopy.perform(into: memory) }
    return unsafe memory
  }

  /// Alignment of owned memory: one cache line, one AVX-512 vector.
  package static let alignment = 64

  /// No single buffer may be larger than half the memory of the machine or its container: the system hands out
  /// addresses without memory behind them and ends the process that uses them.
  package static let largestByteCount: Int = {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let size = sysconf(Int32(_SC_PAGESIZE))
    let physical = pages > 0 && size > 0 ? pages &* size : 1 << 40
    return min(physical, ControlGroup.memoryLimit ?? physical) / 2
  }()

  /// Memory filled with zeros. Throws `budgetExceeded` when there is not that much.
  package convenience init(byteCount: Int) throws(OnyxError) {
    try self.init(uninitializedByteCount: byteCount)
    unsafe memset(pointer, 0, byteCount)
  }

  /// Memory that the caller fills before anybody reads it. Throws `budgetExceeded` when there is not that much.
  package init(uninitializedByteCount byteCount: Int) throws(OnyxError) {
    guard byteCount >= 0, byteCount <= Self.largestByteCount else {
      throw .budget(
        "\(byteCount) bytes were asked for, and at most \(Self.largestByteCount) are allowed: half of what the machine or container has.",
        remedy: "Use a smaller input.")
    }
    var memory: UnsafeMutableRawPointer?
    let size = max(byteCount, 1)
    guard unsafe posix_memalign(&memory, Self.alignment, size) == 0, let memory = unsafe memory else {
      throw .budget("\(byteCount) bytes could not be allocated.", remedy: "Use a smaller input or free memory.")
    }
    unsafe self.memory = memory
    self.deferredCopy = nil
    self.byteCount = byteCount
    self.owner = nil
    self.isOwned = true
    self.isMappedFile = false
  }

  /// Aligned memory for a window of `source` that is copied at its first use: until then it costs address space only.
  /// Throws `budgetExceeded` when there is not that much memory and `internalBug` when the window leaves the source.
  package init(copyingOnFirstUse source: Buffer, offset: Int, byteCount: Int) throws(OnyxError) {
    guard offset >= 0, byteCount >= 0, offset <= source.byteCount, byteCount <= source.byteCount - offset else {
      throw .bug("A window of a buffer lies outside it.")
    }
    var memory: UnsafeMutableRawPointer?
    guard unsafe posix_memalign(&memory, Self.alignment, max(byteCount, 1)) == 0, let memory = unsafe memory else {
      throw .budget("\(byteCount) bytes could not be allocated.", remedy: "Use a smaller input or free memory.")
    }
    unsafe self.memory = memory
    self.deferredCopy = DeferredCopy(source: source, offset: offset, byteCount: byteCount)
    self.byteCount = byteCount
    self.owner = nil
    self.isOwned = true
    self.isMappedFile = false
  }

  /// A read-only window of memory that `owner` keeps alive. Nobody may write through it.
  /// `isMappedFile` says that the memory is a private, read-only mapping of a file, whose pages come back when they are read.
  package init(viewing bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable, isMappedFile: Bool = false) {
    self.isMappedFile = isMappedFile
    unsafe self.memory = UnsafeMutableRawPointer(mutating: bytes.baseAddress ?? UnsafeRawPointer(bitPattern: Self.alignment)!)
    self.deferredCopy = nil
    self.byteCount = bytes.count
    self.owner = owner
    self.isOwned = false
  }

  /// The bytes where they are, without making a deferred copy: they need not be aligned for any type.
  package func withUnalignedBytes<R, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> R) throws(Failure) -> R {
    if let deferredCopy, !deferredCopy.isDone {
      return try unsafe deferredCopy.source.withUnalignedBytes { (source) throws(Failure) in
        // SAFETY: the window was checked against its source when the copy was deferred.
        try unsafe body(UnsafeRawBufferPointer(rebasing: source[deferredCopy.offset..<deferredCopy.offset + byteCount]))
      }
    }
    defer { withExtendedLifetime(self) {} }
    return try unsafe body(UnsafeRawBufferPointer(start: memory, count: byteCount))
  }

  /// Gives back the memory behind a window of a mapped file, or of the file behind a deferred copy that was not made: the bytes
  /// are read again at their next use. Does nothing for other memory and for a window outside the buffer.
  package func releasePages(offset: Int, byteCount: Int) {
    guard offset >= 0, byteCount > 0, offset <= self.byteCount, byteCount <= self.byteCount - offset else { return }
    if let deferredCopy {
      if !deferredCopy.isDone { deferredCopy.source.releasePages(offset: deferredCopy.offset + offset, byteCount: byteCount) }
      return
    }
    guard isMappedFile else { return }
    // SAFETY: the pages lie in the mapping; those at the ends may hold neighbours, which come back as well.
    let page = Int(bitPattern: UInt(sysconf(Int32(_SC_PAGESIZE))))
    let start = unsafe Int(bitPattern: memory) + offset
    let first = start / page * page
    guard page > 0, let address = unsafe UnsafeMutableRawPointer(bitPattern: first) else { return }
    unsafe csystem_advise_unneeded(address, start + byteCount - first)
  }

  deinit { if isOwned { unsafe free(memory) } }
}
