import OnyxTensor
import Synchronization

/// Packed weights that earlier sessions wrote into a file. An entry is found by a digest of all that its floats depend on: the weights,
/// the node and the layout; the file as a whole belongs to one build of Onyx. A file that is none, is cut short or belongs to another build
/// holds nothing, and an entry whose floats have another digest than when they were written is none.
///
/// A header of 64 bytes (`magic`, the stamp of the build, the number of entries), 48 bytes for each entry, then the floats, each entry's
/// at a multiple of 64 bytes; words of 64 bits in the byte order of the machine.
///
/// SAFETY: entries lie inside the contents, which was checked when the file was read, and begin at a multiple of 64 bytes of them; a
/// mapped file begins at a page.
package final class PackedFile: Sendable {
  /// A file's bytes, one piece after the other.
  package typealias Save = @Sendable ([Buffer]) -> Void

  private struct Entry {
    let offset: Int
    let count: Int
    let content: ContentDigest
  }

  private static let magic: UInt64 = 0x3130_4B43_5058_4E4F
  private static let headerWords = 8
  private static let entryWords = 6

  private let contents: Buffer?
  private let mapping: FileMapping?
  /// Whether floats of the file are somebody's weights.
  private let isUsed = Atomic(false)
  private let entries: [ContentDigest: Entry]
  private let stamp: ContentDigest
  private let save: Save
  private let isSaved = Atomic(false)

  /// - Parameters:
  ///   - file: the file, if there is one
  ///   - stamp: stands for the build of Onyx
  ///   - save: replaces the file; its failure is the caller's to report
  package init(_ file: FileMapping?, stamp: ContentDigest, save: @escaping Save) {
    self.stamp = stamp
    self.save = save
    mapping = file
    let contents = file?.buffer()
    let entries = contents.map { Self.read($0, stamp) } ?? [:]
    self.entries = entries
    self.contents = entries.isEmpty ? nil : contents
  }

  /// Whether there is something to be found.
  package var isEmpty: Bool { entries.isEmpty }

  private static func read(_ contents: Buffer, _ stamp: ContentDigest) -> [ContentDigest: Entry] {
    unsafe contents.withUnalignedBytes { bytes -> [ContentDigest: Entry] in
      func word(_ index: Int) -> UInt64 { unsafe bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self) }
      guard bytes.count >= 8 * headerWords, word(0) == magic, word(1) == stamp.low, word(2) == stamp.high,
        let count = Int(exactly: word(3)), count <= (bytes.count / 8 - headerWords) / entryWords
      else { return [:] }
      var entries: [ContentDigest: Entry] = [:]
      for index in 0..<count {
        let first = headerWords + index * entryWords
        guard let offset = Int(exactly: word(first + 4)), let floats = Int(exactly: word(first + 5)), offset % 64 == 0,
          offset <= bytes.count, floats <= (bytes.count - offset) / 4
        else { return [:] }
        entries[ContentDigest(low: word(first), high: word(first + 1))] = Entry(
          offset: offset, count: floats, content: ContentDigest(low: word(first + 2), high: word(first + 3)))
      }
      return entries
    }
  }

  /// The floats of an entry; nil when there is none of this digest and count.
  func floats(_ identity: ContentDigest, count: Int) -> Buffer? {
    guard let contents, let entry = entries[identity], entry.count == count else { return nil }
    let window = unsafe contents.withUnalignedBytes { bytes in
      let start = entry.offset
      return unsafe Buffer(
        viewing: UnsafeRawBufferPointer(rebasing: bytes[start..<start + count * MemoryLayout<Float>.stride]), owner: contents)
    }
    guard Self.digest(window) == entry.content, mapping?.isBroken != true else { return nil }
    isUsed.store(true, ordering: .relaxed)
    return window
  }

  /// Throws `missingFile` when weights were found in the file and it was cut short since.
  func check() throws(OnyxError) {
    guard let mapping, isUsed.load(ordering: .relaxed) else { return }
    try FileMapping.check([mapping])
  }

  private static func digest(_ window: Buffer) -> ContentDigest {
    var digest = ContentDigest()
    unsafe window.withUnalignedBytes { bytes in unsafe digest.add(bytes) }
    return digest
  }

  /// Replaces the file by one that has these floats and, as long as they are not three times as many, the entries that it had. Does so
  /// once.
  func write(_ packed: [PackedFloats]) {
    guard !isSaved.exchange(true, ordering: .relaxed) else { return }
    var written: [ContentDigest: Buffer] = [:]
    for floats in packed { if let identity = floats.identity { written[identity] = floats.window } }
    var room = 3 * written.values.reduce(0) { $0 + $1.byteCount }
    for (identity, entry) in entries where written[identity] == nil {
      guard let window = floats(identity, count: entry.count), window.byteCount <= room else { continue }
      room -= window.byteCount
      written[identity] = window
    }
    save(bytes(of: written))
  }

  private func bytes(of floats: [ContentDigest: Buffer]) -> [Buffer] {
    let tableBytes = 8 * (Self.headerWords + floats.count * Self.entryWords)
    var words: [UInt64] = [Self.magic, stamp.low, stamp.high, UInt64(floats.count), 0, 0, 0, 0]
    var pieces: [Buffer] = []
    var offset = tableBytes
    func fill() {
      let count = (64 - offset % 64) % 64
      if count > 0 { pieces.append(Self.buffer([UInt8](repeating: 0, count: count))) }
      offset += count
    }
    fill()
    for (identity, window) in floats {
      let content = Self.digest(window)
      words += [
        identity.low, identity.high, content.low, content.high, UInt64(offset), UInt64(window.byteCount / MemoryLayout<Float>.stride),
      ]
      pieces.append(window)
      offset += window.byteCount
      fill()
    }
    return [Self.buffer(words)] + pieces
  }

  /// Memory with the numbers of an array, which it owns.
  private static func buffer<T: BitwiseCopyable & Sendable>(_ array: [T]) -> Buffer {
    let owner = Numbers(array)
    // SAFETY: the elements of a contiguous array that nobody changes stay where they are as long as it lives.
    return unsafe owner.array.withUnsafeBytes { unsafe Buffer(viewing: $0, owner: owner) }
  }

  private final class Numbers<T: Sendable>: Sendable {
    let array: ContiguousArray<T>
    init(_ array: [T]) { self.array = ContiguousArray(array) }
  }
}
