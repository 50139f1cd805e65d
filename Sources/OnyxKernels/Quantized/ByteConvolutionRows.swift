import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Convolutions of bytes with constant weights.
///
/// SAFETY: see `KernelCall`.
enum ByteConvolutionRows {
  static let qLinear = KernelRow("qlinear_conv_int8_packed", ["QLinearConv"], .bytes) { (conv: QLinearConv, query) throws(OnyxError) in
    guard let y = query.outputs[0], query.inputs.count >= 8, let numbers = try QuantizedConvolutionNumbers(query) else {
      return .declined("scales, zero points or bias are no constants, or not finite")
    }
    guard let prepared = try byteConvolution(query, conv.window, conv.group, weights: 3, zeroPoint: 5) else { return .declined(needs) }
    let filters = prepared.filters
    guard filters.sumsFit(numbers.bias) else { return .declined("a sum could leave int32") }
    var epilogue = ByteEpilogue(.bytes)
    epilogue.rowScale = numbers.factors.count == 1 ? Array(repeating: numbers.factors[0], count: filters.filters) : numbers.factors
    epilogue.zeroPoint = numbers.outputZeroPoint
    epilogue.isSigned = y.elementType == .int8
    let isSigned = query.input(0)?.elementType == .int8
    epilogue.rowBias = filters.bias(adding: numbers.bias, zeroPoint: numbers.inputZeroPoint, isSigned: isSigned)
    let (final, batch, zeroPoint) = (epilogue, prepared.batch, numbers.inputZeroPoint)
    return .run(absorbedInputs: Array(1..<query.inputs.count)) { call in
      unsafe prepared.convolution.run(
        call.input(0), isSigned: isSigned, zeroPoint: zeroPoint, call.output(), batch: batch, epilogue: final, pool: call.pool)
    }
  }

  static let integer = KernelRow("conv_integer_int8_packed", ["ConvInteger"], .bytes) { (conv: ConvInteger, query) throws(OnyxError) in
    guard query.input(2).map({ $0.shape.elementCount == 1 }) ?? true else { return .declined("x has several zero points") }
    guard let prepared = try byteConvolution(query, conv.window, conv.group, weights: 1, zeroPoint: 3) else { return .declined(needs) }
    let isSigned = query.input(0)?.elementType == .int8
    return .run(absorbedInputs: [1, 3]) { call in
      let zeroPoint = unsafe ByteEpilogue.byte(call.optionalInput(2), isSigned: isSigned)
      var epilogue = ByteEpilogue(.sums)
      epilogue.rowBias = prepared.filters.bias(adding: [], zeroPoint: zeroPoint, isSigned: isSigned)
      unsafe prepared.convolution.run(
        call.input(0), isSigned: isSigned, zeroPoint: zeroPoint, call.output(), batch: prepared.batch, epilogue: epilogue, pool: call.pool
      )
    }
  }

  private static let needs = "weights or their zero point are no constants, something is empty, or the window is out of proportion"

  /// The geometry and packed weights that QLinearConv and ConvInteger share; nil when a fast kernel does not serve.
  private static func byteConvolution(
    _ query: KernelQuery, _ window: WindowAttributes, _ group: Int, weights: Int, zeroPoint: Int
  ) throws(OnyxError) -> (convolution: ByteConvolution, filters: ByteFilters, batch: Int)? {
    guard let x = query.input(0)?.shape, let w = query.constant(weights), w.elementCount > 0, x.elementCount > 0 else { return nil }
    guard query.isFixed(zeroPoint) else { return nil }
    let layout = try ConvolutionLayout(window, group: group, input: x, weights: w.shape)
    guard let geometry = WindowExtents(layout.geometry), geometry.isProportionate(planes: layout.channels, elements: x.elementCount) else {
      return nil
    }
    let filters = try query.packed("conv_int8_\(query.isa.mask)") { (_) throws(OnyxError) in
      let points = try query.constant(zeroPoint)?.integers().map { Int32($0) } ?? [0]
      return try ByteFilters(w, zeroPoints: points, channelsPerGroup: layout.channels, groups: layout.groups, isa: query.isa)
    }
    return (ByteConvolution(geometry: geometry, weights: filters), filters, layout.batch)
  }
}

/// The constant numbers of a QLinearConv.
struct QuantizedConvolutionNumbers {
  let inputZeroPoint, outputZeroPoint: Int32
  /// x_scale · w_scale / y_scale, one or one for each filter.
  let factors: [Float]
  /// Empty for none.
  let bias: [Int32]

  /// nil unless all are constants and the factors finite.
  init?(_ query: KernelQuery) throws(OnyxError) {
    guard query.isFixed(8) else { return nil }
    guard let xScale = try query.constant(1)?.elements(as: Float.self).first, let xPoint = try query.constant(2)?.integers().first,
      let wScales = try query.constant(4)?.elements(as: Float.self), let yScale = try query.constant(6)?.elements(as: Float.self).first,
      let yPoint = try query.constant(7)?.integers().first
    else { return nil }
    factors = wScales.map { xScale * $0 / yScale }
    guard !factors.isEmpty, factors.allSatisfy({ $0.isFinite }) else { return nil }
    inputZeroPoint = Int32(xPoint)
    outputZeroPoint = Int32(yPoint)
    bias = try query.constant(8)?.elements(as: Int32.self) ?? []
  }
}

extension ByteFilters {
  /// What is added to the sums of each filter: its bias, and what the zero points add over all taps.
  func bias(adding bias: [Int32], zeroPoint: Int32, isSigned: Bool) -> [Int32] {
    guard !isDirect else { return bias }
    let point = isSigned ? zeroPoint + 128 : zeroPoint
    return (0..<filters).map { filter in
      let sum = matrices[filter / filtersPerGroup].sums[filter % filtersPerGroup]
      let own = zeroPoints.isEmpty ? 0 : Int32(truncatingIfNeeded: depth) &* point &* zeroPoints[filter]
      return (bias.isEmpty ? 0 : bias[filter]) &- point &* sum &+ own
    }
  }

  /// Whether no sum with its bias leaves int32.
  func sumsFit(_ bias: [Int32]) -> Bool { Self.sumsFit(depth: depth, bias) }

  static func sumsFit(depth: Int, _ bias: [Int32]) -> Bool {
    let greatest = bias.reduce(0) { max($0, Int($1.magnitude)) }
    return depth < 1 << 20 && greatest + depth * 255 * 255 < 1 << 31
  }
}
