import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import Testing

/// MatMulNBits against the scalar reference.
@Suite("Products with weights of few bits equal the reference")
struct NBitsRowTests {
  enum Points: Sendable { case none, bytes, floats }

  static func test(
    rows: Shape, depth: Int, columns: Int, bits: Int, block: Int, points: Points = .none, hasBias: Bool = false, isFixed: Bool = true,
    groups: [Int32]? = nil, replacing replacement: (input: Int, by: Float)? = nil
  ) throws -> NodeCase {
    let blocks = (depth + block - 1) / block
    func bytes(_ shape: Shape, _ seed: Int) throws -> Tensor {
      try Tensor((0..<shape.elementCount).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ ($0 >> 5) &* 11 &+ seed) }).reshaped(to: shape)
    }
    func floats(_ shape: Shape, _ seed: UInt64, _ range: ClosedRange<Double>) throws -> Tensor {
      try Tensor.random(.float32, shape, in: range, seed: seed)
    }
    let b = try bytes([columns, blocks, block * bits / 8], 3)
    let zeros: NodeCase.Input =
      switch points {
      case .none: .none
      case .bytes: .constant(try bytes([columns, (blocks * bits + 7) / 8], 9))
      case .floats: .constant(try floats([columns, blocks], 4, 0...Double(1 << bits)))
      }
    var inputs: [NodeCase.Input] = [
      .given(try floats(Shape(rows + [depth]), 1, -2...2)), isFixed ? .constant(b) : .given(b),
      .constant(try floats([columns, blocks], 2, -0.1...0.3)), zeros, groups.map { .constant(try! Tensor($0)) } ?? .none,
      hasBias ? .given(try floats([columns], 5, -1...1)) : .none,
    ]
    while case .none? = inputs.last { inputs.removeLast() }
    if let replacement, case .constant(let tensor) = inputs[replacement.input] {
      var values = try tensor.elements(as: Float.self)
      values[values.count / 2] = replacement.by
      inputs[replacement.input] = .constant(try Tensor(values, shape: tensor.shape))
    }
    return NodeCase(
      "MatMulNBits", inputs,
      ["K": .int(Int64(depth)), "N": .int(Int64(columns)), "bits": .int(Int64(bits)), "block_size": .int(Int64(block))],
      domain: "com.microsoft")
  }

  /// Few and many rows, depths of whole blocks and others, each kind of zero point.
  @Test(arguments: [2, 4, 8]) func equalsTheReference(_ bits: Int) throws {
    for points in [Points.none, .bytes, .floats] {
      for (rows, depth, columns, block): (Shape, Int, Int, Int) in [
        ([1], 64, 40, 32), ([2, 3], 50, 33, 16), ([7], 128, 7, 128), ([8], 96, 65, 32), ([5, 23], 70, 130, 16), ([3], 1100, 9, 1024),
        ([9], 1100, 9, 1024),
      ] {
        try KernelRowTests.expectReference(
          Self.test(rows: rows, depth: depth, columns: columns, bits: bits, block: block, points: points, hasBias: columns % 2 == 1))
      }
    }
  }

  /// Large enough for several threads.
  @Test func splitsColumns() throws {
    for rows in [1, 4, 130] {
      try KernelRowTests.expectReference(Self.test(rows: [rows], depth: 640, columns: 300, bits: 4, block: 32, points: .bytes))
    }
  }

  @Test func leavesOthersToTheReference() throws {
    let given = try Self.test(rows: [2], depth: 32, columns: 5, bits: 4, block: 16, isFixed: false)
    let grouped = try Self.test(rows: [2], depth: 32, columns: 5, bits: 4, block: 16, groups: (0..<32).map { $0 % 2 })
    let empty = try Self.test(rows: [0], depth: 32, columns: 5, bits: 4, block: 16)
    for test in [given, grouped, empty] { #expect(try test.run(KernelTable()).rows == ["reference"]) }
  }

  /// One scale or zero point that is not finite: its block's sum times it is another number than the sum of the scaled weights.
  @Test(arguments: [Float.infinity, -.infinity, .nan]) func leavesInfiniteParametersToTheReference(_ value: Float) throws {
    for (rows, depth): (Int, Int) in [(1, 64), (3, 50), (9, 50)] {
      for input in [2, 3] {
        let test = try Self.test(rows: [rows], depth: depth, columns: 5, bits: 4, block: 16, points: .floats, replacing: (input, value))
        #expect(try test.run(KernelTable()).rows == ["reference"])
        let finite = try Self.test(rows: [rows], depth: depth, columns: 5, bits: 4, block: 16, points: .floats, replacing: (input, 1))
        #expect(try finite.run(KernelTable()).rows == ["matmul_nbits_f32"])
      }
    }
  }
}
