import OnyxTestSupport

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Floats that end exactly at a page without access, so that any touch past the end traps.
///
/// SAFETY: the mapping is owned and unmapped in `deinit`; elements are read and written through `base` within
/// `count`.
@safe final class Buffer {
  let base: UnsafeMutablePointer<Float>
  let count: Int
  private let mapping: UnsafeMutableRawPointer
  private let length: Int

  /// `count` copies of `value`, ended by the guard page (or `slack` floats before it, to vary the alignment).
  init(count: Int, value: Float = .nan, slack: Int = 0) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let bytes = (count + slack) * 4
    length = (bytes + page - 1) / page * page + 2 * page
    unsafe mapping = unsafe mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | Buffer.anonymous, -1, 0)
    unsafe precondition(mapping != MAP_FAILED)
    unsafe mprotect(mapping + length - page, page, PROT_NONE)
    unsafe mprotect(mapping, page, PROT_NONE)
    self.count = count
    unsafe base = unsafe (mapping + length - page - bytes).bindMemory(to: Float.self, capacity: count + slack)
    for i in 0..<count { unsafe base[i] = value }
  }

  convenience init(_ values: [Float], slack: Int = 0) {
    self.init(count: values.count, slack: slack)
    for i in values.indices { unsafe base[i] = values[i] }
  }

  /// Uniform in -1...1, the same for the same seed.
  convenience init(random count: Int, seed: UInt64 = 1, slack: Int = 0) {
    self.init(count: count, slack: slack)
    var generator = SeededGenerator(seed: seed)
    for i in 0..<count { unsafe base[i] = generator.uniform() }
  }

  deinit { unsafe munmap(mapping, length) }

  var values: [Float] { (0..<count).map { unsafe base[$0] } }

  subscript(i: Int) -> Float {
    precondition(i >= 0 && i < count)
    return unsafe base[i]
  }

  private static var anonymous: Int32 {
    #if os(Linux)
      Int32(MAP_ANONYMOUS)
    #else
      MAP_ANON
    #endif
  }
}

extension SeededGenerator {
  /// A number in [-1, 1).
  mutating func uniform() -> Float { Float(Int32(truncatingIfNeeded: next() >> 32)) * 0x1p-31 }
}
