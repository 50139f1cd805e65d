import OnyxGraph
import OnyxOperators
import OnyxTensor

/// Blocks at the coarsest map of a segmentation network: the feature pyramid attention of PAN and the position attention of MAnet.
extension AttentionRecogniser {
  /// FPA: pyramid(x) · 1×1(x) + 1×1(mean of x), where convolutions to one channel make the pyramid from x at several sizes.
  func featurePyramid(at index: Int) -> AttentionMatch? {
    for (context, weighed) in additions(at: index) {
      guard let (product, _) = view.maker(of: weighed) else { continue }
      for (value, factor) in weighings(at: product) {
        guard let branch = picture(value), let shape = view.shape(factor), branch.isPixelMap(shape), shape.count == 4, shape[1] == 1 else {
          continue
        }
        var trace = Trace(view, through: ["Resize", "Upsample", "MaxPool"])
        guard let (x, _) = trace.point(trace.beforeActivation(value)), let map = picture(x) else { continue }
        guard trace.ends(from: factor, isEnd: { $0 == x ? [] : nil }), trace.covered(["MaxPool"]).count >= 2,
          trace.covered(["Resize", "Upsample"]).count >= 2
        else { continue }
        guard let (pooled, _) = trace.point(trace.beforeActivation(trace.beforeResize(context))), trace.pooling(pooled, of: map) == .mean
        else { continue }
        trace.cover([product])
        return gating(.fpa, map, trace, at: index, maps: [Walk.resolved(factor, in: view)])
      }
    }
    return nil
  }

  /// PAB: x + softmax(queries · keys) · values, the softmax over all queries and keys of an image together; all three are convolutions
  /// of x.
  func positionAttention(at index: Int) -> AttentionMatch? {
    for (x, weighed) in additions(at: index) {
      guard let map = picture(x) else { continue }
      var trace = Trace(view)
      guard let product = trace.node(trace.beforeMovement(weighed), ["MatMul"]), let weights = product.operand(0),
        let values = product.operand(1), let softmax = trace.node(trace.beforeMovement(weights), ["Softmax"])
      else { continue }
      // One row for each image holds every query and key.
      guard let all = softmax.outputs.first ?? nil, let extents = view.shape(all), extents.count == 2, extents[0] == map.batch,
        [-1, 1].contains(softmax.int("axis", default: -1)), let scores = softmax.operand(0)
      else { continue }
      guard let sums = trace.node(trace.beforeMovement(scores), ["MatMul"]), let queries = sums.operand(0), let keys = sums.operand(1),
        trace.isLayer(queries, of: x), trace.isLayer(keys, of: x), trace.isLayer(values, of: x)
      else { continue }
      return gating(.pab, map, trace, at: index, maps: [Walk.resolved(weights, in: view)])
    }
    return nil
  }
}

extension Trace {
  /// Whether movement and one convolution lead back from `value` to `x`.
  fileprivate mutating func isLayer(_ value: ValueID, of x: ValueID) -> Bool {
    convolution(beforeMovement(value))?.input == x
  }
}
