import Onyx
import OnyxTestSupport
import Testing

/// The same numbers whatever the options.
@Suite struct DifferentialTests {
  private static func options(_ optimization: SessionOptions.Optimization, _ isa: SessionOptions.InstructionSet, _ threads: Int)
    -> SessionOptions
  {
    var options = SessionOptions(threads: threads)
    options.optimization = optimization
    options.instructionSet = isa
    return options
  }

  @Test func thereAreModels() { #expect(ModelCase.all.count >= 105) }

  @Test(arguments: ModelCase.all) func optionsDoNotChangeResults(_ model: ModelCase) throws {
    for optimization in SessionOptions.Optimization.allCases {
      for isa in instructionSets {
        var first: [[String: [UInt32]]] = []
        for threads in 1...3 {
          let session = try Session(path: model.path, options: Self.options(optimization, isa, threads))
          var results: [[String: [UInt32]]] = []
          for (inputs, expected) in try model.named(session) {
            let outputs = try session.run(inputs)
            let text = try difference(outputs, expected)
            #expect(text == nil, "\(optimization), \(isa), \(threads) threads")
            results.append(try bits(outputs))
          }
          #expect(!results.isEmpty)
          if first.isEmpty { first = results }
          #expect(results == first, "not bit-equal: \(optimization), \(isa), 1 and \(threads) threads")
        }
      }
    }
  }

  @Test(arguments: ModelCase.all.filter { $0.name.hasSuffix("-dynamic") || $0.name == "digits" }) func runsAreRepeatable(_ model: ModelCase)
    throws
  {
    let session = try Session(path: model.path)
    let sets = try model.named(session)
    let first = try sets.map { try bits(try session.run($0.inputs)) }
    for _ in 0..<3 {
      for (set, expected) in zip(sets, first) { #expect(try bits(try session.run(set.inputs)) == expected) }
    }
  }

  /// More batches than plans are kept; each row is what it is alone.
  @Test func batchSizesMayChange() throws {
    let session = try Session(path: SessionTests.digits.path)
    let rows = try (0..<12).map { try Tensor.random(.float32, [1, 1, 28, 28], in: 0...1, seed: $0) }
    let alone = try rows.map { try #require(try session.run(["image": $0])["logits"]).doubles() }
    for batch in Array(1...12) + [3, 1, 12, 7, 0, 1] {
      let pixels = try rows.prefix(batch).flatMap { try $0.elements(as: Float.self) }
      let logits = try #require(try session.run(["image": Tensor(pixels, shape: try Shape([batch, 1, 28, 28]))])["logits"])
      #expect(logits.shape.first == batch)
      let expected = try Tensor(floating: alone.prefix(batch).flatMap { $0 }, as: .float32, shape: logits.shape)
      #expect(try difference(["logits": logits], ["logits": expected]) == nil, "batch \(batch)")
    }
  }
}
