import Foundation
import Onyx
import OnyxFiles
import OnyxTensor
import OnyxTestSupport
import Testing

/// A session with a weight cache computes what one without computes, whatever the file is.
@Suite("Weights packed by earlier sessions")
struct WeightCacheTests {
  /// A network with packed convolutions.
  static let model = ModelCase("digits").path

  private static func withCache<R>(_ body: (String) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory.appending(path: "onyx-cache-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.appending(path: "weights").path(percentEncoded: false))
  }

  private static func image() throws -> [String: Tensor] {
    ["image": try Tensor.random(.float32, [1, 1, 28, 28], in: 0...1, seed: 3)]
  }

  private static func run(_ cache: String?, _ change: (inout SessionOptions) -> Void = { _ in }) throws -> (Tensor?, Session) {
    var options = SessionOptions(threads: 2)
    options.weightCache = cache
    change(&options)
    let session = try Session(path: model, options: options)
    return (try session.run(try image())["logits"], session)
  }

  @Test func theSecondSessionTakesWhatTheFirstWrote() throws {
    try Self.withCache { cache in
      let expected = try Self.run(nil).0
      #expect(try Self.run(cache).0 == expected)
      let written = try FileBytes.read(cache)
      #expect(written.count > 4096)
      #expect(try Self.run(cache).0 == expected)
      #expect(try FileBytes.read(cache) == written, "nothing is written where everything was found")
    }
  }

  /// Zeros in place of the floats, with the digest of zeros beside them, are what a session computes with.
  @Test func whatTheFileHasIsUsed() throws {
    try Self.withCache { cache in
      let expected = try Self.run(cache).0
      var bytes = try FileBytes.read(cache)
      func word(_ place: Int) -> Int { (0..<8).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) } }
      for entry in 0..<word(24) {
        let place = 64 + 48 * entry
        let (offset, count) = (word(place + 32), word(place + 40))
        bytes.replaceSubrange(offset..<offset + 4 * count, with: repeatElement(0, count: 4 * count))
        var digest = ContentDigest()
        unsafe bytes[offset..<offset + 4 * count].withUnsafeBytes { unsafe digest.add($0) }
        for (index, half) in [digest.low, digest.high].enumerated() {
          for byte in 0..<8 { bytes[place + 16 + 8 * index + byte] = UInt8(truncatingIfNeeded: half >> (8 * byte)) }
        }
      }
      try FileBytes.write(bytes, to: cache)
      #expect(try Self.run(cache).0 != expected)
    }
  }

  @Test func anyOtherBytesHoldNothing() throws {
    try Self.withCache { cache in
      let expected = try Self.run(nil).0
      _ = try Self.run(cache)
      let written = try FileBytes.read(cache)
      var generator = SeededGenerator(seed: 1)
      for round in 0..<40 {
        var bytes = written
        switch round % 4 {
        case 0: bytes = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &generator)))
        case 1: for _ in 0..<8 { bytes[Int.random(in: 0..<1024, using: &generator)] = UInt8.random(in: 0...255, using: &generator) }
        case 2: for _ in 0..<8 { bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= 64 }
        default: for index in 24..<32 { bytes[index] = 0xFF }
        }
        try FileBytes.write(bytes, to: cache)
        #expect(try Self.run(cache).0 == expected, "round \(round)")
      }
      // What did not fit was replaced by what fits.
      #expect(try Self.run(cache).0 == expected)
      #expect(try FileBytes.read(cache).count == written.count)
    }
  }

  /// Weights of another precision or of other instructions are entries of their own; both are kept.
  @Test func optionsThatPackOtherwiseHaveEntriesOfTheirOwn() throws {
    try Self.withCache { cache in
      _ = try Self.run(cache)
      let one = try FileBytes.read(cache).count
      let scalar = try Self.run(nil) { $0.instructionSet = .scalar }.0
      #expect(try Self.run(cache) { $0.instructionSet = .scalar }.0 == scalar)
      let two = try FileBytes.read(cache)
      #expect(two.count > one)
      #expect(try Self.run(cache).0 == Self.run(nil).0)
      #expect(try FileBytes.read(cache) == two)
    }
  }

  @Test func sessionsOfOneFileAtOnce() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "onyx-cache-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let cache = folder.appending(path: "weights").path(percentEncoded: false)
    let expected = try Self.run(nil).0
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<16 { group.addTask { try Self.run(cache).0 == expected } }
      for try await isEqual in group { #expect(isEqual) }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)) == ["weights"], "nothing is left over")
  }

  @Test func aFileThatCannotBeWrittenIsAWarning() throws {
    let (result, session) = try Self.run("/nowhere/weights")
    #expect(try result == Self.run(nil).0)
    #expect(session.warnings.contains { $0.contains("/nowhere/weights") })
  }
}
