import OnyxGraph
import OnyxKernels
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Products of few rows with weights that stay in 16 bits: the numbers of the rows that have them in float32.
@Suite("Products with 16-bit weights")
struct HalfProductRowTests {
  static let row = "linear_f32_half_weights"

  static func number(_ shape: Shape, _ type: ElementType, seed: UInt64) throws -> Tensor {
    try Tensor.random(type, shape, in: -1...1, seed: seed)
  }

  /// The results with weights in 16 bits, and with the same weights in float32.
  static func results(
    _ op: String, domain: String = "", m: Int, k: Int, n: Int, _ type: ElementType, transposed: Bool = false,
    _ more: [NodeCase.Input] = [], _ attributes: [String: Attribute] = [:], isa: ISA, threads: Int
  ) throws -> (half: [Float], full: [Float]) {
    let weights = try number(Shape(transposed ? [n, k] : [k, n]), type, seed: 2)
    let x = NodeCase.Input.given(try number(Shape([m, k]), .float32, seed: 1))
    func run(_ weights: Tensor) throws -> (results: [Tensor], rows: [String]) {
      try NodeCase(op, [x, .constant(weights)] + more, attributes, domain: domain).run(KernelTable(), isa: isa, threads: threads)
    }
    let (half, full) = (try run(weights.widened()), try run(weights.converted(to: .float32)))
    #expect(half.rows == [row] && full.rows != [row] && full.rows != [KernelTable.referenceName])
    return (try half.results[0].elements(as: Float.self), try full.results[0].elements(as: Float.self))
  }

  @Test(arguments: [ElementType.float16, .bfloat16], [1, 2, 3, 5, 8]) func theSameBits(_ type: ElementType, _ m: Int) throws {
    // Sums of several blocks, columns past whole panels, nothing but a tail.
    for (k, n) in [(1024, 33), (2049, 70), (1500, 1), (600, 64), (517, 131)] {
      for isa in ISA.tiers {
        let one = try Self.results("MatMul", m: m, k: k, n: n, type, isa: isa, threads: 1)
        #expect(one.half == one.full, "\(m) x \(k) x \(n) \(isa.name)")
        for threads in isa.mask == ISA.host.mask ? [2, 3] : [] {
          #expect(try Self.results("MatMul", m: m, k: k, n: n, type, isa: isa, threads: threads).half == one.half)
        }
      }
    }
  }

  @Test(arguments: [1, 4]) func biasesFactorsAndTransposedWeights(_ m: Int) throws {
    let (k, n) = (700, 45)
    for isa in ISA.tiers {
      let (half, full) = try Self.results(
        "Gemm", m: m, k: k, n: n, .float16, transposed: true, [.constant(Self.number([n], .float32, seed: 3))],
        ["transB": .int(1), "alpha": .float(0.5), "beta": .float(2)], isa: isa, threads: 2)
      #expect(zip(half, full).allSatisfy { abs($0 - $1) <= 2e-5 }, "\(isa.name)")
      let residual = NodeCase.Input.given(try Self.number([m, n], .float32, seed: 4))
      let fused = try Self.results(
        "FusedMatMul", domain: "onyx", m: m, k: k, n: n, .bfloat16, [.constant(Self.number([n], .float32, seed: 3)), residual],
        ["activation": .text("relu")], isa: isa, threads: 2)
      #expect(fused.half == fused.full && fused.half.contains(0), "\(isa.name)")
    }
  }

  @Test func otherProductsTakeOtherRows() throws {
    let x = NodeCase.Input.given(try Self.number([9, 64], .float32, seed: 1))
    let many = NodeCase("MatMul", [x, .constant(try Self.number([64, 16], .float16, seed: 2).widened())])
    #expect(try many.run(KernelTable()).rows == ["matmul_f32_batched"])
    // Weights that somebody read in float32 are there already.
    let read = try Self.number([64, 16], .float16, seed: 2).widened()
    try read.withElements(of: Float.self) { #expect($0.count == 1024) }
    let one = NodeCase.Input.given(try Self.number([1, 64], .float32, seed: 1))
    #expect(try NodeCase("MatMul", [one, .constant(read)]).run(KernelTable()).rows == ["matmul_f32_batched"])
  }
}
