import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Rows for many element types give exactly the reference's elements.
@Suite("Generic rows equal the reference")
struct GenericRowTests {
  /// Numbers at which the types differ: bounds, ties, zeros of both signs, what overflows a narrower type, infinities and NaN.
  static let reals: [Double] = [
    0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3.99, 255, 255.5, 256, -128.7, 65504, 65519.9, 65520, 2_147_483_647, 2_147_483_648,
    -2_147_483_648, -2_147_483_649,
    16_777_217, 0x1p53 + 2, 0x1p63, -0x1p63, 0x1p64, 1e300, -1e300, 1e-300, 6e-8, .infinity, -.infinity, .nan, 0.1, 1 / 3,
  ]
  static let wholes: [Int64] = [
    0, 1, -1, 2, -2, 7, -7, 127, 128, 255, 256, -128, -129, 65504, 65535, .min, .max, .min + 1, .max - 1, Int64(Int32.min),
    Int64(Int32.max),
    Int64(Int32.max) + 1, 16_777_217, -16_777_217, 9_007_199_254_740_993, 3, -3, 1000, 0,
  ]

  /// A tensor that takes those numbers in a mixed order.
  static func mixed(_ type: ElementType, _ shape: Shape, seed: Int) throws -> Tensor {
    var generator = SeededGenerator(seed: UInt64(bitPattern: Int64(seed)))
    func next(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }
    switch type.domain {
    case .floating: return try Tensor(floating: (0..<shape.elementCount).map { _ in reals[next(reals.count)] }, as: type, shape: shape)
    case .complex:
      let values = (0..<shape.elementCount).map { _ in Complex128(Double(next(9)), Double(next(9))) }
      return try Tensor(complex: values, as: type, shape: shape)
    case .bool: return try Tensor((0..<shape.elementCount).map { _ in next(2) == 1 }, shape: shape)
    default: return try Tensor(integral: (0..<shape.elementCount).map { _ in wholes[next(wholes.count)] }, as: type, shape: shape)
    }
  }

  /// Pairs of shapes: equal, one element, rows, columns, both broadcast, odd lengths, empty, rank 0, and enough for threads.
  static let pairs: [(Shape, Shape)] = [
    ([7], [7]), ([3, 5, 7], [3, 5, 7]), ([3, 5, 7], []), ([], [33]), ([1], [1, 1]), ([], []), ([3, 5, 7], [5, 1]), ([5, 1], [4, 1, 33]),
    ([2, 1, 3, 1, 5], [1, 4, 1, 2, 1]), ([2, 3, 1], [2, 1, 9]), ([0, 4], [1, 4]), ([16411], [16411]), ([3, 1, 6001], [2, 1]),
    ([40, 1], [1, 1009]), ([130, 37], [37]), ([56], [3, 90, 56]), ([9, 900, 5], [900, 5]),
  ]

  static func check(_ test: NodeCase, _ row: String, _ label: String = "") throws {
    let expected = try test.run(.referenceOnly)
    #expect(expected.rows == ["reference"])
    let isLong = expected.results[0].elementCount > 4096
    for isa in ISA.tiers {
      for threads in isLong ? [1, 2, 3] : [1] {
        let actual = try test.run(KernelTable(), isa: isa, threads: threads)
        #expect(actual.rows == [row], "\(test.op) \(label)")
        try expectIdentical(actual.results[0], expected.results[0], "\(test.op) \(label), \(isa.name), \(threads) threads")
      }
    }
  }

  /// Equal bits, but any NaN for a NaN.
  static func expectIdentical(_ actual: Tensor, _ expected: Tensor, _ label: String) throws {
    guard actual.elementType == expected.elementType, actual.shape == expected.shape else {
      Issue.record("\(label): \(actual.typeDescription) instead of \(expected.typeDescription)")
      return
    }
    switch expected.elementType.domain {
    case .floating:
      let (a, e) = (try actual.doubles(), try expected.doubles())
      let wrong = e.indices.first { !(a[$0].isNaN && e[$0].isNaN) && a[$0].bitPattern != e[$0].bitPattern }
      if let wrong { Issue.record("\(label): element \(wrong) of \(expected.typeDescription) is \(a[wrong]) instead of \(e[wrong])") }
    case .complex: #expect(try actual.complexes() == expected.complexes(), "\(label)")
    default:
      let (a, e) = (try actual.integers(), try expected.integers())
      let wrong = e.indices.first { a[$0] != e[$0] }
      if let wrong { Issue.record("\(label): element \(wrong) of \(expected.typeDescription) is \(a[wrong]) instead of \(e[wrong])") }
    }
  }

  /// Ties, NaN, padding on every side, dilation, windows in the padding alone, one to three axes, and no elements.
  @Test(arguments: [ElementType.float32, .float64, .float16, .int8, .uint8]) func maximaAndTheirPlaces(_ type: ElementType) throws {
    let cases: [(Shape, [String: Attribute])] = [
      ([2, 3, 15], ["kernel_shape": .ints([3]), "strides": .ints([2]), "pads": .ints([1, 2])]),
      ([1, 2, 9, 11], ["kernel_shape": .ints([3, 2]), "pads": .ints([1, 1, 2, 0]), "strides": .ints([2, 1]), "ceil_mode": .int(1)]),
      ([3, 5, 33, 29], ["kernel_shape": .ints([3, 3]), "dilations": .ints([2, 3]), "storage_order": .int(1)]),
      ([1, 2, 5, 6, 7], ["kernel_shape": .ints([2, 3, 2]), "strides": .ints([1, 2, 2]), "storage_order": .int(1)]),
      ([1, 1, 1], ["kernel_shape": .ints([1]), "pads": .ints([1, 1])]), ([2, 3, 0], ["kernel_shape": .ints([2]), "pads": .ints([1, 2])]),
      ([0, 3, 4], ["kernel_shape": .ints([2])]),
    ]
    for (index, (shape, attributes)) in cases.enumerated() {
      for outputs in type == .float32 || type == .float64 ? [2] : [1, 2] {
        let test = NodeCase("MaxPool", [.given(try Self.mixed(type, shape, seed: index))], attributes, outputs: outputs)
        let expected = try test.run(.referenceOnly)
        for threads in [1, 3] {
          let actual = try test.run(KernelTable(), threads: threads)
          let isBytes = type.byteWidth == 1 && outputs == 1 && !shape.contains(0)
          #expect(actual.rows == [isBytes ? "max_pool_int8" : "max_pool_generic"])
          for (a, e) in zip(actual.results, expected.results) { try Self.expectIdentical(a, e, "\(shape), \(threads) threads") }
        }
      }
    }
  }
}
