import OnyxTensor
import OnyxThreads

/// Memory that holds weights in the order of one kernel. It is asked for while a plan is made and filled before the plan
/// is finished, together with all others, on every thread of the pool.
///
/// SAFETY: `base` points to `count` floats inside `slab` or `owner`, aligned to 64 bytes. Both are set, and the floats written, before
/// the plan that uses them leaves the planner; afterwards nobody writes.
@safe package final class PackedFloats: @unchecked Sendable {
  /// Writes all `count` floats. The sources are those of `from:`, in order; they are not always aligned for `Float`.
  package typealias Fill = @Sendable (UnsafeMutablePointer<Float>, [UnsafePointer<Float>], ThreadPool) -> Void

  package let count: Int
  private var slab: PackedSlab?
  /// Keeps foreign memory alive.
  private var owner: Buffer?
  private var start: UnsafeMutablePointer<Float>?
  private var sources: [Tensor]
  private var fill: Fill?
  private var identify: Identify?
  /// Stands for everything that the floats depend on; nil when nobody asked.
  private(set) var identity: ContentDigest?

  /// The identity, which is computed when the floats are about to be packed; nil for floats that a file must not give.
  package typealias Identify = @Sendable () -> ContentDigest?

  /// Where the floats are. Not to be asked for before planning is over.
  package var base: UnsafeMutablePointer<Float> {
    guard let start = unsafe start else { preconditionFailure("packed weights are read before they were packed") }
    return unsafe start
  }

  /// Floats that `run` writes, after `place`.
  init(count: Int, from sources: [Tensor], identify: Identify? = nil, fill: @escaping Fill) {
    self.count = max(count, 0)
    self.sources = sources
    self.identify = identify
    unsafe self.fill = fill
  }

  /// Floats that are written now. Throws `budgetExceeded` when there is no memory for them.
  package init(count: Int, fill: (UnsafeMutablePointer<Float>) -> Void) throws(OnyxError) {
    self.count = max(count, 0)
    sources = []
    place(in: try PackedSlab(floatCount: paddedCount), at: 0)
    unsafe fill(base)
  }

  /// Whole vectors, so that every block of a slab begins aligned.
  var paddedCount: Int { (count + 15) & ~15 }

  func place(in slab: PackedSlab, at offset: Int) {
    self.slab = slab
    unsafe start = slab.base + offset
  }

  /// Takes the floats from a file, if it has them, and gives back the pages of the sources, which the identity has read.
  func take(from file: PackedFile) {
    identity = identify?()
    guard let identity, let found = file.floats(identity, count: count) else { return }
    owner = found
    unsafe start = found.pointer.assumingMemoryBound(to: Float.self)
    for source in sources { source.releasePages() }
  }

  /// The floats as bytes, after they were written.
  var window: Buffer {
    let bytes = unsafe UnsafeRawBufferPointer(start: base, count: count * MemoryLayout<Float>.stride)
    return unsafe Buffer(viewing: bytes, owner: self)
  }

  /// Whether a file gave them.
  var isTaken: Bool { owner != nil }

  /// Writes the floats and gives back the pages of the sources in the mapped file. Can be repeated until `finish`.
  func run(_ pool: ThreadPool) {
    guard let fill = unsafe fill, let slab, let start = unsafe start else { return }
    pool.parallelFor(count: count, grain: 1 << 18) { range in
      unsafe slab.takePages(at: start + range.lowerBound, floatCount: range.count)
    }
    unsafe Self.withPointers(to: sources[...], []) { pointers in unsafe fill(start, pointers, pool) }
    for source in sources { source.releasePages() }
  }

  /// Lets go of the sources: the floats are written.
  func finish() {
    sources = []
    identify = nil
    unsafe fill = nil
  }

  private static func withPointers(
    to tensors: ArraySlice<Tensor>, _ found: [UnsafePointer<Float>], _ body: ([UnsafePointer<Float>]) -> Void
  ) {
    guard let first = tensors.first else { return unsafe body(found) }
    unsafe first.withUnalignedBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      unsafe withPointers(to: tensors.dropFirst(), found + [start.assumingMemoryBound(to: Float.self)], body)
    }
  }
}
