import OnyxTensor
import OnyxTestSupport
import Testing

@Suite("Digests of content")
struct ContentDigestTests {
  private static func digest(_ tensor: Tensor) -> ContentDigest {
    var digest = ContentDigest()
    tensor.add(to: &digest)
    return digest
  }

  private static func digest(_ bytes: [UInt8]) -> ContentDigest {
    var digest = ContentDigest()
    unsafe bytes.withUnsafeBytes { unsafe digest.add($0) }
    return digest
  }

  @Test func everyBitCounts() {
    for count in [1, 7, 8, 15, 16, 63, 64, 65, 200] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) }
      var seen: Set<ContentDigest> = [Self.digest(bytes)]
      for bit in 0..<8 * count {
        var other = bytes
        other[bit / 8] ^= 1 << (bit % 8)
        seen.insert(Self.digest(other))
      }
      #expect(seen.count == 1 + 8 * count)
    }
  }

  /// Pairs of signs are what a sum over the words of a lane would lose.
  @Test func pairsOfSignsCount() throws {
    let values = (0..<256).map { Float($0) + 0.5 }
    var seen: Set<ContentDigest> = []
    for first in 0..<64 {
      for second in first + 1..<256 {
        var other = values
        other[first] = -other[first]
        other[second] = -other[second]
        seen.insert(Self.digest(try Tensor(other)))
      }
    }
    #expect(seen.count == (0..<64).reduce(0) { $0 + 255 - $1 })
  }

  @Test func lengthShapeAndTypeCount() throws {
    #expect(Set((0..<200).map { Self.digest([UInt8](repeating: 0, count: $0)) }).count == 200)
    let tensors = try [
      Tensor([0, 0, 0, 0] as [Float], shape: [4]), Tensor([0, 0, 0, 0] as [Float], shape: [2, 2]),
      Tensor([0, 0, 0, 0] as [Int32], shape: [4]),
      Tensor(["a", "bc"], shape: [2]), Tensor(["ab", "c"], shape: [2]),
    ]
    #expect(Set(tensors.map(Self.digest)).count == tensors.count)
  }
}
