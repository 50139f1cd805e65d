import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// The rows of Fourier transforms against the references, which compute in float64 as well.
@Suite("Fourier rows equal the reference")
struct FourierRowTests {
  static func noise(_ type: ElementType, _ shape: Shape) throws -> NodeCase.Input {
    .given(try Tensor.random(type, shape, in: -1...1, seed: 11))
  }

  /// Each instruction set is within `tolerance` of the largest number, and 2 and 3 threads give the bits of one.
  static func expect(_ test: NodeCase, tolerance: Double) throws {
    let expected = try test.run(.referenceOnly).results[0]
    let e = try expected.doubles()
    let scale = e.reduce(1e-300) { max($0, $1.magnitude) }
    for isa in ISA.tiers {
      let single = try test.run(KernelTable(), isa: isa)
      #expect(single.rows != ["reference"], "no row serves \(test)")
      let a = try single.results[0].doubles()
      #expect(single.results[0].shape == expected.shape)
      for index in e.indices where !((a[index] - e[index]).magnitude <= tolerance * scale) {
        Issue.record("\(isa.name): element \(index) of \(test) is \(a[index]), expected \(e[index])")
        break
      }
      for threads in [2, 3] {
        let parallel = try test.run(KernelTable(), isa: isa, threads: threads).results[0].doubles()
        #expect(parallel.map(\.bitPattern) == a.map(\.bitPattern))
      }
    }
  }

  /// Powers of two, products of small primes, primes and their products, multiples of eight, lines alone and many.
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 25, 30, 49, 60, 64, 97, 128, 200, 202, 400, 529, 961, 1000, 1021, 2042, 2187, 4096])
  func transforms(_ length: Int) throws {
    let flag = { (on: Bool) in Attribute.int(on ? 1 : 0) }
    for lines in [1, 3, 11] where length * lines <= 5000 {
      for parts in [1, 2] {
        for isInverse in [false, true] {
          for isOnesided in [false, true] where !isOnesided || parts == (isInverse ? 2 : 1) {
            let attributes = ["inverse": flag(isInverse), "onesided": flag(isOnesided)]
            let extent = isInverse && isOnesided ? length / 2 + 1 : length
            let size = try NodeCase.Input.constant(Tensor([Int64(length)], shape: []))
            let test = NodeCase("DFT", [try Self.noise(.float64, [lines, extent, parts]), size], attributes)
            try Self.expect(test, tolerance: 1e-13 * Double(length.bitWidth - length.leadingZeroBitCount))
          }
        }
      }
    }
  }

  @Test(arguments: [ElementType.float32, .float64, .float16, .bfloat16]) func axesPaddingAndTypes(_ type: ElementType) throws {
    let tolerances: [ElementType: Double] = [.float32: 6e-8, .float64: 1e-14, .float16: 5e-4, .bfloat16: 4e-3]
    let tolerance = tolerances[type] ?? 0
    for axis in [0, 1, 2, -2] {
      for length in [nil, 5, 14] as [Int64?] {
        let size = try length.map { NodeCase.Input.constant(try Tensor([$0], shape: [])) } ?? .none
        let test = NodeCase("DFT", [try Self.noise(type, [10, 9, 12, 2]), size, .constant(try Tensor([Int64(axis)], shape: []))])
        try Self.expect(test, tolerance: tolerance)
      }
    }
  }

  @Test(arguments: [ElementType.float32, .float64]) func shortTimeTransforms(_ type: ElementType) throws {
    let tolerance = type == .float32 ? 6e-8 : 1e-14
    for (length, step) in [(400, 160), (512, 128), (15, 4), (64, 64), (31, 1)] {
      for parts in [1, 2] {
        for isOnesided in [false, true] where parts == 1 || !isOnesided {
          let signal = try Self.noise(type, [2, 1603, parts])
          let given = try NodeCase.Input.constant(Tensor([Int64(length)], shape: []))
          let window = try Self.noise(type, [length])
          let attributes = ["onesided": Attribute.int(isOnesided ? 1 : 0)]
          let step = try NodeCase.Input.constant(Tensor([Int64(step)], shape: []))
          try Self.expect(NodeCase("STFT", [signal, step, window], attributes), tolerance: tolerance)
          try Self.expect(NodeCase("STFT", [signal, step, .none, given], attributes), tolerance: tolerance)
        }
      }
    }
  }

  @Test func aFrameKeepsItsInfinities() throws {
    var values = (0..<640).map { Float($0 % 17) }
    values[100] = .infinity
    values[300] = .nan
    let signal = try Tensor(values, shape: [1, 640, 1])
    let forty = try NodeCase.Input.constant(Tensor([Int64(40)], shape: []))
    let test = NodeCase("STFT", [.given(signal), forty, .none, forty], ["onesided": .int(1)])
    let (expected, actual) = (try test.run(.referenceOnly).results[0].doubles(), try test.run(KernelTable()).results[0].doubles())
    for frame in 0..<16 where frame != 2 && frame != 7 {
      for index in frame * 42..<(frame + 1) * 42 { #expect((actual[index] - expected[index]).magnitude <= 1e-4) }
    }
    for frame in [2, 7] { #expect(actual[frame * 42..<(frame + 1) * 42].contains { !$0.isFinite }) }
  }
}
