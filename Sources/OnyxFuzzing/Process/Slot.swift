import Foundation
import OnyxTestSupport

/// Memory that a worker shares with who watches it: the input that is tried, and how many were. It is a mapped file, so that it outlives
/// a worker that ends by a signal.
///
/// SAFETY: the mapping has `byteCount` bytes from `init` to `deinit`; offsets are constants below it, and inputs are cut to the rest. Both
/// processes may read and write words at once: each is aligned, and only tells of progress.
@safe package final class Slot {
  /// What the worker does.
  package enum State: UInt64 { case starting, making, trying, finding, finished }

  private static let header = 128
  private static let byteCount = header + ByteMutator.largest * 4
  private let start: UnsafeMutableRawPointer

  /// Maps the file, which is made when it is not there.
  package init(path: String) throws {
    let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0, ftruncate(file, off_t(Self.byteCount)) == 0 else { throw Finding("'\(path)' cannot be made.") }
    let mapped = unsafe mmap(nil, Self.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    close(file)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { throw Finding("'\(path)' cannot be mapped.") }
    unsafe start = mapped
  }

  deinit { unsafe munmap(start, Self.byteCount) }

  private subscript(_ word: Int) -> UInt64 {
    get { unsafe start.load(fromByteOffset: word * 8, as: UInt64.self) }
    set { unsafe start.storeBytes(of: newValue, toByteOffset: word * 8, as: UInt64.self) }
  }

  /// Number of the input in the campaign.
  package var index: UInt64 {
    get { self[0] }
    set { self[0] = newValue }
  }
  package var state: State {
    get { State(rawValue: self[1]) ?? .starting }
    set { self[1] = newValue.rawValue }
  }
  /// Inputs that were tried, those that were accepted, and those that reached code that none before them did.
  package var tried: UInt64 {
    get { self[3] }
    set { self[3] = newValue }
  }
  package var accepted: UInt64 {
    get { self[4] }
    set { self[4] = newValue }
  }
  package var learned: UInt64 {
    get { self[5] }
    set { self[5] = newValue }
  }
  /// A process that must not outlive the worker; 0 when there is none.
  package var child: Int32 {
    get { Int32(truncatingIfNeeded: self[6]) }
    set { self[6] = UInt64(truncatingIfNeeded: newValue) }
  }

  package var input: [UInt8] {
    get {
      unsafe [UInt8](UnsafeRawBufferPointer(start: start + Self.header, count: min(Int(clamping: self[2]), Self.byteCount - Self.header)))
    }
    set {
      let count = min(newValue.count, Self.byteCount - Self.header)
      unsafe newValue.withUnsafeBytes { bytes in
        if let source = bytes.baseAddress { unsafe (start + Self.header).copyMemory(from: source, byteCount: count) }
      }
      self[2] = UInt64(count)
    }
  }
}
