import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// NonMaxSuppression selects exactly the reference's boxes, in its order.
@Suite("Suppression rows equal the reference")
struct SuppressionRowTests {
  /// How many boxes of how many batches and classes, and how large they are in a square of side 1.
  struct Scene: Sendable, CustomTestStringConvertible {
    let batches, classes, boxes: Int
    let size: Float
    var testDescription: String { "\(batches) × \(classes) × \(boxes) boxes of \(size)" }

    /// Corners or centres; some boxes are empty, some have coordinates that are not finite.
    func coordinates(isCentered: Bool) throws -> Tensor {
      var generator = SeededGenerator(seed: UInt64(boxes))
      var values: [Float] = []
      for index in 0..<batches * boxes {
        let (x, y) = (Float.random(in: 0...1, using: &generator), Float.random(in: 0...1, using: &generator))
        let (w, h) = (Float.random(in: -size...size, using: &generator), Float.random(in: 0...size, using: &generator))
        switch index % 29 {
        case 3: values += [x, y, isCentered ? 0 : x, isCentered ? 0 : y]
        case 7: values += [.infinity, y, x, -.infinity]
        case 11: values += [x, .nan, w, h]
        case 13: values += [-1e30, -1e30, 1e30, 1e30]
        default: values += isCentered ? [x, y, w, index % 5 == 0 ? -h : h] : [x, y, x + w, y + h]
        }
      }
      return try Tensor(values, shape: [batches, boxes, 4])
    }

    func scores(areTied: Bool) throws -> Tensor {
      var generator = SeededGenerator(seed: 5)
      let special: [Float] = [.nan, .infinity, -.infinity, -0.0, 0, .leastNormalMagnitude / 16, -3]
      let values = (0..<batches * classes * boxes).map { index -> Float in
        let value = Float.random(in: 0...1, using: &generator)
        return areTied ? (index % 17 == 3 ? special[index / 17 % special.count] : (value * 20).rounded() / 20) : value
      }
      return try Tensor(values, shape: [batches, classes, boxes])
    }
  }

  static let scenes = [
    Scene(batches: 1, classes: 1, boxes: 1, size: 1), Scene(batches: 2, classes: 3, boxes: 7, size: 0.5),
    Scene(batches: 1, classes: 1, boxes: 31, size: 0.3), Scene(batches: 3, classes: 2, boxes: 65, size: 0.2),
    Scene(batches: 1, classes: 1, boxes: 300, size: 0.02), Scene(batches: 1, classes: 5, boxes: 700, size: 0.1),
    Scene(batches: 2, classes: 1, boxes: 2500, size: 0.05), Scene(batches: 1, classes: 1, boxes: 17_000, size: 0.1),
    Scene(batches: 1, classes: 40_000, boxes: 1, size: 1),
  ]

  @Test(arguments: scenes) func selectsWhatTheReferenceDoes(_ scene: Scene) throws {
    let limits: [(most: Int64, overlap: Float?, least: Float?)] = [
      (20, 0.5, 0.3), (.max, 0.3, nil), (3, 0, 0.95), (.max, 1, .infinity), (5, nil, .nan), (300, 0.7, -.infinity), (0, 0.5, nil),
      (-4, 0.5, nil),
    ]
    for (most, overlap, least) in limits {
      // All pairs of very many boxes take the reference too long.
      if scene.boxes > 5000 && most > 1000 { continue }
      for isCentered in [false, true] {
        let inputs: [NodeCase.Input] = [
          .given(try scene.coordinates(isCentered: isCentered)), .given(try scene.scores(areTied: most != 20)),
          .constant(try Tensor([most], shape: [1])), try overlap.map { .constant(try Tensor([$0], shape: [1])) } ?? .none,
          try least.map { .constant(try Tensor([$0], shape: [])) } ?? .none,
        ]
        let test = NodeCase("NonMaxSuppression", inputs, ["center_point_box": .int(isCentered ? 1 : 0)])
        let expected = try test.run(.referenceOnly).results[0].integers()
        for isa in ISA.tiers {
          for threads in [1, 2, 3] {
            let (result, row) = try Self.run(test, isa, threads)
            #expect(row == "suppress_boxes")
            #expect(
              try result.integers() == expected && result.shape == [expected.count / 3, 3],
              "\(isa.name), \(threads) threads, at most \(most), \(String(describing: overlap)), \(String(describing: least))")
          }
        }
      }
    }
  }

  /// The result, and the row that made it.
  private static func run(_ test: NodeCase, _ isa: ISA, _ threads: Int) throws -> (Tensor, String?) {
    let run = try test.traced(KernelTable(), isa: isa, threads: [threads])[0]
    return (run.results[0], run.uses.first?.row)
  }

  /// The numbers behind the scores may be made by the run; what they must not be is refused as by the reference.
  @Test func checksTheThresholdOfTheRun() throws {
    let scene = Scene(batches: 1, classes: 1, boxes: 20, size: 0.5)
    func test(_ overlap: Float) throws -> NodeCase {
      NodeCase(
        "NonMaxSuppression",
        [
          .given(try scene.coordinates(isCentered: false)), .given(try scene.scores(areTied: false)), .given(try Tensor([4] as [Int64])),
          .given(try Tensor([overlap])),
        ])
    }
    #expect(try Self.run(test(0.5), .host, 1).0.integers() == test(0.5).run(.referenceOnly).results[0].integers())
    #expect(throws: OnyxError.self) { try Self.run(test(1.5), .host, 1) }
    #expect(throws: OnyxError.self) { try Self.run(test(.nan), .host, 1) }
  }

  /// What is selected counts in the budget of the run.
  @Test func countsWhatIsSelected() throws {
    let scene = Scene(batches: 1, classes: 100, boxes: 100, size: 0.001)
    let test = NodeCase(
      "NonMaxSuppression",
      [
        .given(try scene.coordinates(isCentered: false)), .given(try scene.scores(areTied: false)), .constant(try Tensor([Int64.max])),
        .constant(try Tensor([1 as Float])),
      ])
    let (graph, given) = try test.graph()
    let plan = try GraphRun.plan(graph, given)
    #expect(throws: Never.self) { try GraphRun.run(plan, given, threads: 1, control: RunControl(memoryBudget: 300_000)) }
    #expect(throws: OnyxError.self) { try GraphRun.run(plan, given, threads: 1, control: RunControl(memoryBudget: 20_000)) }
  }
}
