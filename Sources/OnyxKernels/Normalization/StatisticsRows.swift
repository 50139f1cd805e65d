import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Normalizations of float32 and float64 whose statistics are found, or only known, in the run.
///
/// SAFETY: see `KernelCall`. Scratch memory holds one scale and one shift for each channel.
enum StatisticsRows {
  static let all = [
    KernelRow("batch_normalization_f32_run", ["BatchNormalization"], .float32) { (op: BatchNormalization, query) throws(OnyxError) in
      batch(op, query, floatBatch)
    },
    KernelRow("rms_normalization_f32", ["RMSNormalization"], .float32, rootMeanSquare),
    KernelRow("mean_variance_normalization_f32", ["MeanVarianceNormalization"], .float32) {
      (op: MeanVarianceNormalization, query) throws(OnyxError) in try meanVariance(op, query, Float.self)
    },
    KernelRow("lrn_f32", ["LRN"], .float32) { (op: LRN, query) throws(OnyxError) in
      try localResponse(op, query, Float.self) { powf($0, $1) }
    },
    KernelRow("batch_normalization_f64", ["BatchNormalization"], .everywhere([.float64])) {
      (op: BatchNormalization, query) throws(OnyxError) in batch(op, query, doubleBatch)
    },
    KernelRow("mean_variance_normalization_f64", ["MeanVarianceNormalization"], .everywhere([.float64])) {
      (op: MeanVarianceNormalization, query) throws(OnyxError) in try meanVariance(op, query, Double.self)
    },
    KernelRow("lrn_f64", ["LRN"], .everywhere([.float64])) { (op: LRN, query) throws(OnyxError) in
      try localResponse(op, query, Double.self) { pow($0, $1) }
    },
  ]

  private static let isEmpty = "the input is empty or has no channels"

  /// What a BatchNormalization asks, over [rows, channels, inner]; `outputs` says which are wanted.
  private struct BatchSite {
    let rows, channels, inner: Int
    let epsilon, weight: Double
    let isTraining: Bool
    let outputs: [Bool]
    let isa: ISA
  }

  private static func batch(_ op: BatchNormalization, _ query: KernelQuery, _ bind: (BatchSite) -> Preparation) -> Preparation {
    guard let x = query.input(0)?.shape, x.rank >= 2, x.elementCount > 0 else { return .declined(isEmpty) }
    guard op.isTraining || query.outputs.count == 1 else { return .declined("statistics are asked for that nobody computes") }
    for index in 1...4 where query.input(index)?.shape.elementCount != x[1] {
      return .declined("input \(index) is not one for each channel")
    }
    return bind(
      BatchSite(
        rows: x[0], channels: x[1], inner: x.dropFirst(2).reduce(1, *), epsilon: Double(op.epsilon), weight: Double(op.momentum),
        isTraining: op.isTraining, outputs: query.outputs.map { $0 != nil }, isa: query.isa))
  }

  private static func floatBatch(_ site: BatchSite) -> Preparation {
    let (rows, channels, inner, epsilon, weight, isTraining, outputs, isa) = (
      site.rows, site.channels, site.inner, site.epsilon, site.weight, site.isTraining, site.outputs, site.isa
    )
    return .run(scratchByteCount: 8 * channels, inPlaceInputs: [0]) { call in
      let scales = unsafe call.scratch.assumingMemoryBound(to: Float.self)
      let shifts = unsafe scales + channels
      let (scale, bias) = unsafe (call.input(1, as: Float.self), call.input(2, as: Float.self))
      let (mean, variance) = unsafe (call.input(3, as: Float.self), call.input(4, as: Float.self))
      if isTraining {
        let runningMean = unsafe outputs.count > 1 && outputs[1] ? call.output(1, as: Float.self) : nil
        let runningVariance = unsafe outputs.count > 2 && outputs[2] ? call.output(2, as: Float.self) : nil
        unsafe ChannelMoments.run(
          call.input(0, as: Float.self), outer: rows, channels: channels, inner: inner, isa: isa, pool: call.pool
        ) { channel, m, v in
          unsafe runningMean?[channel] = Float(Double(mean[channel]) * weight + m * (1 - weight))
          unsafe runningVariance?[channel] = Float(Double(variance[channel]) * weight + v * (1 - weight))
          let factor = unsafe Double(scale[channel]) / (v + epsilon).squareRoot()
          unsafe scales[channel] = Float(factor)
          unsafe shifts[channel] = Float(Double(bias[channel]) - m * factor)
        }
      } else {
        for channel in 0..<channels {
          let factor = unsafe Double(scale[channel]) / (Double(variance[channel]) + epsilon).squareRoot()
          unsafe scales[channel] = Float(factor)
          unsafe shifts[channel] = Float(Double(bias[channel]) - Double(mean[channel]) * factor)
        }
      }
      unsafe Elementwise.channelAffine(
        call.input(0), call.output(), rows: rows, channels: channels, inner: inner, scale: scales, shift: shifts, isa: isa,
        pool: call.pool)
    }
  }

  /// Each channel's factor and shift, from the statistics given or found, then every plane once.
  private static func doubleBatch(_ site: BatchSite) -> Preparation {
    let (rows, channels, inner, epsilon, weight, isTraining, outputs, isa) = (
      site.rows, site.channels, site.inner, site.epsilon, site.weight, site.isTraining, site.outputs, site.isa
    )
    return .run(scratchByteCount: 24 * channels, inPlaceInputs: [0]) { call in
      let means = unsafe call.scratch.assumingMemoryBound(to: Double.self)
      let (factors, shifts) = unsafe (means + channels, means + 2 * channels)
      let (scale, bias) = unsafe (call.input(1, as: Double.self), call.input(2, as: Double.self))
      let (mean, variance) = unsafe (call.input(3, as: Double.self), call.input(4, as: Double.self))
      func set(_ channel: Int, _ mean: Double, _ variance: Double) {
        unsafe means[channel] = mean
        unsafe factors[channel] = scale[channel] / (variance + epsilon).squareRoot()
        unsafe shifts[channel] = bias[channel]
      }
      if isTraining {
        let runningMean = unsafe outputs.count > 1 && outputs[1] ? call.output(1, as: Double.self) : nil
        let runningVariance = unsafe outputs.count > 2 && outputs[2] ? call.output(2, as: Double.self) : nil
        unsafe ChannelMoments.run(
          call.input(0, as: Double.self), outer: rows, channels: channels, inner: inner, isa: isa, pool: call.pool
        ) { channel, m, v in
          unsafe runningMean?[channel] = mean[channel] * weight + m * (1 - weight)
          unsafe runningVariance?[channel] = variance[channel] * weight + v * (1 - weight)
          set(channel, m, v)
        }
      } else {
        for channel in 0..<channels { unsafe set(channel, mean[channel], variance[channel]) }
      }
      unsafe Self.map(call, rows, channels, inner, means: means, factors: factors, shifts: shifts, isa)
    }
  }

  /// y = (x - mean) · factor + shift, each one for a channel of [rows, channels, inner]; without shifts 0.
  private static func map<T: LayerElement>(
    _ call: borrowing KernelCall, _ rows: Int, _ channels: Int, _ inner: Int, means: UnsafePointer<T>, factors: UnsafePointer<T>,
    shifts: UnsafePointer<T>?, _ isa: ISA
  ) {
    let (source, target) = unsafe (call.input(0, as: T.self), call.output(0, as: T.self))
    if inner == 1 {
      call.pool.parallelFor(count: rows, grain: max(1, 16384 / channels)) { range in
        for row in range {
          let (from, to) = unsafe (source + row * channels, target + row * channels)
          if let shifts = unsafe shifts {
            for index in 0..<channels { unsafe to[index] = (from[index] - means[index]) * factors[index] + shifts[index] }
          } else {
            for index in 0..<channels { unsafe to[index] = (from[index] - means[index]) * factors[index] }
          }
        }
      }
      return
    }
    call.pool.parallelFor(count: rows * channels, grain: max(1, 16384 / inner)) { range in
      for plane in range {
        let (channel, at) = (plane % channels, plane * inner)
        unsafe T.map(
          source + at, target + at, inner, mean: means[channel], factor: factors[channel], shift: shifts?[channel] ?? 0, isa: isa)
      }
    }
  }

  private static func rootMeanSquare(_ op: RMSNormalization, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, x.rank > 0 else { return .declined("the input has no axis") }
    let axis = try Shape.normalize(axis: op.axis, rank: x.rank)
    let (rows, count) = (x[..<axis].reduce(1, *), x[axis...].reduce(1, *))
    guard query.input(1)?.shape.covers(x, from: axis) ?? false else { return .declined("the scale is broadcast along the normalized axes") }
    let (epsilon, isa) = (op.epsilon, query.isa)
    return .run(inPlaceInputs: [0]) { call in
      unsafe Normalization.rootMeanSquare(
        call.input(0), call.output(), rows: rows, count: count, epsilon: epsilon, scale: call.optionalInput(1), isa: isa, pool: call.pool)
    }
  }

  /// Where the axes that stay are neighbours: the moments of channels of a [outer, channels, inner] block.
  private static func meanVariance<T: LayerElement>(
    _ op: MeanVarianceNormalization, _ query: KernelQuery, _ type: T.Type
  ) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, x.elementCount > 0 else { return .declined(isEmpty) }
    var reduced: Set<Int> = []
    for axis in op.axes { reduced.insert(try Shape.normalize(axis: axis, rank: x.rank)) }
    let kept = x.indices.filter { !reduced.contains($0) && x[$0] != 1 }
    let first = kept.first ?? 0
    let end = kept.last.map { $0 + 1 } ?? 0
    guard (first..<end).allSatisfy({ kept.contains($0) || x[$0] == 1 }) else { return .declined("the axes that stay are no neighbours") }
    let (outer, channels, inner) = (x[..<first].reduce(1, *), x[first..<end].reduce(1, *), x[end...].reduce(1, *))
    let isa = query.isa
    return .run(scratchByteCount: 2 * MemoryLayout<T>.stride * channels, inPlaceInputs: [0]) { call in
      let scales = unsafe call.scratch.assumingMemoryBound(to: T.self)
      let means = unsafe scales + channels
      unsafe ChannelMoments.run(
        call.input(0, as: T.self), outer: outer, channels: channels, inner: inner, isa: isa, pool: call.pool
      ) { channel, mean, variance in
        unsafe scales[channel] = T(1 / (variance.squareRoot() + 1e-9))
        unsafe means[channel] = T(mean)
      }
      unsafe Self.map(call, outer, channels, inner, means: means, factors: scales, shifts: nil, isa)
    }
  }

  /// Columns of one task.
  private static let columns = 256

  private static func localResponse<T: LayerElement>(
    _ op: LRN, _ query: KernelQuery, _ type: T.Type, _ power: @escaping @Sendable (T, T) -> T
  ) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, x.rank >= 2, x.elementCount > 0 else { return .declined(isEmpty) }
    let (batch, channels, plane) = (x[0], x[1], x.dropFirst(2).reduce(1, *))
    let (before, behind) = ((op.size - 1) / 2, op.size / 2)
    let (bias, factor, beta) = (T(op.bias), T(op.alpha) / T(op.size), T(op.beta))
    let pieces = (plane + columns - 1) / columns
    return .run { call in
      let (source, target) = unsafe (call.input(0, as: T.self), call.output(0, as: T.self))
      call.pool.parallelFor(count: batch * channels * pieces, grain: max(1, 4096 / min(plane, columns))) { range in
        unsafe withUnsafeTemporaryAllocation(of: T.self, capacity: columns) { sums in
          for task in range {
            let (row, piece) = task.quotientAndRemainder(dividingBy: pieces)
            let (channel, start) = (row % channels, piece * columns)
            let count = min(columns, plane - start)
            let at = row * plane + start
            for index in 0..<count { unsafe sums[index] = 0 }
            for neighbour in channel - min(channel, before)...channel + min(channels - 1 - channel, behind) {
              let from = unsafe source + (at + (neighbour - channel) * plane)
              for index in 0..<count { unsafe sums[index] += from[index] * from[index] }
            }
            if beta == 0.75 {
              for index in 0..<count {
                let root = unsafe (bias + factor * sums[index]).squareRoot()
                unsafe target[at + index] = source[at + index] / (root * root.squareRoot())
              }
            } else {
              for index in 0..<count { unsafe target[at + index] = source[at + index] / power(bias + factor * sums[index], beta) }
            }
          }
        }
      }
    }
  }
}
