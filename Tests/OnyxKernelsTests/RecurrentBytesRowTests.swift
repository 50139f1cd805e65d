import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// DynamicQuantizeLSTM against the scalar reference.
@Suite("LSTM of bytes equals the reference")
struct RecurrentBytesRowTests {
  struct Layer {
    var steps = 1, batch = 3, inputs = 11, hidden = 37
    var isSigned = true
    var direction = "forward"
    var zeroPoint = 0
    var scalesEachColumn = false
    var hasLengths = false

    func test() throws -> NodeCase {
      let sides = direction == "bidirectional" ? 2 : 1
      let (type, columns): (ElementType, Int) = (isSigned ? .int8 : .uint8, 4 * hidden)
      func floats(_ shape: Shape, _ seed: UInt64, _ range: ClosedRange<Double>) throws -> Tensor {
        try Tensor.random(.float32, shape, in: range, seed: seed)
      }
      func weights(_ rows: Int, _ seed: UInt64) throws -> [NodeCase.Input] {
        let low = isSigned ? -128 : 0
        let values = (0..<sides * rows * columns).map { index in
          Double(low + (index * 97 + Int(seed) * 31 + index / 7) % 256)
        }
        let parameters: Shape = scalesEachColumn ? [sides, columns] : [sides]
        let limit = 2e-2 / Double(rows).squareRoot()
        return [
          .constant(try Tensor(values).converted(to: type).reshaped(to: [sides, rows, columns])),
          .constant(try floats(parameters, seed, limit / 2...limit)),
          .constant(
            try Tensor(Array(repeating: Double(zeroPoint), count: parameters.elementCount)).converted(to: type).reshaped(to: parameters)),
        ]
      }
      let (w, r) = (try weights(inputs, 2), try weights(hidden, 3))
      let lengths = (0..<batch).map { Int32(steps - $0 * 2 % (steps + 1)) }
      return NodeCase(
        "DynamicQuantizeLSTM",
        [
          .given(try floats([steps, batch, inputs], 1, -2...3)), w[0], r[0], .constant(try floats([sides, 2 * columns], 4, -0.5...0.5)),
          hasLengths ? .given(try Tensor(lengths)) : .none, .given(try floats([sides, batch, hidden], 5, -1...0.5)),
          .given(try floats([sides, batch, hidden], 6, -1...1)), .constant(try floats([sides, 3 * hidden], 7, -1...1)), w[1], w[2], r[1],
          r[2],
        ], ["direction": .text(direction)], domain: "com.microsoft", outputs: 3)
    }
  }

  static let layers: [Layer] =
    [1, 15, 16, 32, 33, 100].map { Layer(batch: 1, hidden: $0) }
    + [
      Layer(batch: 20), Layer(isSigned: false, zeroPoint: 128), Layer(isSigned: false, zeroPoint: 100, scalesEachColumn: true),
      Layer(zeroPoint: -3), Layer(direction: "bidirectional", scalesEachColumn: true), Layer(direction: "reverse", zeroPoint: 7),
    ]

  /// In one step the states are the same bytes, and all that follows is exact but for roundings of floats.
  @Test func computesAStep() throws {
    for layer in Self.layers { try KernelRowTests.expectReference(layer.test()) }
  }

  /// Over several steps a state in the middle between two bytes may become either, which moves a gate by some thousandths.
  @Test func computesManySteps() throws {
    let layers = [
      Layer(steps: 6, hasLengths: true), Layer(steps: 5, direction: "bidirectional", zeroPoint: 2, hasLengths: true),
      Layer(steps: 40, batch: 2, hidden: 260),
    ]
    for layer in layers {
      let test = try layer.test()
      let (expected, single) = (try test.run(.referenceOnly), try test.run(KernelTable()))
      #expect(single.rows == ["dynamic_quantize_lstm_int8"])
      for (actual, wanted) in zip(single.results, expected.results) {
        #expect(try zip(actual.doubles(), wanted.doubles()).allSatisfy { ($0 - $1).magnitude <= 1e-2 })
      }
      for threads in [2, 3] {
        let parallel = try test.run(KernelTable(), threads: threads)
        #expect(
          try parallel.results.map { try bits($0.elements(as: Float.self)) } == single.results.map { try bits($0.elements(as: Float.self)) }
        )
      }
    }
  }
}
