import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Normalizations whose statistics are found, or only known, in the run.
@Suite("Statistics rows equal the reference")
struct StatisticsRowTests {
  static func positive(_ count: Int) throws -> NodeCase.Input {
    .given(try Tensor.random(.float32, try Shape([count]), in: 0.5...2, seed: 9))
  }

  static func check(_ test: NodeCase, _ row: String) throws {
    #expect(try test.run(KernelTable()).rows == [row])
    try KernelRowTests.expectReference(test)
  }

  @Test(arguments: [[2, 5, 7, 9], [3, 70, 1, 3], [33, 130], [1, 3, 40, 41]] as [Shape]) func batches(_ shape: Shape) throws {
    let channels = try Shape([shape[1]])
    let inputs = [.float(shape), .float(channels), .float(channels), .float(channels), try Self.positive(shape[1])]
    try Self.check(NodeCase("BatchNormalization", inputs), "batch_normalization_f32_run")
    for outputs in 1...3 {
      let training: [String: Attribute] = ["training_mode": .int(1), "momentum": .float(0.7)]
      try Self.check(NodeCase("BatchNormalization", inputs, training, outputs: outputs), "batch_normalization_f32_run")
    }
  }

  @Test func rootMeanSquares() throws {
    try Self.check(NodeCase("RMSNormalization", [.float([3, 5, 33]), .float([33])]), "rms_normalization_f32")
    try Self.check(NodeCase("RMSNormalization", [.float([3, 5, 33]), .float([5, 33])], ["axis": .int(1)]), "rms_normalization_f32")
  }

  @Test func meansAndVariances() throws {
    for (shape, axes) in [
      ([2, 5, 7, 9], nil), ([2, 5, 7, 9], [2, 3]), ([2, 5, 7, 9], [1, 2, 3]), ([4, 300], [0]), ([4, 300], [1]), ([6, 5, 4], [0, 1, 2]),
      ([2, 3, 1, 7], [0, 3]),
    ] as [(Shape, [Int64]?)] {
      let attributes: [String: Attribute] = axes.map { ["axes": .ints($0)] } ?? [:]
      try Self.check(NodeCase("MeanVarianceNormalization", [.float(shape)], attributes), "mean_variance_normalization_f32")
    }
  }

  @Test func localResponses() throws {
    for (size, beta) in [(1, 0.75), (4, 0.75), (5, 0.5), (99, 1)] as [(Int, Float)] {
      let attributes: [String: Attribute] = ["size": .int(Int64(size)), "beta": .float(beta), "alpha": .float(0.3), "bias": .float(1.5)]
      try Self.check(NodeCase("LRN", [.float([2, 9, 5, 60])], attributes), "lrn_f32")
      try Self.check(NodeCase("LRN", [.float([3, 4])], attributes), "lrn_f32")
    }
  }

  @Test func layerStatistics() throws {
    try Self.check(NodeCase("LayerNormalization", [.float([4, 33]), .weight([33]), .weight([33])], outputs: 3), "layer_normalization_f32")
  }

  /// Float64 gives the reference's numbers to the last places of a sum.
  static func checkDoubles(_ test: NodeCase, _ row: String) throws {
    let expected = try test.run(.referenceOnly).results[0]
    let single = try test.run(KernelTable())
    #expect(single.rows == [row])
    for (a, e) in zip(try single.results[0].doubles(), try expected.doubles()) where (a - e).magnitude > 1e-13 * max(1, e.magnitude) {
      Issue.record("\(row): \(a) instead of \(e)")
    }
    for threads in [2, 3] { #expect(try test.run(KernelTable(), threads: threads).results == single.results) }
  }

  @Test func doubles() throws {
    func noise(_ shape: Shape) throws -> NodeCase.Input { .given(try Tensor.random(.float64, shape, in: -2...2, seed: 3)) }
    for op in ["Softmax", "LogSoftmax"] {
      for axis in 0..<3 {
        try Self.checkDoubles(NodeCase(op, [noise([5, 33, 6])], ["axis": .int(Int64(axis))]), "softmax_f64")
      }
    }
    try Self.checkDoubles(NodeCase("LayerNormalization", [noise([7, 131]), noise([131]), noise([131])]), "layer_normalization_f64")
    try Self.checkDoubles(
      NodeCase("LayerNormalization", [noise([7, 3, 4]), noise([3, 4])], ["axis": .int(1)]), "layer_normalization_f64")
    try Self.checkDoubles(NodeCase("RMSNormalization", [noise([7, 131]), noise([131])]), "rms_normalization_f64")
  }
}
