import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// softmax(scale · Q · Kᵀ + M) · V over views of its inputs. Made by the optimizer only; domain `onyx`, version 1.
///
/// With `S` [h, h] and `SB` [h] the heads talk before the softmax: the scores of head g become SB[g] + Σ over h of S[h, g] times those of
/// head h. With `W` and `WB` they do so behind it (Shazeer et al. 2020, arXiv:2003.02436).
///
/// Each input and the output has an attribute that names its axes: b (batch), h (head), s (query), t (key), d (feature of Q and K), e
/// (feature of V), or a number, the one index of that axis that is read. "b s 0 h d" on the output of one projection reads its first third
/// as queries. An axis that an input lacks repeats. The standard Attention fixes the order of the axes, and would cost a copy of each
/// operand.
package struct FusedAttention: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "FusedAttention", domain: "onyx", versions: [1],
      inputs: [
        .required("Q", "T"), .required("K", "T"), .required("V", "T"), .optional("M", "T"), .optional("S", "T"), .optional("SB", "T"),
        .optional("W", "T"), .optional("WB", "T"),
      ],
      outputs: [.required("Y", "T")], types: ["T": .floats]), FusedAttention.init)

  /// Positions of the inputs with which heads talk: a matrix, and behind it its bias.
  package static let scoreMixing = 4
  package static let weightMixing = 6

  package enum Axis: Sendable, Hashable {
    case named(Character)
    case fixed(Int)
  }

  package let scale: Float
  /// The axes of Q, K, V and, when it is given, M.
  package let inputAxes: [[Axis]]
  package let outputAxes: [Axis]

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    scale = try attributes.float("scale", default: 1)
    var axes: [[Axis]] = []
    for (name, allowed) in [("q_axes", "bhsd"), ("k_axes", "bhtd"), ("v_axes", "bhte"), ("m_axes", "bhst")] {
      axes.append(try Self.axes(try attributes.text(name, default: ""), allowed))
    }
    inputAxes = axes
    outputAxes = try Self.axes(try attributes.text("y_axes", default: ""), "bhse")
  }

  private static func axes(_ text: String, _ allowed: String) throws(OnyxError) -> [Axis] {
    var axes: [Axis] = []
    for word in text.split(separator: " ") {
      if let index = Int(word), index >= 0 {
        axes.append(.fixed(index))
      } else if let letter = word.first, word.count == 1, allowed.contains(letter), !axes.contains(.named(letter)) {
        axes.append(.named(letter))
      } else {
        throw .invalid("'\(text)' does not name axes; each is an index or one of '\(allowed)', once.")
      }
    }
    return axes
  }

  /// The extents that the inputs give the names. An extent of 1 stands for any.
  package func extents(_ shapes: [[Dimension]?]) throws(OnyxError) -> [Character: Dimension] {
    var extents: [Character: Dimension] = [:]
    for (axes, shape) in zip(inputAxes, shapes) {
      guard let shape else { continue }
      guard shape.count == axes.count else { throw .invalid("The shape \(shape) has not the \(axes.count) axes that were named.") }
      for (axis, extent) in zip(axes, shape) {
        switch axis {
        case .fixed(let index):
          if let known = extent.known, index >= known { throw .invalid("The index \(index) is outside an axis of \(known).") }
        case .named(let name):
          let earlier = extents[name]
          if let a = earlier?.known, let b = extent.known, a != b { throw .invalid("The axis '\(name)' has the extents \(a) and \(b).") }
          if earlier?.known == nil { extents[name] = extent }
        }
      }
    }
    return extents
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    var shapes: [[Dimension]?] = []
    for index in 0..<4 { shapes.append(context.optional(index)?.shape) }
    let known = try extents(shapes)
    try checkMixing((Self.scoreMixing..<8).map { context.optional($0)?.shape }, heads: known["h"] ?? 1)
    guard shapes[0] != nil, shapes[1] != nil, shapes[2] != nil else { return [Inferred(element, nil)] }
    return [Inferred(element, outputAxes.map { if case .named(let name) = $0 { known[name] ?? 1 } else { 1 } })]
  }

  /// Matrices and biases of talking heads must have a number for each pair of heads, and for each head.
  private func checkMixing(_ shapes: [[Dimension]?], heads: Dimension) throws(OnyxError) {
    for (index, shape) in shapes.enumerated() {
      guard let shape else { continue }
      let wanted = Array(repeating: heads, count: index % 2 == 0 ? 2 : 1)
      let agrees = shape.count == wanted.count && zip(shape, wanted).allSatisfy { $0.known == nil || $1.known == nil || $0 == $1 }
      guard agrees else { throw .invalid("What mixes the heads has the shape \(shape); it must be \(wanted).") }
    }
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let shape = try context.shape()
    let known = try extents((0..<4).map { context.optional($0)?.shape.map { Dimension($0) } })
    let extent = { (name: Character) in known[name]?.known ?? 1 }
    var readers: [View?] = []
    for index in 0..<4 {
      readers.append(try context.optional(index).map { (tensor) throws(OnyxError) in try View(tensor, inputAxes[index]) })
    }
    guard let q = readers[0], let k = readers[1], let v = readers[2] else { throw .invalid("An input is missing.") }
    try ReferenceMemory.check(try Shape([extent("h"), extent("t")]).elementCount, width: 4 * MemoryLayout<Double>.stride)
    let (scoreMixing, weightMixing) = (try Mixing(context, Self.scoreMixing), try Mixing(context, Self.weightMixing))
    var y: [Double] = try shape.filled(with: 0)
    let target = View(shape, outputAxes)
    for b in 0..<extent("b") {
      for s in 0..<extent("s") {
        let scores = (0..<extent("h")).map { h in
          (0..<extent("t")).map { t in
            (0..<extent("d")).reduce(0.0) { $0 + q[["b": b, "h": h, "s": s, "d": $1]] * k[["b": b, "h": h, "t": t, "d": $1]] }
              * Double(scale)
              + (readers[3]?[["b": b, "h": h, "s": s, "t": t]] ?? 0)
          }
        }
        let weights = weightMixing.apply(scoreMixing.apply(scores).map(Self.softmax))
        for h in 0..<extent("h") {
          for e in 0..<extent("e") {
            y[target.offset(["b": b, "h": h, "s": s, "e": e])] = weights[h].indices.reduce(0.0) {
              $0 + weights[h][$1] * v[["b": b, "h": h, "t": $1, "e": e]]
            }
          }
        }
      }
    }
    return [try Tensor(floating: y, as: context.input(0).elementType, shape: shape)]
  }

  private static func softmax(_ scores: [Double]) -> [Double] {
    let top = scores.reduce(-.infinity) { $0.isNaN || $0 > $1 ? $0 : $1 }
    let powers = scores.map { exp($0 - top) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// Queries times keys times the features of both sides, and times the heads where they talk.
  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? {
    guard let known = try? extents((0..<4).map { inputs.indices.contains($0) ? inputs[$0]?.shape : nil }) else { return nil }
    let extent = { (name: Character) in known[name] ?? Dimension(1) }
    let mixings = [Self.scoreMixing, Self.weightMixing].filter { inputs.indices.contains($0) && inputs[$0] != nil }
    return try? (extent("b") * extent("h")) * (extent("s") * extent("t"))
      * (extent("d") + extent("e") + extent("h") * Dimension(mixings.count))
  }
}

/// How heads talk: each becomes a sum of all of them.
private struct Mixing {
  private let matrix, bias: [Double]?

  init(_ context: EvaluationContext, _ index: Int) throws(OnyxError) {
    matrix = try context.optional(index)?.doubles()
    bias = try context.optional(index + 1)?.doubles()
  }

  func apply(_ heads: [[Double]]) -> [[Double]] {
    guard let matrix else { return heads }
    return heads.indices.map { g in
      heads[g].indices.map { t in
        heads.indices.reduce(bias?[g] ?? 0) { $0 + matrix[$1 * heads.count + g] * heads[$1][t] }
      }
    }
  }
}

/// A tensor read by the names of its axes.
private struct View {
  private var strides: [Character: Int] = [:]
  private var start = 0
  private var values: [Double] = []

  init(_ shape: Shape, _ axes: [FusedAttention.Axis]) {
    for (axis, stride) in zip(axes, shape.strides) {
      switch axis {
      case .fixed(let index): start += index * stride
      case .named(let name): strides[name] = stride
      }
    }
  }

  init(_ tensor: Tensor, _ axes: [FusedAttention.Axis]) throws(OnyxError) {
    self.init(tensor.shape, axes)
    values = try tensor.doubles()
  }

  func offset(_ position: [Character: Int]) -> Int { position.reduce(start) { $0 + $1.value * strides[$1.key, default: 0] } }

  subscript(_ position: [Character: Int]) -> Double { values[offset(position)] }
}
