import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// ConvTranspose over images → a BlockedConv for each phase of its strides, their pixels by turns. An element of the result meets every
  /// stride-th tap only: which ones depends on its phase.
  static let blockTransposedConv = Rewrite(
    "block-transposed-conv", changes: .rounding, inner: .mayStay,
    pattern: .op("ConvTranspose", .value("x"), .constant("w"), .optional("bias"), named: "node"),
    when: [
      .isFloat32,
      Clause("The bias must be constant.") { $0["bias"] == nil || $0.constant("bias") != nil },
      Clause("There must be one group of two spatial axes without dilation, and filters that fill a block.") { match in
        guard let w = match.constant("w")?.shape, w.rank == 4, w.elementCount > 0, let node = match.node("node") else { return false }
        return node.int("group", default: 1) == 1 && w[1] >= 8 && w[0] > 4 && (node.ints("dilations") ?? []).allSatisfy { $0 == 1 }
      },
      Clause("Every phase must have taps, and the padding must leave it some pixels.") { phases($0) != nil },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let node = match.node("node"), let axes = phases(match) else { throw .bug("Checked phases are gone.") }
    let w = try match.requiredConstant("w")
    let x = patch.block(try match.required("x"))
    var results: [ValueID] = []
    for row in 0..<axes[0].stride {
      for column in 0..<axes[1].stride {
        let (y, x1) = (axes[0].taps(of: row), axes[1].taps(of: column))
        var inputs: [ValueID?] = [x, patch.constant(try filters(w, y, x1))]
        if let bias = match["bias"] { inputs.append(bias) }
        let pads = [y.count - 1 - axes[0].skipped, x1.count - 1 - axes[1].skipped, axes[0].added, axes[1].added]
        results.append(
          patch.node(OperatorName("BlockedConv", domain: "onyx"), inputs, ["pads": .ints(pads.map(Int64.init))], like: node))
      }
    }
    let crops = axes.map(\.cropBefore) + axes.map(\.cropBehind)
    if results.count > 1 || crops.contains(where: { $0 != 0 }) {
      let attributes: [String: Attribute] = [
        "strides": .ints(axes.map { Int64($0.stride) }), "crops": .ints(crops.map(Int64.init)),
      ]
      results = [patch.node(InterleavedPhases.name, results, attributes, like: node)]
    }
    return patch.unblock(results[0], channels: w.shape[1])
  }

  /// One axis of a transposed convolution. Element o of the result is element o + pad of the whole one, in phase (o + pad) mod stride; its
  /// place u there sums the taps phase + j · stride of the elements u − j.
  private struct PhasedAxis {
    let kernel, stride: Int
    /// Places that every phase leaves out at its beginning, and its places past the end of the input.
    let skipped, added: Int
    let cropBefore, cropBehind: Int

    /// The taps of a phase, for elements in ascending order.
    func taps(of phase: Int) -> [Int] { Swift.stride(from: phase, to: kernel, by: stride).reversed() }

    init?(_ axis: WindowGeometry.Axis) {
      (kernel, stride) = (axis.kernel, axis.stride)
      guard kernel >= stride, stride <= 16, (1...Int(Int32.max)).contains(axis.input) else { return nil }
      // The last phases have the fewest taps.
      let fewest = (kernel - (stride - 1) + stride - 1) / stride
      skipped = min(axis.padBefore / stride, fewest - 1)
      cropBefore = axis.padBefore - skipped * stride
      let places = (axis.input - 1 + axis.padBefore) / stride + 1
      added = places - axis.output
      cropBehind = places * stride - axis.padBefore - axis.input
      guard (0...1 << 20).contains(added) else { return nil }
    }
  }

  /// Both axes; nil when a phase has no taps or no pixels, or when the padding depends on a size that is not known.
  private static func phases(_ match: Match) -> [PhasedAxis]? {
    guard let node = match.node("node"), let op = try? Catalog.make(node) as? ConvTranspose, let w = match.constant("w")?.shape,
      let x = match.shape("x"), x.count == 4
    else { return nil }
    // Explicit pads are the same for every size.
    let isExplicit = op.outputShape == nil && !op.window.autoPad.isSame
    guard isExplicit || x[2...].allSatisfy({ $0.known != nil }) else { return nil }
    guard x[2...].allSatisfy({ $0.known.map { $0 > 0 } ?? true }),
      let geometry = try? op.geometry(input: x[2...].map { $0.known ?? 1 << 16 }, kernel: Array(w[2...]))
    else { return nil }
    let axes = geometry.axes.compactMap { PhasedAxis($0) }
    // A size that is not known may be one, of which much padding leaves nothing: then a phase would be a window that does not fit.
    for (axis, size) in zip(axes, x[2...]) where size.known == nil && axis.added < axis.skipped { return nil }
    return axes.count == 2 && axes[0].stride * axes[1].stride <= 64 ? axes : nil
  }

  /// The filters [filters, channels, rows, columns] of a phase out of those of the transposed convolution, [channels, filters, …].
  private static func filters(_ w: Tensor, _ rows: [Int], _ columns: [Int]) throws(OnyxError) -> Tensor {
    let (channels, filters, height, width) = (w.shape[0], w.shape[1], w.shape[2], w.shape[3])
    let source = try w.elements(as: Float.self)
    return try Tensor(of: Float.self, shape: try Shape([filters, channels, rows.count, columns.count])) { target in
      var index = 0
      for filter in 0..<filters {
        for channel in 0..<channels {
          for row in rows {
            for column in columns {
              target[index] = source[((channel * filters + filter) * height + row) * width + column]
              index += 1
            }
          }
        }
      }
    }
  }
}
