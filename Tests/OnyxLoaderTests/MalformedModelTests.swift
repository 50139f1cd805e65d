import OnyxGraph
import OnyxLoader
import OnyxTensor
import OnyxTestSupport
import Testing

/// Damaged models load or throw an error that names the model, never one that names a bug.
@Suite struct MalformedModelTests {
  static let models: [[UInt8]] = [Onnx.good] + [ModelFixture.functions, ModelFixture.captures, ModelFixture.everything].map(base64)

  /// The checks of operators come last; without them more of the loader is reached.
  private static func check(_ bytes: [UInt8], _ what: String, checks: [Bool] = [false]) {
    for checks in checks {
      let load = { () throws(OnyxError) -> Void in
        let model = try ModelLoader.load(bytes: bytes)
        if checks { try OperatorSupport.check(model) }
      }
      guard let error = failure(load) else { continue }
      #expect(error.code != .internalBug && error.code != .missingFile, "\(what): \(error)")
    }
  }

  @Test(arguments: models.indices) func everyTruncation(_ index: Int) {
    let model = Self.models[index]
    for length in 0..<model.count { Self.check(Array(model[..<length]), "cut to \(length)") }
  }

  @Test(arguments: models.indices) func everyBitFlip(_ index: Int) {
    var model = Self.models[index]
    for position in model.indices {
      for bit in 0..<8 {
        model[position] ^= 1 << UInt8(bit)
        Self.check(model, "bit \(bit) of byte \(position)", checks: index == 0 ? [true, false] : [false])
        model[position] ^= 1 << UInt8(bit)
      }
    }
  }

  @Test(arguments: models.indices) func everyByteMadeExtreme(_ index: Int) {
    let model = Self.models[index]
    for position in model.indices {
      for value: UInt8 in [0x00, 0x7F, 0x80, 0xFF] {
        var changed = model
        changed[position] = value
        Self.check(changed, "byte \(position) = \(value)")
        // Longer fields: a byte more, and a byte less.
        changed.insert(value, at: position)
        Self.check(changed, "inserted \(value) at \(position)")
      }
      var shorter = model
      shorter.remove(at: position)
      Self.check(shorter, "removed byte \(position)")
    }
  }

  /// Random bytes behind a plausible start; the generator is fixed, so a failure can be repeated.
  @Test func randomBytes() {
    var generator = SeededGenerator(seed: 1)
    func next() -> UInt8 { UInt8.random(in: 0...255, using: &generator) }
    for round in 0..<2000 {
      let tail = (0..<Int(next())).map { _ in next() }
      Self.check(Wire.int(1, 8) + Wire.data(7, tail) + tail, "random \(round)")
    }
  }

  @Test func loadsInParallel() async throws {
    let folder = TemporaryFolder()
    try folder.write("w.bin", Wire.floats([5, 6]))
    let path = try folder.write("model.onnx", ExternalDataTests.model([("location", "w.bin")]))
    try await withThrowingTaskGroup(of: [Double].self) { group in
      for _ in 0..<16 {
        group.addTask { try ModelLoader.load(contentsOf: path).graph.initializers.values.first?.doubles() ?? [] }
        group.addTask { try ModelLoader.load(bytes: Onnx.good).graph.initializers.values.first?.doubles() ?? [] }
      }
      var results: Set<[Double]> = []
      for try await values in group { results.insert(values) }
      #expect(results == [[5, 6], [3, 4]])
    }
  }
}
