import COnyxSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Bytes of one tensor or one arena: owned memory, or a window of somebody else's (a mapped file).
///
/// A third kind takes its bytes from a place that is not aligned for them, that has them in 16 bits or without a factor, and copies them
/// when `pointer` is first asked for.
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

  /// Where the 16-bit numbers are whose float32 ones were not computed yet.
  var unwidened: (buffer: Buffer, offset: Int, type: ElementType)? {
    guard let deferredCopy, case .widened(let type) = deferredCopy.form, !deferredCopy.isDone else { return nil }
    return (deferredCopy.source, deferredCopy.offset, type)
  }

  /// Whether the bytes are computed from others each time they are needed, as long as nobody keeps them.
  var isComputed: Bool {
    guard let deferredCopy, !deferredCopy.isDone else { return false }
    return if case .same = deferredCopy.form { false } else { true }
  }

  /// Whether they are products by factors.
  var isScaled: Bool {
    guard isComputed, let deferredCopy else { return false }
    return if case .scaled = deferredCopy.form { true } else { false }
  }

  /// Adds a window to a digest: the bytes, or those that they are copied or computed from, and how.
  func add(to digest: inout ContentDigest, offset: Int, byteCount: Int) {
    guard let deferredCopy else {
      defer { withExtendedLifetime(self) {} }
      return unsafe digest.add(UnsafeRawBufferPointer(start: memory + offset, count: byteCount))
    }
    if case .same = deferredCopy.form {
      return deferredCopy.source.add(to: &digest, offset: deferredCopy.offset + offset, byteCount: byteCount)
    }
    deferredCopy.add(to: &digest)
    digest.add(UInt64(offset))
    digest.add(UInt64(byteCount))
  }

  /// Copies or computes what was deferred, for good.
  func makeDeferredCopy() { unsafe deferredCopy?.perform(into: memory) }

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
    guard byteCount <= WorkLimits.memoryBudget else {
      throw .budget(
        "\(byteCount) bytes were asked for; the memory budget is \(WorkLimits.memoryBudget).",
        remedy: "Use smaller inputs or raise the memory budget.")
    }
    guard let memory = unsafe csystem_allocate(byteCount, Self.alignment) else {
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
  package convenience init(copyingOnFirstUse source: Buffer, offset: Int, byteCount: Int) throws(OnyxError) {
    try self.init(DeferredCopy(source: source, offset: offset, byteCount: byteCount), byteCount: byteCount)
  }

  /// The float32 numbers of a window of float16 or bfloat16 ones, computed at their first use: until then they cost address space only.
  /// What asks for them by `withUnalignedBytes` has them for that time, and they are computed again for the next. Throws as above.
  convenience init(wideningOnFirstUse source: Buffer, offset: Int, count: Int, of type: ElementType) throws(OnyxError) {
    try self.init(
      DeferredCopy(source: source, offset: offset, byteCount: count * 2, form: .widened(type)),
      byteCount: Tensor.byteCount(count, width: MemoryLayout<Float>.stride))
  }

  /// The float32 numbers of a window of others times factors, of the form `scaled`; computed as those above. Throws the same.
  convenience init(computing scaled: DeferredCopy) throws(OnyxError) { try self.init(scaled, byteCount: scaled.byteCount) }

  private init(_ copy: DeferredCopy, byteCount: Int) throws(OnyxError) {
    guard copy.offset >= 0, copy.byteCount >= 0, copy.offset <= copy.source.byteCount,
      copy.byteCount <= copy.source.byteCount - copy.offset
    else { throw .bug("A window of a buffer lies outside it.") }
    guard byteCount <= Self.largestByteCount else { throw .budget("\(byteCount) bytes do not fit in memory.") }
    guard let memory = unsafe csystem_allocate(byteCount, Self.alignment) else {
      throw .budget("\(byteCount) bytes could not be allocated.", remedy: "Use a smaller input or free memory.")
    }
    unsafe self.memory = memory
    self.deferredCopy = copy
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
      if isComputed {
        return try unsafe PassingMemory.with(byteCount) { (room) throws(Failure) in
          // SAFETY: both memories have room for the whole copy.
          guard let room = unsafe room else {
            unsafe deferredCopy.perform(into: memory)
            return try unsafe body(UnsafeRawBufferPointer(start: memory, count: byteCount))
          }
          unsafe deferredCopy.write(to: room)
          return try unsafe body(UnsafeRawBufferPointer(start: room, count: byteCount))
        }
      }
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
      if deferredCopy.isDone { return }
      switch deferredCopy.form {
      case .same, .scaled: deferredCopy.source.releasePages(offset: deferredCopy.offset + offset, byteCount: byteCount)
      case .widened: deferredCopy.source.releasePages(offset: deferredCopy.offset + offset / 2, byteCount: byteCount / 2)
      }
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

  /// Whether reading it may read a mapped file.
  var isOfFile: Bool {
    if let deferredCopy { !deferredCopy.isDone && deferredCopy.source.isOfFile } else { isMappedFile }
  }

  /// Whether this is a window of memory that `owner` keeps alive.
  package func isView(of owner: (any AnyObject & Sendable)?) -> Bool { owner != nil && self.owner === owner }

  /// Whether whoever holds it alone may write all of it: memory of its own that nothing is copied to later.
  var isGrowable: Bool { isOwned && deferredCopy == nil }

  deinit { if isOwned { unsafe csystem_free(memory) } }
}
