import Onyx
import OnyxTensor
import OnyxTestSupport
import Testing

/// Denormal numbers are kept, or count as zero where a session says so, and the caller's thread is left as it was.
@Suite("Denormal numbers")
struct DenormalTests {
  /// y = x · x₂ with x₂ = 1.
  private static let product = Onnx.model(
    Onnx.graph(
      nodes: [Onnx.node("Mul", ["x", "one"], ["y"])], initializers: [Onnx.raw("one", floats: [1])]))
  /// The least denormal number, 1e-40, −1e-40, the largest, the least normal one, 1.
  private static let numbers: [Float] = [1, 71_362, 0x8001_16C2, 0x007F_FFFF, 0x0080_0000, 0x3F80_0000].map { Float(bitPattern: $0) }

  private static func run(_ count: Int, threads: Int, flushes: Bool) throws -> [UInt32] {
    var options = SessionOptions(threads: threads)
    options.flushesDenormals = flushes
    let session = try Session(bytes: product, options: options)
    let values = (0..<count).map { numbers[$0 % numbers.count] }
    let result = try #require(try session.run(["x": try Tensor(values, shape: [count])])["y"])
    #expect(isKept(numbers[1]), "the caller's thread")
    return try result.elements(as: Float.self).map(\.bitPattern)
  }

  /// Not known to the compiler.
  @inline(never) private static func isKept(_ number: Float) -> Bool {
    number * Float.random(in: 1...1) != 0
  }

  @Test(arguments: [1, 3], [6, 600_000]) func countAsZeroWhereAsked(threads: Int, count: Int) throws {
    let kept = try Self.run(count, threads: threads, flushes: false)
    #expect(kept == (0..<count).map { Self.numbers[$0 % 6].bitPattern })
    let flushed = try Self.run(count, threads: threads, flushes: true)
    let wrong = flushed.indices.first {
      Float(bitPattern: flushed[$0]) != (Self.numbers[$0 % 6].isNormal ? Self.numbers[$0 % 6] : 0)
    }
    #expect(wrong == nil)
  }

  @Test func anErrorLeavesTheCallerAsItWas() throws {
    var options = SessionOptions(threads: 1)
    options.flushesDenormals = true
    options.deadline = .zero
    let session = try Session(bytes: Self.product, options: options)
    #expect(throws: OnyxError.self) {
      try session.run(["x": try Tensor([1] as [Float], shape: [1])])
    }
    #expect(Self.isKept(Self.numbers[1]))
  }
}
