import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// The attention block's kernel against its scalar reference: every form, layout and instruction set, odd sizes, and bit for
/// bit between numbers of threads.
@Suite("Attention blocks equal the reference")
struct AttentionBlockRowTests {
  struct Form: Sendable {
    let name: String
    var block = AttentionBlock()
    var hidden = 0
    var taps = 0
    var biased = false
    var window: (height: Int, width: Int) = (0, 0)
    var addend = false

    init(_ name: String, _ fill: (inout Form) -> Void) {
      self.name = name
      fill(&self)
    }

    mutating func mlp(_ pooling: AttentionBlock.Pooling, hidden: Int, biased: Bool = false) {
      (block.pooling, block.gate, block.hiddenActivation, self.hidden, self.biased) = (pooling, .mlp, .relu, hidden, biased)
    }
    mutating func conv1d(_ pooling: AttentionBlock.Pooling, taps: Int) { (block.pooling, block.gate, self.taps) = (pooling, .conv1d, taps) }
    mutating func map(_ height: Int, _ width: Int) {
      block.spatial = .conv
      window = (height, width)
    }
  }

  static let forms: [Form] = [
    Form("se") { $0.mlp(.avg, hidden: 3) },
    Form("se max") { $0.mlp(.max, hidden: 6) },
    Form("cse") {
      $0.mlp(.avg, hidden: 17, biased: true)
      $0.block.gateActivation = .hardSigmoid(alpha: 0.2, beta: 0.5)
      $0.block.hiddenActivation = .swish
    },
    Form("se residual relu") {
      $0.mlp(.avg, hidden: 4, biased: true)
      ($0.addend, $0.block.activation) = (true, .relu)
    },
    Form("ese") {
      ($0.block.pooling, $0.block.gate, $0.biased, $0.block.gateActivation) = (.avg, .fc, true, .hardSigmoid(alpha: 1 / 6, beta: 0.5))
    },
    Form("eca") { $0.conv1d(.avg, taps: 3) },
    Form("eca residual swish") {
      $0.conv1d(.avg, taps: 5)
      ($0.biased, $0.addend, $0.block.activation) = (true, true, .swish)
    },
    Form("channel attention") { $0.mlp(.both, hidden: 6) },
    Form("channel attention, conv") { $0.conv1d(.both, taps: 3) },
    Form("sse") { ($0.block.spatial, $0.biased) = (.point, true) },
    Form("scse") {
      $0.mlp(.avg, hidden: 8, biased: true)
      ($0.block.spatial, $0.block.join) = (.point, .parallel)
    },
    Form("scse in sequence, residual") {
      $0.mlp(.avg, hidden: 8, biased: true)
      ($0.block.spatial, $0.addend, $0.block.activation) = (.point, true, .gelu)
    },
    Form("map 3") { $0.map(3, 3) },
    Form("map 7, gelu") {
      $0.map(7, 7)
      ($0.biased, $0.block.activation) = (true, .gelu)
    },
    Form("cbam 5") {
      $0.mlp(.both, hidden: 6)
      $0.map(5, 5)
    },
    Form("cbam 7 residual relu") {
      $0.mlp(.both, hidden: 2, biased: true)
      $0.map(7, 7)
      ($0.addend, $0.block.activation) = (true, .relu)
    },
    Form("cbam conv, uneven window") {
      $0.conv1d(.both, taps: 5)
      $0.map(1, 3)
    },
    Form("cbam parallel") {
      $0.mlp(.both, hidden: 3)
      $0.map(3, 5)
      ($0.block.join, $0.addend) = (.parallel, true)
    },
    Form("keras cbam") {
      $0.mlp(.both, hidden: 2, biased: true)
      $0.map(3, 3)
      ($0.block.outputActivation, $0.addend) = (.relu, true)
    },
    Form("gates") {
      $0.mlp(.both, hidden: 5)
      $0.block.result = .gate
    },
    Form("gates, conv") {
      $0.conv1d(.avg, taps: 3)
      $0.block.result = .gate
    },
  ]

  /// Batch, channels, height, width. The later ones are large enough for phases that several threads share.
  static let sizes = [
    [2, 1, 1, 1], [1, 3, 7, 7], [3, 17, 7, 5], [2, 54, 1, 33], [5, 16, 26, 26], [1, 54, 33, 33], [3, 40, 33, 26], [1, 17, 57, 49],
    [2, 300, 11, 11],
    [1, 3, 130, 131],
  ]

  enum Layout: CaseIterable { case first, last, blocked }

  /// Uniform in −`limit` … `limit`.
  static func small(_ shape: Shape, _ seed: Int, limit: Float = 0.25) throws -> Tensor {
    let noise = try NodeCase.noise(shape, seed: seed).elements(as: Float.self)
    return try Tensor(noise.map { $0 * limit / 2 }, shape: shape)
  }

  private static func weight(_ shape: Shape, _ seed: Int, _ isThere: Bool) throws -> NodeCase.Input {
    guard isThere else { return .none }
    return .constant(try small(shape, seed))
  }

  static func node(_ form: Form, _ size: [Int], _ layout: Layout) throws -> NodeCase {
    var block = form.block
    let (n, c, h, w) = (size[0], size[1], size[2], size[3])
    if layout == .blocked { block.channels = c }
    if layout == .last { block.layout = .last }
    let x: Shape = layout == .first ? [n, c, h, w] : layout == .last ? [n, h, w, c] : [n, (c + 15) / 16, h, w, 16]
    var inputs: [NodeCase.Input] = [.given(try small(x, 1, limit: 2))]
    switch block.gate {
    case .none: inputs += [.none, .none, .none, .none]
    case .mlp:
      inputs += [
        try Self.weight([form.hidden, c], 2, true), try Self.weight([form.hidden], 3, form.biased),
        try Self.weight([c, form.hidden], 4, true),
        try Self.weight([c], 5, form.biased),
      ]
    case .fc: inputs += [try Self.weight([c, c], 2, true), try Self.weight([c], 3, form.biased), .none, .none]
    case .conv1d: inputs += [try Self.weight([form.taps], 2, true), try Self.weight([1], 3, form.biased), .none, .none]
    }
    let window: Shape = block.spatial == .point ? [1, c, 1, 1] : [1, 2, form.window.height, form.window.width]
    let isSpatial = block.spatial != .none
    inputs += [try Self.weight(window, 6, isSpatial), try Self.weight([1], 7, isSpatial && form.biased)]
    inputs.append(form.addend ? .given(try small(x, 8, limit: 1)) : .none)
    return NodeCase("AttentionBlock", inputs, block.attributes, domain: "onyx")
  }

  /// The elements of channels that exist.
  static func real(_ tensor: Tensor, channels: Int, _ layout: Layout) throws -> [Float] {
    let values = try tensor.elements(as: Float.self)
    guard layout == .blocked else { return values }
    let (blocks, pixels) = (tensor.shape[1], tensor.shape[2] * tensor.shape[3])
    return values.indices.filter { $0 / (16 * pixels) % blocks * 16 + $0 % 16 < channels }.map { values[$0] }
  }

  @Test(arguments: forms.indices, Layout.allCases) func equalsTheReference(_ form: Int, _ layout: Layout) throws {
    let form = Self.forms[form]
    for size in Self.sizes {
      let test = try Self.node(form, size, layout)
      let expected = try Self.real(try test.run(.referenceOnly).results[0], channels: size[1], layout)
      let scale = expected.reduce(1e-30) { max($0, $1.magnitude) }
      for isa in ISA.tiers {
        let label = "\(form.name) \(layout) \(size) \(isa.name)"
        let single = try test.run(KernelTable(), isa: isa)
        #expect(single.rows == ["attention_block_f32"], "\(label)")
        let actual = try Self.real(single.results[0], channels: size[1], layout)
        if let worst = expected.indices.first(where: { !((actual[$0] - expected[$0]).magnitude <= 3e-6 * scale) }) {
          Issue.record("\(label): element \(worst) is \(actual[worst]), expected \(expected[worst])")
        }
        for threads in [2, 3] {
          let parallel = try test.run(KernelTable(), isa: isa, threads: threads).results[0]
          let bits = try Self.real(parallel, channels: size[1], layout).map(\.bitPattern)
          #expect(bits == actual.map(\.bitPattern), "\(label), \(threads) threads")
        }
      }
    }
  }

  @Test(arguments: Layout.allCases) func paddingLanesStayFinite(_ layout: Layout) throws {
    for form in Self.forms {
      for isa in ISA.tiers {
        let result = try Self.node(form, [1, 3, 7, 7], layout).run(KernelTable(), isa: isa).results[0]
        let values = try result.elements(as: Float.self)
        #expect(values.allSatisfy { $0.isFinite }, "\(form.name) \(isa.name)")
      }
    }
  }

  /// A NaN in one channel and pixel, and an infinity in another image, come out where the reference has them.
  @Test(arguments: Layout.allCases) func nanAndInfinity(_ layout: Layout) throws {
    for name in ["se max", "channel attention", "cbam 5", "map 3", "sse"] {
      let form = try #require(Self.forms.first { $0.name == name })
      let plain = try Self.node(form, [3, 17, 7, 5], layout)
      guard case .given(let x) = plain.inputs[0] else { continue }
      var values = try x.elements(as: Float.self)
      values[values.count / 2] = .nan
      values[3] = -.infinity
      let test = NodeCase(
        "AttentionBlock", [.given(try Tensor(values, shape: x.shape))] + plain.inputs.dropFirst(), plain.attributes, domain: "onyx")
      let expected = try Self.real(try test.run(.referenceOnly).results[0], channels: 17, layout)
      for isa in ISA.tiers {
        let actual = try Self.real(try test.run(KernelTable(), isa: isa).results[0], channels: 17, layout)
        let wrong = expected.indices.first { index in
          let (a, e) = (actual[index], expected[index])
          return a.isNaN != e.isNaN || !e.isNaN && a != e && !((a - e).magnitude <= 1e-5)
        }
        if let wrong { Issue.record("\(name) \(layout) \(isa.name): element \(wrong) is \(actual[wrong]), expected \(expected[wrong])") }
      }
    }
  }

  /// The operands are values of the arena, which the block may write over.
  @Test(arguments: forms.filter { $0.block.result == .scaled }.indices) func worksInPlace(_ index: Int) throws {
    let form = Self.forms.filter { $0.block.result == .scaled }[index]
    for size in [[2, 17, 7, 5], [1, 54, 33, 33]] {
      let test = try Self.node(form, size, .first)
      let expected = try test.run(.referenceOnly, isInArena: true).results[0].elements(as: Float.self)
      let actual = try test.run(KernelTable(), threads: 2, isInArena: true).results[0].elements(as: Float.self)
      #expect(zip(actual, expected).allSatisfy { ($0 - $1).magnitude <= 1e-5 }, "\(form.name) \(size)")
    }
  }

  @Test func weightsMadeInTheRunAreLeftToTheReference() throws {
    var test = try Self.node(Self.forms[0], [1, 3, 7, 7], .first)
    guard case .constant(let w1) = test.inputs[1] else { return }
    test = NodeCase("AttentionBlock", [test.inputs[0], .given(w1)] + test.inputs.dropFirst(2), test.attributes, domain: "onyx")
    let rows = try test.run(KernelTable()).rows
    #expect(rows == ["reference"])
  }

  @Test func windowsOutOfProportionAreLeftToTheReference() throws {
    var form = Form("wide") { $0.map(3, 31) }
    let narrow = try Self.node(form, [1, 3, 7, 7], .first).run(KernelTable()).rows
    form.map(3, 33)
    let wide = try Self.node(form, [1, 3, 7, 7], .first).run(KernelTable()).rows
    #expect(narrow == ["attention_block_f32"] && wide == ["reference"])
  }
}
