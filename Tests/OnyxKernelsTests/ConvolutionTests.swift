import CKernels
import OnyxGraph
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// A convolution by its definition, in Double.
struct PlainWindow {
  let geometry: WindowExtents

  /// Calls `visit(output, input?, tap)` for each output position and tap of one plane; input is nil in the padding.
  func visit(_ body: (Int, Int?, Int) -> Void) {
    let g = geometry
    let rank = g.input.count
    for output in 0..<g.outputCount {
      for tap in 0..<g.tapCount {
        var (o, t, input, stride, inside) = (output, tap, 0, 1, true)
        for axis in (0..<rank).reversed() {
          let at = o % g.output[axis] * g.strides[axis] + t % g.kernel[axis] * g.dilations[axis] - g.padsBegin[axis]
          inside = inside && at >= 0 && at < g.input[axis]
          input += at * stride
          stride *= g.input[axis]
          o /= g.output[axis]
          t /= g.kernel[axis]
        }
        body(output, inside ? input : nil, tap)
      }
    }
  }
}

struct ConvolutionCase: CustomTestStringConvertible {
  var input: [Int], kernel: [Int]
  var strides: [Int]? = nil, dilations: [Int]? = nil, begin: [Int]? = nil, end: [Int]? = nil
  var channels = 3, outputs = 8, groups = 1, batch = 1

  var testDescription: String {
    "\(input) k\(kernel) s\(strides ?? []) d\(dilations ?? []) p\(begin ?? [])\(end ?? []) \(channels)->\(outputs) g\(groups) b\(batch)"
  }

  var geometry: WindowExtents {
    let ones = input.map { _ in 1 }
    let zeros = input.map { _ in 0 }
    return WindowExtents(
      input: input, kernel: kernel, strides: strides ?? ones, dilations: dilations ?? ones, padsBegin: begin ?? zeros,
      padsEnd: end ?? begin ?? zeros)
  }

  static let all: [ConvolutionCase] = [
    .init(input: [9, 11], kernel: [1, 1], channels: 20, outputs: 17, batch: 2),
    .init(input: [9, 11], kernel: [3, 3], begin: [1, 1], channels: 5, outputs: 13),
    .init(input: [20, 37], kernel: [3, 3], channels: 4, outputs: 33),
    .init(input: [16, 16], kernel: [3, 3], strides: [2, 2], begin: [1, 1], channels: 6, outputs: 10, batch: 3),
    .init(input: [15, 17], kernel: [7, 7], strides: [2, 2], begin: [3, 3], channels: 3, outputs: 16),
    .init(input: [14, 14], kernel: [1, 1], strides: [2, 2], channels: 40, outputs: 24),
    .init(input: [12, 13], kernel: [3, 2], dilations: [2, 3], begin: [2, 0], end: [1, 4], channels: 4, outputs: 9),
    .init(input: [13, 15], kernel: [2, 2], strides: [4, 5], channels: 4, outputs: 7),
    .init(
      input: [10, 12], kernel: [3, 3], strides: [3, 3], dilations: [2, 2], begin: [2, 1], end: [0, 3], channels: 4,
      outputs: 12, groups: 2),
    .init(input: [8, 9], kernel: [5, 5], begin: [2, 2], channels: 80, outputs: 6),
    .init(input: [1, 1], kernel: [1, 1], channels: 70, outputs: 30, batch: 4),
    .init(input: [4, 4], kernel: [3, 3], begin: [5, 5], channels: 2, outputs: 6),
    .init(input: [50], kernel: [5], strides: [2], begin: [2], channels: 7, outputs: 11),
    .init(input: [33], kernel: [3], dilations: [4], begin: [8], end: [0], channels: 3, outputs: 5),
    .init(input: [5, 6, 7], kernel: [3, 3, 3], begin: [1, 1, 1], channels: 3, outputs: 6),
    .init(
      input: [6, 5, 9], kernel: [2, 3, 3], strides: [2, 1, 2], begin: [0, 1, 1], channels: 4, outputs: 10, groups: 2),
    // Direct form.
    .init(input: [14, 19], kernel: [3, 3], begin: [1, 1], channels: 6, outputs: 6, groups: 6, batch: 2),
    .init(input: [33, 40], kernel: [3, 3], strides: [2, 2], begin: [1, 1], channels: 5, outputs: 5, groups: 5),
    .init(input: [7, 7], kernel: [5, 5], begin: [2, 2], channels: 12, outputs: 24, groups: 12),
    .init(input: [12, 14], kernel: [7, 7], begin: [3, 3], channels: 2, outputs: 1),
    .init(
      input: [12, 14], kernel: [3, 3], strides: [3, 3], dilations: [2, 2], begin: [2, 2], end: [1, 0], channels: 4,
      outputs: 4, groups: 4),
    .init(input: [21], kernel: [4], strides: [3], begin: [1], channels: 4, outputs: 4, groups: 4),
    .init(
      input: [5, 6, 7], kernel: [3, 2, 3], strides: [1, 2, 2], begin: [1, 1, 1], channels: 3, outputs: 3, groups: 3),
    .init(input: [6, 6], kernel: [2, 2], channels: 6, outputs: 3, groups: 3),
    // Many small planes.
    .init(input: [7, 7], kernel: [3, 3], begin: [1, 1], channels: 37, outputs: 37, groups: 37, batch: 2),
    .init(input: [14, 13], kernel: [5, 5], strides: [2, 2], begin: [2, 2], channels: 16, outputs: 16, groups: 16),
    .init(
      input: [9, 8], kernel: [2, 3], strides: [1, 2], dilations: [2, 1], begin: [1, 2], end: [0, 1], channels: 20,
      outputs: 20, groups: 20),
    .init(input: [40], kernel: [7], begin: [3], channels: 33, outputs: 33, groups: 33),
    .init(input: [40, 41], kernel: [3, 3], begin: [1, 1], channels: 9, outputs: 9, groups: 9),
    .init(input: [41, 42], kernel: [5, 5], strides: [2, 2], begin: [2, 2], channels: 9, outputs: 9, groups: 9),
    .init(input: [37, 38], kernel: [5, 5], begin: [2, 2], channels: 9, outputs: 9, groups: 9),
  ]
}

@Suite struct ConvolutionTests {
  private func reference(_ c: ConvolutionCase, _ x: Buffer, _ w: Buffer, _ bias: Buffer) -> ([Double], [Double]) {
    let g = c.geometry
    let perGroup = c.channels / c.groups
    let outputs = c.outputs / c.groups
    var y = [Double](repeating: 0, count: c.batch * c.outputs * g.outputCount)
    var scale = y
    for image in 0..<c.batch {
      for o in 0..<c.outputs {
        let plane = (image * c.outputs + o) * g.outputCount
        for i in 0..<g.outputCount { y[plane + i] = Double(bias[o]) }
        for ci in 0..<perGroup {
          let source = (image * c.channels + o / outputs * perGroup + ci) * g.inputCount
          PlainWindow(geometry: g).visit { output, input, tap in
            guard let input else { return }
            let term = Double(x[source + input]) * Double(w[(o * perGroup + ci) * g.tapCount + tap])
            y[plane + output] += term
            scale[plane + output] += term.magnitude
          }
        }
      }
    }
    return (y, scale.map { $0 + 1 })
  }

  /// Every tier against the definition; the same bits on 1, 2 and 3 threads; each kind of activation.
  @Test(arguments: ConvolutionCase.all) func geometries(_ c: ConvolutionCase) throws {
    let g = c.geometry
    let x = Buffer(random: c.batch * c.channels * g.inputCount, seed: 1)
    let w = Buffer(random: c.outputs * (c.channels / c.groups) * g.tapCount, seed: 2)
    let bias = Buffer(random: c.outputs, seed: 3)
    let (expected, scale) = reference(c, x, w, bias)
    for (isa, pixels) in ISA.tiers.flatMap({ isa in [nil, 1, g.outputCount].map { (isa, $0) } }) {
      let packed = try unsafe PackedConvolution(
        weights: w.base, bias: bias.base, outputChannels: c.outputs, channelsPerGroup: c.channels / c.groups,
        groups: c.groups, kernel: c.kernel, pixels: pixels, isa: isa, pool: serial)
      let convolution = Convolution(geometry: g, weights: packed)
      let functions: [(Activation, (Double) -> Double)] = [
        (.none, { $0 }), (.clamp(0, 0.5), { min(max($0, 0), 0.5) }), (.unary(UnaryOperation(ONYX_UNARY_ABS)), { $0.magnitude }),
      ]
      for (activation, function) in functions {
        let runs = [1, 2, 3].map { threads in
          let y = Buffer(count: expected.count)
          unsafe convolution.run(
            x.base, y.base, batch: c.batch, activation: activation, pool: ThreadPool(threads: threads))
          return y.values
        }
        expectClose(runs[0], expected.map(function), scale: scale, relative: 3e-6, "\(isa.name) \(activation)")
        #expect(bits(runs[0]) == bits(runs[1]) && bits(runs[0]) == bits(runs[2]), "\(isa.name) threads")
      }
    }
  }

  /// Sizes that use several tasks and k blocks: bits do not depend on threads, direct and packed forms.
  @Test(arguments: [
    ConvolutionCase(input: [40, 40], kernel: [3, 3], begin: [1, 1], channels: 64, outputs: 70),
    ConvolutionCase(input: [7, 7], kernel: [3, 3], begin: [1, 1], channels: 130, outputs: 200),
    ConvolutionCase(input: [96, 80], kernel: [7, 7], begin: [3, 3], channels: 2, outputs: 1),
  ]) func threads(_ c: ConvolutionCase) throws {
    let g = c.geometry
    let x = Buffer(random: c.channels * g.inputCount, seed: 1)
    let w = Buffer(random: c.outputs * c.channels * g.tapCount, seed: 2)
    for isa in ISA.tiers {
      let packed = try unsafe PackedConvolution(
        weights: w.base, bias: nil, outputChannels: c.outputs, channelsPerGroup: c.channels, groups: 1,
        kernel: c.kernel,
        isa: isa, pool: serial)
      let runs = [1, 2, 3, 5].map { threads in
        let y = Buffer(count: c.outputs * g.outputCount)
        unsafe Convolution(geometry: g, weights: packed).run(
          x.base, y.base, batch: 1, pool: ThreadPool(threads: threads))
        return bits(y.values)
      }
      #expect(runs.allSatisfy { $0 == runs[0] }, "\(isa.name)")
    }
  }

  /// Pooling of each kind against its definition.
  @Test(arguments: [
    ConvolutionCase(input: [12, 17], kernel: [2, 2], strides: [2, 2]),
    ConvolutionCase(input: [13, 35], kernel: [3, 3], strides: [2, 2], begin: [1, 1]),
    ConvolutionCase(input: [9, 20], kernel: [3, 3], begin: [1, 1]),
    ConvolutionCase(
      input: [9, 10], kernel: [3, 2], strides: [1, 3], dilations: [2, 2], begin: [0, 1], end: [2, 0]),
    ConvolutionCase(input: [31], kernel: [4], strides: [3], begin: [2], end: [1]),
    ConvolutionCase(input: [4, 6, 9], kernel: [2, 3, 2], strides: [2, 2, 2], begin: [0, 1, 1]),
  ]) func pooling(_ c: ConvolutionCase) throws {
    let g = c.geometry
    let planes = 5
    let x = Buffer(random: planes * g.inputCount, seed: 9)
    unsafe x.base[3] = .nan
    for kind in [Pooling.Kind.max, .average(countsPadding: false), .average(countsPadding: true)] {
      var expected = [Double](repeating: kind == .max ? -.infinity : 0, count: planes * g.outputCount)
      var counts = expected.map { _ in 0.0 }
      for plane in 0..<planes {
        PlainWindow(geometry: g).visit { output, input, _ in
          let at = plane * g.outputCount + output
          if case .average(true) = kind { counts[at] += 1 } else if input != nil { counts[at] += 1 }
          guard let input else { return }
          let value = Double(x[plane * g.inputCount + input])
          if kind == .max {
            expected[at] = expected[at].isNaN || value.isNaN ? .nan : max(expected[at], value)
          } else {
            expected[at] += value
          }
        }
      }
      var attributes: [String: Attribute] = [
        "kernel_shape": .ints(g.kernel.map { Int64($0) }), "strides": .ints(g.strides.map { Int64($0) }),
        "dilations": .ints(g.dilations.map { Int64($0) }), "pads": .ints((g.padsBegin + g.padsEnd).map { Int64($0) }),
      ]
      if kind == .average(countsPadding: true) { attributes["count_include_pad"] = .int(1) }
      let tensor = try Tensor(x.values, shape: try Shape([1, planes] + g.input))
      let test = NodeCase(kind == .max ? "MaxPool" : "AveragePool", [.given(tensor)], attributes)
      if kind != .max { expected = zip(expected, counts).map { $0 / $1 } }
      for isa in ISA.tiers {
        for threads in [1, 3] {
          let pooled = try test.run(KernelTable(), isa: isa, threads: threads)
          #expect(pooled.rows == [kind == .max ? "max_pool_f32" : "average_pool_f32"])
          let y = try pooled.results[0].elements(as: Float.self)
          expectClose(y, expected, scale: expected.map { _ in 1 }, relative: 1e-6, "\(isa.name) \(kind)")
        }
      }
    }
  }
}
