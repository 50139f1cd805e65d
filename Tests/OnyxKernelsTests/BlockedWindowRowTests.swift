import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Depthwise and grouped convolutions, pools, reductions and broadcasts in channel blocks against the scalar references: each
/// instruction set, one and several threads, tails and odd sizes.
@Suite("Windows over channel blocks")
struct BlockedWindowRowTests {
  static func ints(_ values: Int...) -> Attribute { .ints(values.map { Int64($0) }) }

  static func conv(
    _ channels: Int, group: Int, filters: Int? = nil, _ image: (Int, Int), _ kernel: (Int, Int), strides: (Int, Int) = (1, 1),
    dilations: (Int, Int) = (1, 1), pads: [Int64] = [0, 0, 0, 0], batch: Int = 1, bias: Bool = true, residual: (Int, Int)? = nil,
    activation: String = "none", parameters: [Float] = []
  ) throws -> NodeCase {
    let filters = filters ?? channels
    let blocks = ChannelBlocks.count(channels)
    var inputs: [NodeCase.Input] = [
      .float(try Shape([batch, blocks, image.0, image.1, 16])), .weight(try Shape([filters, channels / group, kernel.0, kernel.1])),
      bias ? .weight(try Shape([filters])) : .none,
    ]
    if let residual { inputs.append(.float(try Shape([batch, ChannelBlocks.count(filters), residual.0, residual.1, 16]))) }
    var attributes: [String: Attribute] = [
      "group": .int(Int64(group)), "strides": ints(strides.0, strides.1), "dilations": ints(dilations.0, dilations.1), "pads": .ints(pads),
      "activation": .text(activation),
    ]
    if !parameters.isEmpty { attributes["activation_params"] = .floats(parameters) }
    return NodeCase("BlockedConv", inputs, attributes, domain: "onyx")
  }

  static let convolutions: [NodeCase] = try! {
    var cases: [NodeCase] = []
    for channels in [2, 3, 16, 17, 40] {
      cases.append(try conv(channels, group: channels, (7, 13), (3, 3), pads: [1, 1, 1, 1]))
      cases.append(try conv(channels, group: channels, (5, 30), (5, 5), strides: (2, 2), pads: [2, 2, 2, 2], bias: false))
    }
    for side in [1, 2, 5, 7, 13, 30] {
      cases.append(try conv(16, group: 16, (side, side), (3, 3), pads: [1, 1, 1, 1], activation: "relu"))
      cases.append(try conv(16, group: 16, (side, side), (5, 5), strides: (2, 2), pads: [2, 2, 2, 2], activation: "hardSwish"))
      cases.append(try conv(17, group: 17, (side, 3), (7, 7), pads: [3, 3, 3, 3]))
      cases.append(try conv(16, group: 4, (side, side), (3, 3), pads: [1, 1, 1, 1], activation: "clip", parameters: [0, 6]))
    }
    for width in 1...17 { cases.append(try conv(3, group: 3, (2, width), (3, 3), pads: [1, 1, 1, 1])) }
    for kernel in [(1, 3), (3, 1), (1, 1), (2, 2), (3, 3), (4, 6), (5, 5), (7, 7), (3, 9)] {
      for strides in [(1, 1), (2, 2), (3, 3), (1, 2), (3, 1)] {
        cases.append(try conv(20, group: 20, (13, 17), kernel, strides: strides, pads: [0, 2, 1, 1]))
      }
      cases.append(try conv(20, group: 20, (19, 23), kernel, dilations: (2, 2), pads: [2, 1, 0, 3]))
      cases.append(try conv(20, group: 20, (19, 23), kernel, dilations: (2, 1), pads: [2, 1, 0, 3]))
    }
    // Pads beyond the window, and images smaller than it.
    cases.append(try conv(6, group: 6, (4, 4), (3, 3), pads: [5, 4, 3, 6]))
    cases.append(try conv(6, group: 6, (1, 1), (3, 3), strides: (2, 2), pads: [4, 4, 4, 4]))
    for group in [2, 4, 8] {
      for (channels, kernel, strides) in [(16, (3, 3), (1, 1)), (40, (3, 3), (2, 2)), (24, (1, 1), (1, 1)), (32, (5, 3), (1, 3))] {
        cases.append(
          try conv(channels, group: channels / group, (9, 19), kernel, strides: strides, pads: [1, 0, 1, 1], batch: 2, activation: "relu"))
      }
      cases.append(try conv(32, group: 32 / group, (11, 10), (3, 3), dilations: (2, 2), pads: [2, 2, 2, 2]))
      for (kernel, strides, width) in [((5, 5), (1, 1), 14), ((5, 5), (2, 2), 37), ((7, 7), (1, 1), 33), ((7, 7), (2, 2), 23)] {
        let pad = Int64(kernel.0 / 2)
        cases.append(try conv(24, group: 24 / group, (9, width), kernel, strides: strides, pads: [pad, pad, pad, pad], activation: "relu"))
      }
    }
    // Groups of whole blocks.
    cases.append(try conv(64, group: 2, filters: 32, (8, 9), (3, 3), pads: [1, 1, 1, 1], batch: 2, residual: (8, 9), activation: "swish"))
    cases.append(try conv(128, group: 8, (6, 6), (3, 3), strides: (2, 2), pads: [1, 1, 1, 1]))
    cases.append(try conv(32, group: 2, filters: 64, (5, 7), (1, 1), bias: false))
    // Residual and activations, more rows than a chunk.
    for activation in ["none", "relu", "swish", "hardSwish", "gelu"] {
      cases.append(try conv(24, group: 24, (40, 33), (3, 3), pads: [1, 1, 1, 1], batch: 2, residual: (40, 33), activation: activation))
    }
    cases.append(try conv(24, group: 6, (21, 33), (3, 3), pads: [1, 1, 1, 1], residual: (21, 33), activation: "relu"))
    return cases
  }()

  static func pool(
    _ op: String, _ shape: [Int], _ kernel: (Int, Int), strides: (Int, Int), pads: [Int64] = [0, 0, 0, 0], _ more: [String: Attribute] = [:]
  )
    throws -> NodeCase
  {
    let attributes: [String: Attribute] = [
      "kernel_shape": ints(kernel.0, kernel.1), "strides": ints(strides.0, strides.1), "pads": .ints(pads),
    ]
    return NodeCase(op, [.float(try Shape(shape))], attributes.merging(more) { a, _ in a }, domain: "onyx")
  }

  static let pools: [NodeCase] = try! ["BlockedMaxPool", "BlockedAveragePool"].flatMap { op -> [NodeCase] in
    let counts: [String: Attribute] = op == "BlockedMaxPool" ? [:] : ["count_include_pad": .int(1)]
    var cases = [
      try pool(op, [2, 3, 56, 56, 16], (3, 3), strides: (2, 2), pads: [1, 1, 1, 1]),
      try pool(op, [1, 2, 30, 29, 16], (2, 2), strides: (2, 2)),
      try pool(op, [1, 1, 13, 15, 16], (3, 3), strides: (1, 1), pads: [1, 1, 1, 1], counts),
      try pool(op, [1, 1, 14, 15, 16], (3, 2), strides: (2, 2), pads: [0, 1, 1, 0], ["ceil_mode": .int(1)]),
      try pool(op, [1, 1, 14, 15, 16], (3, 3), strides: (2, 2), pads: [1, 1, 1, 1], counts.merging(["ceil_mode": .int(1)]) { a, _ in a }),
      try pool(op, [1, 1, 12, 15, 16], (3, 3), strides: (1, 2), ["dilations": ints(2, 2)]),
      try pool(op, [1, 2, 9, 12, 16], (9, 12), strides: (1, 1)),
      try pool(op, [1, 1, 10, 11, 16], (5, 4), strides: (3, 3), pads: [2, 2, 1, 0]),
      try pool(op, [1, 1, 1, 1, 16], (3, 3), strides: (2, 2), pads: [1, 1, 1, 1]),
    ]
    for width in 1...17 { cases.append(try pool(op, [1, 1, 3, width, 16], (3, 3), strides: (2, 2), pads: [1, 1, 1, 1])) }
    return cases
  }

  static let reductions: [NodeCase] = try! ["ReduceMean", "ReduceMax", "ReduceMin", "ReduceSum", "ReduceL2", "ReduceProd"].flatMap {
    op -> [NodeCase] in
    let shapes: [[Int]] = [[2, 3, 7, 7, 16], [1, 1, 60, 70, 16], [1, 5, 1, 3, 16]]
    var cases = [NodeCase(op, [.float(try Shape([3, 4, 5, 16])), .constant(try Tensor([0, 2]))])]
    for shape in shapes { cases.append(NodeCase(op, [.float(try Shape(shape)), .constant(try Tensor([2, 3]))], ["keepdims": .int(1)])) }
    return cases
  }

  static let broadcasts: [NodeCase] = try! ["Add", "Sub", "Mul", "Div", "Max", "Min", "PRelu", "Pow"].flatMap { op -> [NodeCase] in
    let x = NodeCase.Input.float(try Shape([2, 3, 5, 7, 16]))
    let shapes: [[Int]] = [[2, 3, 1, 1, 16], [1, 3, 1, 1, 16], [2, 1, 5, 7, 1], [1, 1, 1, 1, 16], [2, 3, 5, 7, 1], [1, 1, 5, 1, 16]]
    let others = try shapes.map { NodeCase.Input.float(try Shape($0)) }
    // The powers of negative numbers are NaN.
    if op == "Pow" { return [NodeCase(op, [x, .given(try Tensor([Float](repeating: 2, count: 96), shape: [2, 3, 1, 1, 16]))])] }
    // A slope is broadcast to its input, not the other way.
    return others.map { NodeCase(op, [x, $0]) } + (op == "PRelu" ? [] : others.map { NodeCase(op, [$0, x]) })
  }

  @Test(arguments: convolutions + pools + reductions + broadcasts) func equalsTheReference(_ test: NodeCase) throws {
    let expected = try test.run(.referenceOnly)
    #expect(expected.rows == ["reference"])
    for isa in ISA.tiers {
      let single = try test.run(KernelTable(), isa: isa)
      #expect(single.rows != ["reference"], "no row serves \(test)")
      for (actual, wanted) in zip(single.results, expected.results) {
        #expect(actual.shape == wanted.shape)
        let (a, e) = (try actual.doubles(), try wanted.doubles())
        let scale = e.reduce(1e-30) { $1.isFinite ? max($0, $1.magnitude) : $0 }
        for index in e.indices
        where a[index] != e[index] && !(a[index].isNaN && e[index].isNaN) && !((a[index] - e[index]).magnitude <= 2e-6 * scale) {
          Issue.record("\(isa.name): element \(index) of \(test) is \(a[index]), expected \(e[index])")
          break
        }
      }
      for threads in [2, 3] {
        let parallel = try test.run(KernelTable(), isa: isa, threads: threads)
        #expect(try parallel.results.map(Self.bits) == single.results.map(Self.bits))
      }
    }
  }

  static func bits(_ tensor: Tensor) throws -> [UInt32] { try tensor.elements(as: Float.self).map(\.bitPattern) }

  static let served: [(NodeCase, String)] = try! [
    (conv(16, group: 16, (7, 7), (3, 3)), "blocked_conv_f32_window"), (conv(16, group: 4, (7, 7), (3, 3)), "blocked_conv_f32_window"),
    (conv(64, group: 2, (7, 7), (3, 3)), "blocked_conv_f32_groups"),
    (pool("BlockedMaxPool", [1, 1, 8, 8, 16], (2, 2), strides: (2, 2)), "blocked_max_pool_f32"),
    (pool("BlockedAveragePool", [1, 1, 8, 8, 16], (2, 2), strides: (2, 2)), "blocked_average_pool_f32"),
    // Groups that straddle blocks, and filters that are no multiple of theirs.
    (conv(24, group: 8, (7, 7), (3, 3)), "reference"), (conv(16, group: 16, filters: 32, (7, 7), (3, 3)), "reference"),
  ]

  @Test(arguments: served) func servesWhatItShould(_ test: NodeCase, _ row: String) throws {
    #expect(try test.run(KernelTable()).rows == [row])
  }

  /// NaN wins and infinities stay, wherever they are; one in a padding lane stays in its lane.
  @Test(arguments: [(3, 2), (3, 1), (2, 2), (4, 3)]) func maximumKeepsNotANumber(_ kernel: Int, _ stride: Int) throws {
    let placed: [(position: Int, value: Float)] = [
      (0, .nan), (7 * 16 + 3, .nan), (8 * 17 * 16 + 15, -Float.nan), (40, .infinity), (9 * 16, -Float.infinity),
    ]
    for isa in ISA.tiers {
      for (position, value) in placed {
        var values = try NodeCase.noise([1, 1, 9, 17, 16], seed: 3).elements(as: Float.self)
        values[position] = value
        // An infinity of each sign in one window adds up to NaN, but is none.
        if value == .infinity { values[position + 16] = -.infinity }
        let test = NodeCase(
          "BlockedMaxPool", [.given(try Tensor(values, shape: [1, 1, 9, 17, 16]))],
          ["kernel_shape": Self.ints(kernel, kernel), "strides": Self.ints(stride, stride), "pads": Self.ints(1, 1, 1, 1)], domain: "onyx")
        let (actual, expected) = (
          try test.run(KernelTable(), isa: isa).results[0].doubles(), try test.run(.referenceOnly).results[0].doubles()
        )
        for index in expected.indices {
          #expect(
            actual[index] == expected[index] || (actual[index].isNaN && expected[index].isNaN),
            "\(isa.name) at \(index), \(value) at \(position)")
        }
      }
    }
  }

  /// NaN in one pixel reaches the outputs whose window holds it, in its lane only.
  @Test func convolutionKeepsNotANumberInItsLane() throws {
    var values = [Float](repeating: 1, count: 9 * 9 * 16)
    values[(4 * 9 + 4) * 16 + 5] = .nan
    let weights = try Tensor([Float](repeating: 1, count: 16 * 9), shape: [16, 1, 3, 3])
    let test = NodeCase(
      "BlockedConv", [.given(try Tensor(values, shape: [1, 1, 9, 9, 16])), .constant(weights)],
      ["group": .int(16), "pads": Self.ints(1, 1, 1, 1), "activation": .text("relu")], domain: "onyx")
    for isa in ISA.tiers {
      let y = try test.run(KernelTable(), isa: isa).results[0].elements(as: Float.self)
      for index in y.indices {
        let (pixel, lane) = index.quotientAndRemainder(dividingBy: 16)
        let isNear = (3...5).contains(pixel / 9) && (3...5).contains(pixel % 9)
        #expect(y[index].isNaN == (lane == 5 && isNear), "\(isa.name) at \(index)")
      }
    }
  }
}
