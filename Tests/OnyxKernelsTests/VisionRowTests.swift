import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Rows of the vision operators against the scalar reference: each instruction set, and 2 and 3 threads with the bits of one.
@Suite("Vision rows equal the reference")
struct VisionRowTests {
  /// `row` serves the case on each instruction set, with the reference's numbers to `tolerance` of the largest, or its NaN and infinities.
  static func check(_ test: NodeCase, _ row: String, tolerance: Double = 2e-6) throws {
    let expected = try test.run(.referenceOnly).results
    #expect(try test.run(.referenceOnly).rows == ["reference"])
    for isa in ISA.tiers {
      let single = try test.run(KernelTable(), isa: isa)
      #expect(single.rows == [row], "\(test)")
      for (actual, wanted) in zip(single.results, expected) {
        #expect(actual.shape == wanted.shape && actual.elementType == wanted.elementType)
        let (a, e) = (try actual.doubles(), try wanted.doubles())
        let scale = e.reduce(1e-30) { $1.isFinite ? max($0, $1.magnitude) : $0 }
        let wrong = e.indices.first { index in
          if e[index].isFinite { return !((a[index] - e[index]).magnitude <= tolerance * scale) }
          return e[index].isNaN ? !a[index].isNaN : a[index] != e[index]
        }
        if let wrong { Issue.record("\(isa.name): element \(wrong) of \(test) is \(a[wrong]), expected \(e[wrong])") }
      }
      for threads in [2, 3] {
        let parallel = try test.run(KernelTable(), isa: isa, threads: threads).results
        #expect(zip(parallel, single.results).allSatisfy { bits($0) == bits($1) }, "\(threads) threads, \(test)")
      }
    }
  }

  private static func bits(_ tensor: Tensor) -> [UInt8] { unsafe tensor.withUnalignedBytes { unsafe Array($0) } }

  // MARK: Regions

  /// Regions inside, at the borders, outside, exchanged, empty, large, and not finite, of both images.
  static let corners: [[Float]] = [
    [1, 2, 7.5, 9], [0, 0, 0, 0], [-5, -3, 4, 30], [9, 8, 2, 1], [100, 100, 120, 130], [-0.7, 3.2, 40, 3.9], [3, .nan, 5, 6],
    [2, 1, .infinity, 4], [0.5, 0.5, 20.5, 18.5], [6, 6, 6.3, 6.2], [-40, -30, 60, 70],
  ]

  static func regions(_ count: Int) throws -> (NodeCase.Input, NodeCase.Input) {
    var values: [Float] = []
    for region in 0..<count {
      let factor = Float(1 + region / corners.count)
      values += corners[region % corners.count].map { $0 * factor }
    }
    let images = (0..<count).map { Int64($0 * 7 % 2) }
    return (.given(try Tensor(values, shape: [count, 4])), .given(try Tensor(images, shape: [count])))
  }

  @Test(arguments: ["avg", "max"], ["half_pixel", "output_half_pixel"]) func alignsRegions(_ mode: String, _ coordinates: String) throws {
    for (channels, count, ratio, bins) in [(3, 11, 0, 3), (5, 40, 2, 4), (16, 33, 0, 2), (35, 60, 3, 3), (20, 1, 2, 7), (4, 44, 1, 1)] {
      let (rois, images) = try Self.regions(count)
      let attributes: [String: Attribute] = [
        "mode": .text(mode), "coordinate_transformation_mode": .text(coordinates), "output_height": .int(Int64(bins)),
        "output_width": .int(Int64(bins + 1)), "sampling_ratio": .int(Int64(ratio)), "spatial_scale": .float(0.75),
      ]
      try Self.check(NodeCase("RoiAlign", [.float([2, channels, 11, 13]), rois, images], attributes), "roi_align_f32")
    }
  }

  /// Infinities and NaN of the input, under weights that are 0 too.
  @Test(arguments: ["avg", "max"]) func alignsWildElements(_ mode: String) throws {
    for channels in [2, 18] {
      var values = try NodeCase.noise([2, channels, 9, 8], seed: 5).elements(as: Float.self)
      for index in stride(from: 0, to: values.count, by: 31) { values[index] = [.infinity, -.infinity, .nan, -0.0][index / 31 % 4] }
      let (rois, images) = try Self.regions(30)
      let x = NodeCase.Input.given(try Tensor(values, shape: [2, channels, 9, 8]))
      let attributes: [String: Attribute] = [
        "mode": .text(mode), "output_height": .int(4), "output_width": .int(5), "sampling_ratio": .int(2),
      ]
      try Self.check(NodeCase("RoiAlign", [x, rois, images], attributes), "roi_align_f32")
    }
  }

  @Test func refusesRegionsOfNoImageAndOfTooManySamples() throws {
    let x = NodeCase.Input.float([2, 4, 5, 5])
    func run(_ corners: [Float], image: Int64) throws {
      let test = NodeCase(
        "RoiAlign", [x, .given(try Tensor(corners, shape: [1, 4])), .given(try Tensor([image], shape: [1]))], ["output_width": .int(2)])
      _ = try test.run(KernelTable())
    }
    for image: Int64 in [-1, 2, .max, .min] { #expect(throws: OnyxError.self) { try run([0, 0, 1, 1], image: image) } }
    for corner: Float in [1e18, 3e38] { #expect(throws: OnyxError.self) { try run([0, 0, corner, corner], image: 1) } }
    try run([-3e38, 0, 3e38, 1], image: 1)
  }

  @Test func poolsRegions() throws {
    for (channels, count, bins) in [(3, 11, 3), (5, 44, 2), (18, 33, 4), (20, 1, 7)] {
      var values: [Float] = []
      for region in 0..<count {
        let corners = Self.corners[region % Self.corners.count].map { $0.isFinite ? $0 : 5 }
        values += [Float(region * 3 % 2) + 0.25] + corners.map { $0 * Float(1 + region / Self.corners.count) }
      }
      var x = try NodeCase.noise([2, channels, 11, 13], seed: 5).elements(as: Float.self)
      for index in stride(from: 0, to: x.count, by: 37) { x[index] = [.infinity, -.infinity, .nan][index / 37 % 3] }
      let attributes: [String: Attribute] = ["pooled_shape": .ints([Int64(bins), Int64(bins + 1)]), "spatial_scale": .float(0.75)]
      let inputs: [NodeCase.Input] = [
        .given(try Tensor(x, shape: [2, channels, 11, 13])), .given(try Tensor(values, shape: [count, 5])),
      ]
      try Self.check(NodeCase("MaxRoiPool", inputs, attributes), "max_roi_pool_f32", tolerance: 0)
    }
    for bad: [Float] in [[2, 0, 0, 1, 1], [-1, 0, 0, 1, 1], [.nan, 0, 0, 1, 1], [0, 0, .infinity, 1, 1]] {
      let test = NodeCase("MaxRoiPool", [.float([2, 4, 5, 5]), .given(try Tensor(bad, shape: [1, 5]))], ["pooled_shape": .ints([2, 2])])
      #expect(throws: OnyxError.self) { try test.run(KernelTable()) }
    }
  }

  @Test(arguments: ["bilinear", "nearest"]) func cropsAndResizes(_ mode: String) throws {
    for (channels, count, size) in [(3, 9, [4, 5]), (5, 40, [1, 3]), (18, 30, [6, 1]), (20, 1, [7, 7])] {
      let boxes: [[Float]] = [
        [0, 0, 1, 1], [0.1, 0.2, 0.7, 0.9], [0.8, 0.9, 0.1, 0.2], [-0.3, 0.5, 0.5, 1.4], [.nan, 0, 1, 1], [2, 2, 3, 3],
      ]
      let values = (0..<count).flatMap { boxes[$0 % boxes.count] }
      let images = (0..<count).map { Int32($0 * 3 % 2) }
      let inputs: [NodeCase.Input] = [
        .float([2, channels, 9, 8]), .given(try Tensor(values, shape: [count, 4])), .given(try Tensor(images, shape: [count])),
        .constant(try Tensor(size.map { Int32($0) }, shape: [2])),
      ]
      for outside: Float in [0, -7.5] {
        let attributes: [String: Attribute] = ["mode": .text(mode), "extrapolation_value": .float(outside)]
        try Self.check(NodeCase("CropAndResize", inputs, attributes, domain: "com.microsoft"), "crop_and_resize_f32")
      }
    }
  }

  // MARK: Grids

  @Test(arguments: ["linear", "nearest", "cubic"], ["zeros", "border", "reflection"]) func samplesGrids(
    _ mode: String, _ padding: String
  ) throws {
    var generator = SeededGenerator(seed: 11)
    let special: [Float] = [-1, 1, 0, .nan, .infinity, -.infinity, 1.5, -3, 1e20, 0.125]
    let shapes: [(Shape, Shape)] = [
      ([2, 3, 6, 7], [2, 5, 9, 2]), ([1, 20, 4, 5], [1, 30, 11, 2]), ([2, 5, 9], [2, 40, 1]), ([1, 18, 3, 4, 5], [1, 4, 3, 7, 3]),
      ([1, 4, 30, 30], [1, 2, 2, 2]), ([1, 16, 1, 3], [1, 7, 1, 2]),
    ]
    for (x, grid) in shapes {
      var values = (0..<grid.elementCount).map { _ in Float.random(in: -1.3...1.3, using: &generator) }
      for index in stride(from: 0, to: values.count, by: 5) { values[index] = special[index / 5 % special.count] }
      var elements = try NodeCase.noise(x, seed: 5).elements(as: Float.self)
      for index in stride(from: 7, to: elements.count, by: 61) { elements[index] = index % 2 == 0 ? .infinity : .nan }
      for isAligned in [0, 1] as [Int64] {
        for isWild in [false, true] {
          let input = isWild ? NodeCase.Input.given(try Tensor(elements, shape: x)) : .float(x)
          let attributes: [String: Attribute] = [
            "mode": .text(mode), "padding_mode": .text(padding), "align_corners": .int(isAligned),
          ]
          try Self.check(NodeCase("GridSample", [input, .given(try Tensor(values, shape: grid))], attributes), "grid_sample_f32")
        }
      }
    }
  }

  @Test(arguments: [0, 1] as [Int64]) func makesAffineGrids(_ isAligned: Int64) throws {
    for size in [[2, 3, 5, 7], [3, 1, 1, 9], [1, 2, 40, 130], [2, 1, 3, 4, 5], [1, 1, 1, 6, 1]] as [[Int64]] {
      let rank = size.count - 2
      let test = NodeCase(
        "AffineGrid", [.float([Int(size[0]), rank, rank + 1]), .constant(try Tensor(size, shape: [size.count]))],
        ["align_corners": .int(isAligned)])
      try Self.check(test, "affine_grid_f32", tolerance: 0)
    }
  }

  // MARK: Deformable convolutions

  /// Offsets that end inside, at the borders, and outside, and some that are not finite.
  static func offsets(_ shape: Shape, _ generator: inout SeededGenerator) throws -> NodeCase.Input {
    let values = (0..<shape.elementCount).map { index -> Float in
      let special: [Float] = [0, -1, 1, 40, .nan, .infinity, 0.5, -7.25]
      return index % 7 == 3 ? special[index / 7 % special.count] : Float.random(in: -3...3, using: &generator)
    }
    return .given(try Tensor(values, shape: shape))
  }

  struct Deformation: Sendable, CustomTestStringConvertible {
    let x, w: Shape
    let group, offsetGroup: Int
    var testDescription: String { "\(x), \(w), \(group) groups, \(offsetGroup) offset groups" }
  }

  static let deformations: [Deformation] = [
    Deformation(x: [2, 8, 9, 11], w: [6, 8, 3, 3], group: 1, offsetGroup: 1),
    Deformation(x: [1, 20, 12, 7], w: [5, 20, 2, 3], group: 1, offsetGroup: 2),
    Deformation(x: [2, 12, 6, 6], w: [8, 6, 3, 3], group: 2, offsetGroup: 3),
    Deformation(x: [1, 6, 8, 8], w: [12, 1, 3, 3], group: 6, offsetGroup: 1),
    Deformation(x: [1, 3, 16, 33], w: [40, 3, 1, 1], group: 1, offsetGroup: 1),
    Deformation(x: [1, 40, 5, 5], w: [4, 20, 3, 3], group: 2, offsetGroup: 2),
  ]

  @Test(arguments: deformations) func deforms(_ test: Deformation) throws {
    var generator = SeededGenerator(seed: 3)
    for (index, (strides, dilations, pads)) in [([1, 1], [1, 1], [1, 1, 1, 1]), ([2, 1], [1, 2], [0, 2, 1, 0])].enumerated() {
      let (x, w) = (test.x, test.w)
      let attributes: [String: Attribute] = [
        "group": .int(Int64(test.group)), "offset_group": .int(Int64(test.offsetGroup)), "strides": .ints(strides.map { Int64($0) }),
        "dilations": .ints(dilations.map { Int64($0) }), "pads": .ints(pads.map { Int64($0) }),
      ]
      var size: [Int] = []
      for axis in 0..<2 {
        let padded: Int = x[axis + 2] + pads[axis] + pads[axis + 2]
        size.append((padded - dilations[axis] * (w[axis + 2] - 1) - 1) / strides[axis] + 1)
      }
      let taps: Int = test.offsetGroup * w[2] * w[3]
      let offsets = try Self.offsets(try Shape([x[0], 2 * taps, size[0], size[1]]), &generator)
      var inputs: [NodeCase.Input] = [.float(x), .weight(w), offsets]
      if index == 1 { inputs += [.weight([w[0]]), .float(try Shape([x[0], taps, size[0], size[1]]))] }
      try Self.check(NodeCase("DeformConv", inputs, attributes), "deform_conv_f32_gathered", tolerance: 4e-6)
    }
  }

  /// An infinity beside a tap that lies on an element does not count.
  @Test func deformsWildElements() throws {
    var values = try NodeCase.noise([1, 4, 5, 5], seed: 5).elements(as: Float.self)
    for index in stride(from: 0, to: values.count, by: 13) { values[index] = index % 2 == 0 ? .infinity : .nan }
    let offsets = (0..<18 * 9).map { index -> Float in Float(index % 5) / 2 - 1 }
    let test = NodeCase(
      "DeformConv",
      [.given(try Tensor(values, shape: [1, 4, 5, 5])), .weight([2, 4, 3, 3]), .given(try Tensor(offsets, shape: [1, 18, 3, 3]))])
    try Self.check(test, "deform_conv_f32_gathered")
  }
}
