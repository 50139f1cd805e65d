import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Ranges, unpooled maxima, columns added to images, rotated features.
@Suite("Rows of sequences and places equal the reference")
struct SequenceRowTests {
  @Test(arguments: [ElementType.float32, .float64, .float16, .bfloat16, .int16, .int32, .int64]) func ranges(_ type: ElementType) throws {
    let bounds: [(Double, Double, Double)] = [(0, 10, 1), (5, -7, -2), (-3, 90, 7), (2, 20000, 1), (0, 1, 2)]
    for (start, limit, delta) in bounds + (type.isFloating ? [(0.25, 9, 0.3), (-1, -9, -0.7)] : []) {
      func scalar(_ value: Double) throws -> Tensor {
        type.isFloating
          ? try Tensor(floating: [value], as: type, shape: .scalar) : try Tensor(integral: [Int64(value)], as: type, shape: .scalar)
      }
      let values = [try scalar(start), try scalar(limit), try scalar(delta)]
      let expected = try NodeCase("Range", values.map { .given($0) }).run(.referenceOnly)
      for threads in [1, 3] {
        let actual = try NodeCase("Range", values.map { .given($0) }).run(KernelTable(), threads: threads)
        try GenericRowTests.expectIdentical(actual.results[0], expected.results[0], "\(start) ..< \(limit) by \(delta)")
      }
    }
  }

  @Test(arguments: [ElementType.float32, .float64, .float16, .bfloat16]) func unpools(_ type: ElementType) throws {
    for shape in [[2, 3, 8, 10], [1, 4, 12]] as [Shape] {
      let attributes: [String: Attribute] = [
        "kernel_shape": .ints(shape.dropFirst(2).map { _ in 2 }), "strides": .ints(shape.dropFirst(2).map { _ in 2 }),
      ]
      let x = try Tensor.random(.float32, shape, in: -2...2, seed: 1)
      let pooled = try NodeCase("MaxPool", [.given(x)], attributes, outputs: 2).run(.referenceOnly).results
      let maxima = try Tensor(floating: try pooled[0].doubles(), as: type, shape: pooled[0].shape)
      let reversed = try Tensor(pooled[1].elements(as: Int64.self).reversed(), shape: pooled[1].shape)
      // Those of a pool, those of another plane, and the same place more than once.
      for indices in [pooled[1], reversed, try Tensor([Int64](repeating: 3, count: reversed.elementCount), shape: reversed.shape)] {
        let test = NodeCase("MaxUnpool", [.given(maxima), .given(indices)], attributes)
        try GenericRowTests.check(test, "max_unpool_planes")
        let expected = try test.run(.referenceOnly).results
        for threads in [2, 3] { #expect(try test.run(KernelTable(), threads: threads).results == expected) }
      }
      let outside = try Tensor([Int64](repeating: Int64(x.elementCount), count: reversed.elementCount), shape: reversed.shape)
      #expect(throws: OnyxError.self) {
        try NodeCase("MaxUnpool", [.given(maxima), .given(outside)], attributes).run(KernelTable())
      }
    }
  }

  @Test(arguments: [ElementType.float32, .float64, .int32, .int64, .uint32, .uint64]) func columnsToImages(_ type: ElementType) throws {
    for (image, block, channels, attributes) in [
      ([5, 7], [2, 3], 3, [:]), ([9, 12], [3, 3], 2, ["pads": .ints([1, 1, 1, 1])]),
      ([9, 11], [2, 3], 1, ["strides": .ints([2, 3]), "dilations": .ints([3, 2]), "pads": .ints([2, 0, 1, 3])]),
      ([33, 70], [3, 3], 3, ["pads": .ints([1, 1, 1, 1])]), ([17], [4], 2, ["strides": .ints([2])]),
      ([4, 5, 6], [2, 2, 3], 2, ["pads": .ints([0, 1, 0, 1, 0, 2])]),
    ] as [([Int], [Int], Int, [String: Attribute])] {
      func list(_ name: String, _ count: Int, _ other: Int) -> [Int] {
        if case .ints(let values)? = attributes[name] { return values.map { Int($0) } }
        return Array(repeating: other, count: count)
      }
      let rank = image.count
      let (strides, dilations, pads) = (list("strides", rank, 1), list("dilations", rank, 1), list("pads", 2 * rank, 0))
      let counts = image.indices.map { (image[$0] + pads[$0] + pads[rank + $0] - dilations[$0] * (block[$0] - 1) - 1) / strides[$0] + 1 }
      let shape = try Shape([2, channels * block.reduce(1, *), counts.reduce(1, *)])
      let x =
        type.isFloating ? try Tensor.random(type, shape, in: -2...2, seed: 1) : try GenericRowTests.mixed(type, shape, seed: 2)
      let test = NodeCase("Col2Im", [.given(x), .constant(try Tensor(image)), .constant(try Tensor(block))], attributes)
      try LayerRowTests.check(test, "col2im_overlap", within: type == .float32 ? 1e-6 : type == .float64 ? 1e-14 : 0)
    }
  }

  @Test(arguments: [16, 37, 64]) func longRotations(_ half: Int) throws {
    for interleaved in [0, 1] as [Int64] {
      let inputs = [NodeCase.Input.float([2, 3, 7, 2 * half + 4]), .float([2, 7, half]), .float([2, 7, half])]
      let attributes: [String: Attribute] = ["interleaved": .int(interleaved), "rotary_embedding_dim": .int(Int64(2 * half))]
      try KernelRowTests.expectReference(NodeCase("RotaryEmbedding", inputs, attributes))
    }
  }

  @Test func rotations() throws {
    for interleaved in [0, 1] {
      for rotated in [0, 6] {
        let attributes: [String: Attribute] = ["interleaved": .int(Int64(interleaved)), "rotary_embedding_dim": .int(Int64(rotated))]
        let half = rotated == 0 ? 5 : rotated / 2
        let caches = [NodeCase.Input.float([2, 7, half]), .float([2, 7, half])]
        try KernelRowTests.expectReference(NodeCase("RotaryEmbedding", [.float([2, 3, 7, 10])] + caches, attributes))
        let rank3 = attributes.merging(["num_heads": .int(3)]) { $1 }
        try KernelRowTests.expectReference(NodeCase("RotaryEmbedding", [.float([2, 7, 30])] + caches, rank3))
        let positions = try Tensor((0..<14).map { Int64($0 * 5 % 9) }, shape: [2, 7])
        let table = [NodeCase.Input.float([9, half]), .float([9, half])]
        let test = NodeCase("RotaryEmbedding", [.float([2, 3, 7, 10])] + table + [.given(positions)], attributes)
        #expect(try test.run(KernelTable()).rows == ["rotary_embedding_f32"])
        try KernelRowTests.expectReference(test)
        let outside = try Tensor([Int64](repeating: 9, count: 14), shape: [2, 7])
        #expect(throws: OnyxError.self) {
          try NodeCase("RotaryEmbedding", [.float([2, 3, 7, 10])] + table + [.given(outside)], attributes).run(KernelTable())
        }
      }
    }
  }

  /// Radix order is the order of the numbers: signs, zeros of both signs, infinities, NaN.
  @Test func uniqueElementsAreInOrder() throws {
    let least = Double.leastNonzeroMagnitude
    let values: [Double] = [3, -0.0, .nan, -1e300, 0, .infinity, 3, -2.5, .nan, -.infinity, least, -least, 2.5]
    let found = try NodeCase("Unique", [.given(try Tensor(values, shape: [values.count]))], outputs: 4).run(.referenceOnly).results
    let sorted = try found[0].doubles()
    #expect(
      sorted.dropLast().elementsEqual([-.infinity, -1e300, -2.5, -least, 0, least, 2.5, 3, .infinity]) && sorted.last?.isNaN == true)
    #expect(try found[1].ints() == [9, 3, 7, 11, 1, 10, 12, 0, 5, 2])
    #expect(try found[2].ints() == [7, 4, 9, 1, 4, 8, 7, 2, 9, 0, 5, 3, 6])
    #expect(try found[3].ints() == [1, 1, 1, 1, 2, 1, 1, 2, 1, 2])
    let whole: [Int64] = [5, .min, .max, -1, 0, 5, 255, 256, -256, .min]
    let numbers = try NodeCase("Unique", [.given(try Tensor(whole, shape: [whole.count]))], outputs: 1).run(.referenceOnly).results[0]
    #expect(try numbers.elements(as: Int64.self) == Set(whole).sorted())
    // Many that lie close together, and a few that do not.
    for far in [0, 1 << 40] as [Int64] {
      let many: [Int64] = (0..<5000).map { (index: Int) -> Int64 in
        let near = Int64(index * 7919 % 1013) - 500
        return index % 611 == 0 ? near + far : near
      }
      let results = try NodeCase("Unique", [.given(try Tensor(many, shape: [5000]))], outputs: 4).run(.referenceOnly).results
      let different = Set(many).sorted()
      #expect(try results[0].elements(as: Int64.self) == different)
      let firsts: [Int] = different.map { many.firstIndex(of: $0) ?? -1 }
      let counts: [Int] = different.map { value in many.count { $0 == value } }
      let groups: [Int64] = try results[2].ints().map { different[$0] }
      #expect(try results[1].ints() == firsts)
      #expect(groups == many)
      #expect(try results[3].ints() == counts)
    }
    let unsigned: [UInt64] = [1 << 63, 3, .max, 0, 1 << 63]
    let large = try NodeCase("Unique", [.given(try Tensor(unsigned, shape: [5]))], outputs: 1).run(.referenceOnly).results[0]
    #expect(try large.elements(as: UInt64.self) == [0, 3, 1 << 63, .max])
  }
}
