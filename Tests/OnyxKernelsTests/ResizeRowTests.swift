import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Resize rows against the scalar reference: each mode, axes that grow, shrink and stay, ranks 1 to 5, elements of every width.
@Suite("Resize rows equal the reference")
struct ResizeRowTests {
  struct Scaling: Sendable, CustomTestStringConvertible {
    let shape: Shape
    let scales: [Float]
    var testDescription: String { "\(shape) by \(scales)" }
  }

  static let scalings: [Scaling] = [
    Scaling(shape: [2, 3, 7, 9], scales: [1, 1, 2, 2]), Scaling(shape: [1, 2, 13, 11], scales: [1, 1, 0.5, 0.4]),
    Scaling(shape: [1, 3, 12, 40], scales: [1, 1, 1.7, 0.3]), Scaling(shape: [1, 2, 31, 6], scales: [1, 1, 0.25, 3]),
    Scaling(shape: [37], scales: [2.3]), Scaling(shape: [3, 100], scales: [1, 8]), Scaling(shape: [5, 33], scales: [2, 1]),
    Scaling(shape: [2, 2, 3, 5, 4], scales: [1, 1, 2, 1.5, 2]), Scaling(shape: [2, 3, 4, 3], scales: [2, 1, 0.5, 2]),
    Scaling(shape: [1, 6, 7, 3], scales: [1, 2, 3, 1]), Scaling(shape: [2, 5, 4, 20], scales: [1, 2, 0.5, 1]),
    Scaling(shape: [2, 5, 18], scales: [1, 3, 1]), Scaling(shape: [1, 1, 300, 70], scales: [1, 1, 2, 2]),
    Scaling(shape: [1, 1, 700, 90], scales: [1, 1, 0.5, 1]), Scaling(shape: [4, 1, 1], scales: [1, 3, 5]),
  ]

  static func inputs(_ x: NodeCase.Input, _ scaling: Scaling) throws -> [NodeCase.Input] {
    [x, .none, .constant(try Tensor(scaling.scales, shape: [scaling.scales.count]))]
  }

  static let interpolations: [[String: Attribute]] = [
    ["mode": .text("linear")], ["mode": .text("linear"), "coordinate_transformation_mode": .text("align_corners")],
    ["mode": .text("cubic"), "coordinate_transformation_mode": .text("asymmetric")], ["mode": .text("linear"), "antialias": .int(1)],
    ["mode": .text("cubic"), "antialias": .int(1), "exclude_outside": .int(1)],
    ["mode": .text("linear"), "coordinate_transformation_mode": .text("pytorch_half_pixel")],
  ]

  @Test(arguments: scalings, interpolations) func interpolates(_ scaling: Scaling, _ attributes: [String: Attribute]) throws {
    try VisionRowTests.check(NodeCase("Resize", try Self.inputs(.float(scaling.shape), scaling), attributes), "resize_interpolated")
  }

  /// The result is the number nearest to what float32 gives, to a ten-thousandth.
  @Test(arguments: scalings, [ElementType.uint8, .int8]) func interpolatesBytes(_ scaling: Scaling, _ type: ElementType) throws {
    let range: ClosedRange<Double> = type == .uint8 ? 0...255 : -128...127
    let values = (0..<scaling.shape.elementCount).map { Int64($0 * 89 % 256) + Int64(range.lowerBound) }
    let bytes = try Tensor(integral: values, as: type, shape: scaling.shape)
    let floats = try Tensor(values.map(Float.init), shape: scaling.shape)
    for mode in ["linear", "cubic"] {
      let attributes: [String: Attribute] = ["mode": .text(mode)]
      let exact = try NodeCase("Resize", try Self.inputs(.given(floats), scaling), attributes).run(.referenceOnly).results[0].doubles()
      let test = NodeCase("Resize", try Self.inputs(.given(bytes), scaling), attributes)
      for isa in ISA.tiers {
        for threads in [1, 3] {
          let actual = try test.run(KernelTable(), isa: isa, threads: threads)
          #expect(actual.rows == ["resize_interpolated"])
          let results = try actual.results[0].doubles()
          #expect(results.count == exact.count)
          for (a, e) in zip(results, exact) {
            let limited = min(max(e, range.lowerBound), range.upperBound)
            guard (a - limited).magnitude > 0.5001 else { continue }
            Issue.record("\(isa.name): \(a) instead of \(e), \(mode)")
            break
          }
        }
      }
    }
  }

  /// Infinities and NaN reach those results only in which they have a weight.
  @Test(arguments: interpolations) func interpolatesWildElements(_ attributes: [String: Attribute]) throws {
    for scaling in [Scaling(shape: [1, 2, 9, 17], scales: [1, 1, 2, 2]), Scaling(shape: [1, 8, 9, 16], scales: [1, 0.5, 3, 1])] {
      var values = try NodeCase.noise(scaling.shape, seed: 5).elements(as: Float.self)
      for index in stride(from: 0, to: values.count, by: 29) { values[index] = [.infinity, -0.0, .nan][index / 29 % 3] }
      let x = NodeCase.Input.given(try Tensor(values, shape: scaling.shape))
      try VisionRowTests.check(NodeCase("Resize", try Self.inputs(x, scaling), attributes), "resize_interpolated")
    }
  }

  @Test(arguments: [ElementType.float32, .uint8, .float16, .int64, .bool, .complex64, .complex128]) func movesNearest(
    _ type: ElementType
  ) throws {
    for (index, scaling) in Self.scalings.enumerated() {
      let x = NodeCase.Input.given(try GenericRowTests.mixed(type, scaling.shape, seed: index))
      for (coordinates, rounding) in [("half_pixel", "round_prefer_floor"), ("asymmetric", "floor"), ("align_corners", "ceil")] {
        let attributes: [String: Attribute] = [
          "coordinate_transformation_mode": .text(coordinates), "nearest_mode": .text(rounding),
        ]
        let test = NodeCase("Resize", try Self.inputs(x, scaling), attributes)
        let expected = try test.run(.referenceOnly).results[0]
        for isa in ISA.tiers {
          for threads in [1, 3] {
            let actual = try test.run(KernelTable(), isa: isa, threads: threads)
            #expect(actual.rows == ["resize_nearest"])
            try GenericRowTests.expectIdentical(actual.results[0], expected, "\(scaling.testDescription), \(coordinates)")
          }
        }
      }
    }
  }

  /// Sizes, chosen axes, a kept ratio, a cropped region inside the input; one that reaches outside is left to the reference.
  @Test func takesEveryFormOfItsInputs() throws {
    let sizes = NodeCase.Input.constant(try Tensor([9 as Int64, 5], shape: [2]))
    let axes: [String: Attribute] = ["mode": .text("linear"), "axes": .ints([3, 2])]
    let x = NodeCase.Input.float([1, 3, 6, 7])
    try VisionRowTests.check(NodeCase("Resize", [x, .none, .none, sizes], axes), "resize_interpolated")
    let kept = axes.merging(["keep_aspect_ratio_policy": .text("not_smaller")]) { $1 }
    try VisionRowTests.check(NodeCase("Resize", [x, .none, .none, sizes], kept), "resize_interpolated")
    let crop = axes.merging(["coordinate_transformation_mode": .text("tf_crop_and_resize")]) { $1 }
    let inside = NodeCase.Input.constant(try Tensor([0.9 as Float, 0.25, 0.1, 0.5], shape: [4]))
    try VisionRowTests.check(NodeCase("Resize", [x, inside, .none, sizes], crop), "resize_interpolated")
    let outside = NodeCase.Input.constant(try Tensor([-0.5 as Float, 0.25, 0.5, 0.5], shape: [4]))
    #expect(try NodeCase("Resize", [x, outside, .none, sizes], crop).run(KernelTable()).rows == ["reference"])
  }
}
