import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Softmax and normalizations of float32, and those of groups of channels.
///
/// SAFETY: see `KernelCall`.
enum NormalizationRows {
  static let all = [
    KernelRow("softmax_f32", ["Softmax", "LogSoftmax"], .float32, softmax).opened(openSoftmax),
    KernelRow("softmax_half", ["Softmax", "LogSoftmax"], .everywhere([.float16, .bfloat16]), halfSoftmax),
    KernelRow("layer_normalization_f32", ["LayerNormalization"], .float32, layer),
    KernelRow("group_normalization_f32", ["InstanceNormalization", "GroupNormalization"], .float32) {
      (op: GroupNormalization, query) throws(OnyxError) in try group(op, query, Float.self)
    },
    KernelRow("group_normalization_f64", ["InstanceNormalization", "GroupNormalization"], .everywhere([.float64])) {
      (op: GroupNormalization, query) throws(OnyxError) in try group(op, query, Double.self)
    },
    KernelRow("batch_normalization_f32", ["BatchNormalization"], .float32, batch),
  ]

  private static func softmax(_ op: AxisNormalizer, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, x.rank > 0 else { return .declined("the input has no axis") }
    return softmax(x, axis: try Shape.normalize(axis: op.axis, rank: x.rank), isLogarithm: op.function == .logSoftmax, query.isa)
  }

  private static func openSoftmax(_ query: KernelQuery) throws(OnyxError) -> OpenKernel.Bind? {
    guard let op = query.op as? AxisNormalizer else { return nil }
    let isa = query.isa
    return { (inputs) throws(OnyxError) in
      guard let x = inputs[0]?.shape, let axis = try? Shape.normalize(axis: op.axis, rank: x.rank) else { return nil }
      return OpenKernel.Bound(x, softmax(x, axis: axis, isLogarithm: op.function == .logSoftmax, isa))
    }
  }

  private static func softmax(_ x: Shape, axis: Int, isLogarithm: Bool, _ isa: ISA) -> Preparation {
    let (outer, count, inner) = (x[..<axis].reduce(1, *), x[axis], x[(axis + 1)...].reduce(1, *))
    return .run(inPlaceInputs: [0]) { call in
      unsafe Softmax.run(
        call.input(0), call.output(), outer: outer, count: count, inner: inner, logarithm: isLogarithm, isa: isa, pool: call.pool)
    }
  }

  private static func halfSoftmax(_ op: AxisNormalizer, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), x.shape.rank > 0 else { return .declined("the input has no axis") }
    let axis = try Shape.normalize(axis: op.axis, rank: x.shape.rank)
    let (outer, count, inner) = (x.shape[..<axis].reduce(1, *), x.shape[axis], x.shape[(axis + 1)...].reduce(1, *))
    guard
      let kernel = HalfSoftmax(
        x.elementType, outer: outer, count: count, inner: inner, isLogarithm: op.function == .logSoftmax, isa: query.isa)
    else { return .declined("there are no conversions") }
    return .run(borrowedByteCount: kernel.borrowedByteCount(query.pool.threadCount), inPlaceInputs: [0]) { call in
      unsafe kernel.run(call.bytes(0), call.outputBytes(), pool: call.pool)
    }
  }

  private static func layer(_ op: LayerNormalization, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, x.rank > 0, x.elementCount > 0 else { return .declined("the input is empty or has no axis") }
    let axis = try Shape.normalize(axis: op.axis, rank: x.rank)
    let (rows, count) = (x[..<axis].reduce(1, *), x[axis...].reduce(1, *))
    guard query.input(1)?.shape.covers(x, from: axis) ?? false, query.input(2)?.shape.covers(x, from: axis) ?? true else {
      return .declined("scale or bias is broadcast along the normalized axes")
    }
    let (epsilon, isa) = (op.epsilon, query.isa)
    let isAsked = query.outputs.map { $0 != nil }
    return .run { call in
      let statistics = unsafe Normalization.Statistics(
        mean: isAsked.count > 1 && isAsked[1] ? call.output(1) : nil,
        inverseDeviation: isAsked.count > 2 && isAsked[2] ? call.output(2) : nil)
      unsafe Normalization.layer(
        call.input(0), call.output(), rows: rows, count: count, epsilon: epsilon, scale: call.optionalInput(1),
        shift: call.optionalInput(2), statistics: statistics, isa: isa, pool: call.pool)
    }
  }

  private static func group<T: LayerElement>(
    _ op: GroupNormalization, _ query: KernelQuery, _ type: T.Type
  ) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, x.rank > 2, x.elementCount > 0 else {
      return .declined("the input is empty or has no spatial axis")
    }
    let groups = op.groups ?? x[1]
    guard groups > 0, x[1] % groups == 0, query.input(1)?.shape.elementCount == x[1], query.input(2)?.shape.elementCount == x[1] else {
      return .declined("the groups do not divide the channels, or scale or bias are not one for each")
    }
    let (batch, channels, inner) = (x[0], x[1], x[2...].reduce(1, *))
    let (epsilon, isa) = (T(op.epsilon), query.isa)
    return .run { call in
      unsafe Normalization.group(
        call.input(0, as: T.self), call.output(), batch: batch, channels: channels, inner: inner, groups: groups, epsilon: epsilon,
        scale: call.input(1), shift: call.input(2), isa: isa, pool: call.pool)
    }
  }

  /// Inference form with constant statistics: one multiply and one add for each element.
  private static func batch(_ op: BatchNormalization, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard query.outputs.count == 1, !op.isTraining else { return .declined("it computes the statistics") }
    guard let x = query.input(0)?.shape, x.rank >= 2 else { return .declined("the input has no channels") }
    var parameters: [[Double]] = []
    for index in 1...4 {
      guard let values = try query.constant(index)?.doubles(), values.count == x[1] else {
        return .declined("input \(index) is no constant")
      }
      parameters.append(values)
    }
    let scales = zip(parameters[0], parameters[3]).map { $0 / ($1 + Double(op.epsilon)).squareRoot() }
    let shift = zip(zip(parameters[1], parameters[2]), scales).map { Float($0.0 - $0.1 * $1) }
    let scale = scales.map { Float($0) }
    let (rows, channels, inner) = (x[0], x[1], x.dropFirst(2).reduce(1, *))
    let isa = query.isa
    return .run(inPlaceInputs: [0], absorbedInputs: [1, 2, 3, 4]) { call in
      unsafe scale.withUnsafeBufferPointer { scale in
        unsafe shift.withUnsafeBufferPointer { shift in
          guard let scale = scale.baseAddress, let shift = shift.baseAddress else { return }
          unsafe Elementwise.channelAffine(
            call.input(0), call.output(), rows: rows, channels: channels, inner: inner, scale: scale, shift: shift, isa: isa,
            pool: call.pool)
        }
      }
    }
  }
}

extension Shape {
  /// Whether a tensor of this shape has one element for each place along the axes of `other` from `axis` on, in their order.
  func covers(_ other: Shape, from axis: Int) -> Bool { drop { $0 == 1 }.elementsEqual(other[axis...].drop { $0 == 1 }) }
}
