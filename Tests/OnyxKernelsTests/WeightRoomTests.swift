import OnyxKernels
import OnyxTensor
import OnyxThreads
import Testing

/// Memory for packed weights that is taken ahead of them.
struct WeightRoomTests {
  private static func query(_ node: Int, _ weights: WeightCache, _ pool: ThreadPool) throws -> KernelQuery {
    try KernelTableTests.query(
      "Relu", [TensorType(.float32, [1])], TensorType(.float32, [1]), weights: weights, pool: pool, nodeIndex: node)
  }

  /// Asks for `count` floats, all of them `number`, and packs them.
  private func pack(_ count: Int, _ number: Float, _ query: KernelQuery) throws -> PackedFloats {
    let floats = unsafe query.packedFloats("numbers", count: count, from: []) { target, _, pool in
      pool.parallelFor(count: count) { range in unsafe (target + range.lowerBound).update(repeating: number, count: range.count) }
    }
    try query.weights.pack(query.pool)
    return floats
  }

  private func expect(_ floats: PackedFloats, _ count: Int, _ number: Float) {
    #expect(floats.count == count)
    // Steps shorter than a page.
    let places = Array(stride(from: 0, to: count, by: 509)) + [count - 1]
    #expect(places.allSatisfy { unsafe floats.base[$0] == number })
  }

  /// Less than the room, as much, a little more than was asked for, and more than it holds.
  @Test(arguments: [1000, 3 << 20, (3 << 20) + 100_000, 9 << 20], [1, 2, 3])
  func weightsOfEverySizeAreWhole(count: Int, threads: Int) throws {
    let pool = ThreadPool(threads: threads)
    let room = try #require(WeightRoom(byteCount: 3 << 22))
    let weights = WeightCache(room: room)
    let first = try pack(count, 3, Self.query(0, weights, pool))
    let second = try pack(2_500_000, 5, Self.query(1, weights, pool))
    expect(first, count, 3)
    expect(second, 2_500_000, 5)
  }

  @Test func smallRoomsAreNone() {
    #expect(WeightRoom(byteCount: WeightRoom.smallest - 1) == nil)
    #expect(WeightRoom(byteCount: Int.max) == nil)
    #expect(WeightRoom(byteCount: Int.max / 2) == nil)
  }

  @Test func roomsThatNobodyUsesEnd() throws {
    for _ in 0..<5 { _ = try #require(WeightRoom(byteCount: 1 << 26)) }
    let weights = WeightCache(room: WeightRoom(byteCount: 1 << 24))
    try weights.pack(ThreadPool(threads: 1))
    #expect(weights.count == 0)
  }
}
