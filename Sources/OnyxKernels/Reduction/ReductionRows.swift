import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 reductions over constant axes, softmax and normalizations.
///
/// SAFETY: a query's types are those of the memory that `KernelCall` hands out, so the counts and strides taken from it stay inside.
extension KernelTable {
  private static let reductions: [(String, Reduce.Kind)] = [
    ("ReduceSum", .sum), ("ReduceMean", .mean), ("ReduceMax", .max), ("ReduceMin", .min), ("ReduceProd", .product), ("ReduceL1", .sumAbs),
    ("ReduceL2", .l2), ("ReduceSumSquare", .sumSquare), ("ReduceLogSum", .logSum), ("ReduceLogSumExp", .logSumExp),
  ]

  static let reductionRows =
    reductions.map { (name, kind) in
      KernelRow("\(name.lowercased())_f32", [name]) { (query) throws(OnyxError) in
        guard let x = query.input(0), x.elementType == .float32, x.shape.elementCount > 0 else { return nil }
        var axes: [Int] = []
        if query.input(1) != nil {
          guard let given = try query.constant(1)?.ints() else { return nil }
          for axis in given { axes.append(try Shape.normalize(axis: axis, rank: x.shape.rank)) }
        }
        if axes.isEmpty {
          // Without axes everything is reduced, or nothing (`noop_with_empty_axes`), which the reference does.
          guard query.attribute("noop_with_empty_axes", default: 0) == 0 else { return nil }
          axes = Array(0..<x.shape.rank)
        }
        return reduction(kind, shape: Array(x.shape), reduced: x.shape.indices.map { axes.contains($0) }, query.isa)
      }
    } + [
      KernelRow("softmax_f32", ["Softmax", "LogSoftmax"]) { (query) throws(OnyxError) in
        guard query.isAll(.float32), let x = query.input(0)?.shape, x.rank > 0 else { return nil }
        let axis = try Shape.normalize(axis: query.attribute("axis", default: -1), rank: x.rank)
        let (outer, count, inner) = (x[..<axis].reduce(1, *), x[axis], x[(axis + 1)...].reduce(1, *))
        let isLogarithm = query.node.op.name == "LogSoftmax"
        let isa = query.isa
        return PreparedKernel(inPlaceInputs: [0]) { call in
          unsafe Softmax.run(
            call.input(0), call.output(), outer: outer, count: count, inner: inner, logarithm: isLogarithm, isa: isa, pool: call.pool)
        }
      }
    ]

  static let normalizationRows = [
    KernelRow("layer_normalization_f32", ["LayerNormalization"]) { (query) throws(OnyxError) in
      guard query.isAll(.float32), query.outputs.count == 1, let x = query.input(0)?.shape, x.rank > 0 else { return nil }
      let axis = try Shape.normalize(axis: query.attribute("axis", default: -1), rank: x.rank)
      let (rows, count) = (x[..<axis].reduce(1, *), x[axis...].reduce(1, *))
      guard query.input(1)?.shape.elementCount == count, query.input(2).map({ $0.shape.elementCount == count }) ?? true else { return nil }
      let epsilon = query.attribute("epsilon", default: 1e-5)
      let isa = query.isa
      return PreparedKernel { call in
        unsafe Normalization.layer(
          call.input(0), call.output(), rows: rows, count: count, epsilon: epsilon, scale: call.optionalInput(1),
          shift: call.optionalInput(2), isa: isa,
          pool: call.pool)
      }
    },
    KernelRow("group_normalization_f32", ["InstanceNormalization", "GroupNormalization"]) { (query) throws(OnyxError) in
      guard query.isAll(.float32), let x = query.input(0)?.shape, x.rank > 2, x.elementCount > 0 else { return nil }
      let groups = query.node.op.name == "GroupNormalization" ? query.attribute("num_groups", default: 0) : x[1]
      guard groups > 0, x[1] % groups == 0, query.input(1)?.shape.elementCount == x[1], query.input(2)?.shape.elementCount == x[1] else {
        return nil
      }
      let (batch, channels, inner) = (x[0], x[1], x[2...].reduce(1, *))
      let epsilon = query.attribute("epsilon", default: 1e-5)
      let isa = query.isa
      return PreparedKernel { call in
        unsafe Normalization.group(
          call.input(0), call.output(), batch: batch, channels: channels, inner: inner, groups: groups, epsilon: epsilon,
          scale: call.input(1),
          shift: call.input(2), isa: isa, pool: call.pool)
      }
    },
  ]
}
