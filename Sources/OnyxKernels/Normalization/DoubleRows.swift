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

/// Float64 softmax and normalizations.
///
/// SAFETY: see `KernelCall`; tasks own whole rows, or whole columns of a block.
enum DoubleRows {
  static let all = [
    KernelRow("softmax_f64", ["Softmax", "LogSoftmax"], .everywhere([.float64]), softmax),
    KernelRow("layer_normalization_f64", ["LayerNormalization"], .input(0, [.float64]), layer),
    KernelRow("rms_normalization_f64", ["RMSNormalization"], .everywhere([.float64]), rootMeanSquare),
  ]

  private static func softmax(_ op: AxisNormalizer, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, x.rank > 0, x.elementCount > 0 else { return .declined("the input is empty or has no axis") }
    let isLogarithm: Bool
    switch op.function {
    case .softmax: isLogarithm = false
    case .logSoftmax: isLogarithm = true
    default: return .declined("the function is another one")
    }
    let axis = try Shape.normalize(axis: op.axis, rank: x.rank)
    let (outer, count, inner) = (x[..<axis].reduce(1, *), x[axis], x[(axis + 1)...].reduce(1, *))
    return .run(inPlaceInputs: [0]) { call in
      let (source, target) = unsafe (call.input(0, as: Double.self), call.output(0, as: Double.self))
      call.pool.parallelFor(count: outer * inner, grain: max(1, 2048 / count)) { range in
        for line in range {
          let (block, column) = line.quotientAndRemainder(dividingBy: inner)
          let start = block * count * inner + column
          unsafe softmaxLine(source + start, target + start, count, inner, isLogarithm)
        }
      }
    }
  }

  private static func softmaxLine(
    _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ count: Int, _ step: Int, _ isLogarithm: Bool
  ) {
    var top = unsafe x[0]
    for index in 1..<max(1, count) { unsafe top = top >= x[index &* step] || top.isNaN ? top : x[index &* step] }
    var sum = 0.0
    for index in 0..<count {
      let shifted = unsafe x[index &* step] - top
      let power = exp(shifted)
      sum += power
      unsafe y[index &* step] = isLogarithm ? shifted : power
    }
    if isLogarithm {
      let logarithm = log(sum)
      for index in 0..<count { unsafe y[index &* step] -= logarithm }
    } else {
      for index in 0..<count { unsafe y[index &* step] /= sum }
    }
  }

  private static func layer(_ op: LayerNormalization, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard query.outputs.count == 1 else { return .declined("mean or deviation is asked for") }
    guard let x = query.input(0)?.shape, x.rank > 0, x.elementCount > 0 else { return .declined("the input is empty or has no axis") }
    let axis = try Shape.normalize(axis: op.axis, rank: x.rank)
    let (rows, count) = (x[..<axis].reduce(1, *), x[axis...].reduce(1, *))
    guard query.input(1)?.shape.covers(x, from: axis) ?? false, query.input(2)?.shape.covers(x, from: axis) ?? true else {
      return .declined("scale or bias is broadcast along the normalized axes")
    }
    let epsilon = Double(op.epsilon)
    return .run { call in
      let (source, target, scale) = unsafe (
        call.input(0, as: Double.self), call.output(0, as: Double.self), call.input(1, as: Double.self)
      )
      let shift = unsafe call.optionalInput(2, as: Double.self)
      call.pool.parallelFor(count: rows, grain: max(1, 8192 / count)) { range in
        for row in range {
          let (from, to) = unsafe (source + row * count, target + row * count)
          // Counted from the first element, so that equal elements have exactly their value as the mean.
          let origin = unsafe from[0].isFinite ? from[0] : 0
          let mean = origin + sum(count) { unsafe from[$0] - origin } / Double(count)
          let variance = sum(count) { unsafe (from[$0] - mean) * (from[$0] - mean) } / Double(count)
          let factor = 1 / (variance + epsilon).squareRoot()
          if let shift = unsafe shift {
            for index in 0..<count { unsafe to[index] = (from[index] - mean) * factor * scale[index] + shift[index] }
          } else {
            for index in 0..<count { unsafe to[index] = (from[index] - mean) * factor * scale[index] }
          }
        }
      }
    }
  }

  private static func rootMeanSquare(_ op: RMSNormalization, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, x.rank > 0, x.elementCount > 0 else { return .declined("the input is empty or has no axis") }
    let axis = try Shape.normalize(axis: op.axis, rank: x.rank)
    let (rows, count) = (x[..<axis].reduce(1, *), x[axis...].reduce(1, *))
    guard query.input(1)?.shape.covers(x, from: axis) ?? false else { return .declined("the scale is broadcast along the normalized axes") }
    let epsilon = Double(op.epsilon)
    return .run(inPlaceInputs: [0]) { call in
      let (source, target, scale) = unsafe (
        call.input(0, as: Double.self), call.output(0, as: Double.self), call.input(1, as: Double.self)
      )
      call.pool.parallelFor(count: rows, grain: max(1, 8192 / count)) { range in
        for row in range {
          let (from, to) = unsafe (source + row * count, target + row * count)
          let squares = sum(count) { unsafe from[$0] * from[$0] }
          let root = (squares / Double(count) + epsilon).squareRoot()
          for index in 0..<count { unsafe to[index] = from[index] / root * scale[index] }
        }
      }
    }
  }

  /// Four chains of sums, joined in order: the order depends on the count alone.
  @inline(__always) private static func sum(_ count: Int, _ term: (Int) -> Double) -> Double {
    var sums = SIMD4<Double>(repeating: 0)
    var index = 0
    while index + 4 <= count {
      sums += SIMD4(term(index), term(index + 1), term(index + 2), term(index + 3))
      index += 4
    }
    while index < count {
      sums[0] += term(index)
      index += 1
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3])
  }
}
