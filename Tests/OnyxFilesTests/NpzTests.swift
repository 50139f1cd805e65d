import OnyxFiles
import OnyxImages
import OnyxTensor
import OnyxTestSupport
import Testing

struct NpzTests {
  @Test func readsWhatNumpyWrites() throws {
    let stored = try Npz.decode(base64(storedArchive)[...])
    #expect(stored.map(\.name) == ["x", "y"])
    #expect(try stored[0].tensor.elements(as: Int32.self) == [0, 1, 2])
    #expect(try stored[1].tensor.elements(as: Float.self) == [1.5])
    #expect(stored[1].tensor.shape == [1, 1])
    let deflated = try Npz.decode(base64(deflatedArchive)[...])
    #expect(deflated.map(\.name) == ["x", "s"])
    #expect(try deflated[0].tensor.elements(as: Int32.self) == Array(0..<100))
    #expect(try deflated[1].tensor.strings() == ["q"])
  }

  @Test func readsZip64() throws {
    let arrays = try Npz.decode(base64(zip64Archive)[...])
    #expect(arrays.map(\.name) == ["z"])
    #expect(try arrays[0].tensor.elements(as: Int32.self) == [7, 8])
  }

  @Test(arguments: [false, true])
  func comesBack(_ compressed: Bool) throws {
    let tensors = try ElementType.allCases.map { (name: "\($0)/x", tensor: try Tensor.random($0, [3, 50], in: 0...2, seed: 3)) }
    let bytes = try Npz.encode(tensors, compressed: compressed)
    let read = try Npz.decode(bytes[...])
    #expect(read.map(\.name) == tensors.map(\.name))
    for (a, b) in zip(read, tensors) { #expect(allClose(a.tensor, b.tensor, rtol: 0, atol: 0) == nil) }
    #expect(try Npz.encode(tensors, compressed: compressed) == bytes, "equal tensors give equal bytes")
  }

  @Test func anEmptyArchive() throws {
    #expect(try Npz.decode(Npz.encode([])[...]).isEmpty)
  }

  @Test func refusesTwoOfOneName() throws {
    let x = try Tensor(scalar: Float(1))
    let error = #expect(throws: OnyxError.self) { try Npz.encode([("x", x), ("x", x)]) }
    #expect(error?.code == .usage)
    // The same in a file: the second member takes the name of the first.
    var bytes = try Npz.encode([("x", x), ("y", x)])
    let name = Array("y.npy".utf8)
    for index in bytes.indices where bytes.dropFirst(index).starts(with: name) { bytes[index] = UInt8(ascii: "x") }
    let error2 = #expect(throws: OnyxError.self) { try Npz.decode(bytes[...]) }
    #expect(error2?.reason == "The archive has two arrays named 'x'.")
  }

  @Test func limitsWhatMembersHold() throws {
    let bytes = try Npz.encode([("x", try Tensor([Float](repeating: 0, count: 100_000), shape: [100_000]))], compressed: true)
    #expect(bytes.count < 2000)
    _ = try Npz.decode(bytes[...], limit: 500_000)
    let error = #expect(throws: OnyxError.self) { try Npz.decode(bytes[...], limit: 399_999) }
    #expect(error?.code == .budgetExceeded)
  }

  /// Offsets of the fields in the one central record of an archive with the member "x.npy".
  private enum Field: Int {
    case flags = 8
    case method = 10
    case crc = 16
    case compressedCount = 20
    case count = 24
    case offset = 42
  }

  private func archive(_ field: Field, _ value: UInt32, bytes width: Int, compressed: Bool = false) throws -> [UInt8] {
    var bytes = try Npz.encode([("x", try Tensor([Float](repeating: 1, count: 64), shape: [64]))], compressed: compressed)
    let record = bytes.count - 22 - 46 - 5
    for index in 0..<width { bytes[record + field.rawValue + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(index))) }
    return bytes
  }

  @Test func refusesWhatCannotBeRead() throws {
    func reason(_ field: Field, _ value: UInt32, _ width: Int, compressed: Bool = false) throws -> String? {
      let bytes = try archive(field, value, bytes: width, compressed: compressed)
      return #expect(throws: OnyxError.self) { try Npz.decode(bytes[...]) }?.reason
    }
    #expect(try reason(.flags, 1, 2) == "The archive's member 'x.npy' is encrypted.")
    #expect(try reason(.method, 12, 2) == "The archive's member 'x.npy' has compression method 12.")
    #expect(try reason(.crc, 7, 4) == "In 'x.npy': The member is damaged: its checksum differs.")
    #expect(try reason(.offset, 5, 4) == "In 'x.npy': The member has no header.")
    #expect(try reason(.offset, 0xFFFF_FFF0, 4) == "In 'x.npy': The file is cut off.")
    #expect(try reason(.offset, 0xFFFF_FFFF, 4) == "The archive's directory lacks a 64-bit size.")
    #expect(try reason(.count, 9, 4) == "The archive's member 'x.npy' claims an impossible size.")
    #expect(try reason(.count, 0x7FFF_FFFF, 4, compressed: true) == "The archive's member 'x.npy' claims an impossible size.")
    #expect(try reason(.count, 10, 4, compressed: true) == "In 'x.npy': A compressed file holds more than the 10 bytes it claims.")
    #expect(try reason(.count, 400, 4, compressed: true) == "In 'x.npy': A compressed file is broken or cut off.")
    #expect(try reason(.compressedCount, 10, 4, compressed: true) == "In 'x.npy': A compressed file is broken or cut off.")
  }

  @Test func refusesMembersThatAreNoArrays() throws {
    var bytes = try Npz.encode([("x", try Tensor(scalar: Float(1)))])
    let name = bytes.count - 22 - 5
    bytes[name + 2] = UInt8(ascii: "q")
    let error = #expect(throws: OnyxError.self) { try Npz.decode(bytes[...]) }
    #expect(error?.reason == "The archive's member 'x.qpy' is no .npy file.")
  }

  @Test func refusesEveryPrefix() throws {
    for file in [storedArchive, deflatedArchive, zip64Archive] {
      let bytes = base64(file)
      // The comment at the end may be missing.
      for count in 0..<bytes.count - 3 { #expect(throws: OnyxError.self, "cut at \(count)") { try Npz.decode(bytes[..<count]) } }
    }
  }

  @Test func survivesEveryChangedByte() throws {
    for file in [storedArchive, deflatedArchive, zip64Archive] {
      let bytes = base64(file)
      for index in bytes.indices {
        for value in [0, 1, 0x7F, 0xFF] as [UInt8] {
          var damaged = bytes
          damaged[index] = value
          _ = try? Npz.decode(damaged[...])
        }
      }
    }
  }

  @Test func deflateComesBackInEverySize() throws {
    try withEvery([0, 1, 2, 100, 65_535, 65_536, 1_000_000]) { count in
      var generator = SeededGenerator(seed: UInt64(count))
      let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() % 7) }
      let deflated = try Codecs.deflate(bytes)
      #expect(try Codecs.inflate(deflated[...], count: count) == bytes)
      #expect(throws: OnyxError.self) { try Codecs.inflate(deflated[...], count: count + 1) }
      if count > 0 { #expect(throws: OnyxError.self) { try Codecs.inflate(deflated[...], count: count - 1) } }
    }
    // RFC 1952's check value.
    #expect(Codecs.crc32(Array("123456789".utf8)[...]) == 0xCBF4_3926)
  }
}
