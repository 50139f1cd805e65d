import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 transposed convolutions with constant weights, and those of single channels.
///
/// SAFETY: the weights have channels · filters · taps elements, which the shape rule checked.
enum TransposedConvolutionRows {
  static let depthwise = KernelRow("conv_transpose_depthwise_f32", ["ConvTranspose"], .float32) {
    (op: ConvTranspose, query) throws(OnyxError) in try depthwise(op, query, Float.self)
  }

  static let doubleDepthwise = KernelRow("conv_transpose_depthwise_f64", ["ConvTranspose"], .everywhere([.float64])) {
    (op: ConvTranspose, query) throws(OnyxError) in try depthwise(op, query, Double.self)
  }

  private static func depthwise<T: LayerElement>(
    _ op: ConvTranspose, _ query: KernelQuery, _ type: T.Type
  ) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, let y = query.outputs[0]?.shape, let w = query.input(1)?.shape, x.elementCount > 0,
      y.elementCount > 0, w.elementCount > 0
    else { return .declined("the input, the weights or the output are empty") }
    guard x[1] == op.group, x[1] > 1 else { return .declined("a group has several channels, or there is one channel") }
    guard let kernel = TransposedDepthwise(try op.geometry(input: Array(x[2...]), kernel: Array(w[2...])), isa: query.isa) else {
      return .declined(WindowExtents.outOfProportion)
    }
    let (batch, channels, multiplier) = (x[0], x[1], w[1])
    return .run { call in
      unsafe kernel.run(
        call.input(0, as: T.self), call.input(1), bias: call.optionalInput(2), call.output(), batch: batch, channels: channels,
        multiplier: multiplier, pool: call.pool)
    }
  }

  static let product = KernelRow("conv_transpose_f32_product", ["ConvTranspose"], .float32) {
    (op: ConvTranspose, query) throws(OnyxError) in
    guard let w = query.constant(1), w.elementCount > 0, query.isFixed(2) else { return .declined(Preparation.needsConstantWeights) }
    guard let x = query.input(0)?.shape, let y = query.outputs[0]?.shape, x.elementCount > 0, y.elementCount > 0 else {
      return .declined("the input or the output is empty")
    }
    guard let geometry = WindowExtents(try op.geometry(input: Array(x[2...]), kernel: Array(w.shape[2...]))) else {
      return .declined(WindowExtents.outOfProportion)
    }
    let (groups, isa) = (op.group, query.isa)
    let (channels, filters) = (x[1] / groups, w.shape[1])
    let rows = filters * geometry.tapCount
    let (scratch, overflow) = rows.multipliedReportingOverflow(by: geometry.outputCount)
    guard !overflow, scratch <= 1 << 26 else { return .declined("the product before its overlap would take over 256 MB") }
    let count = PackedMatrix.floatCount(.rows, lanes: rows, depth: channels, isa: isa)
    let packed = unsafe query.packedFloats("transposed_\(isa.name)", count: count * groups, from: [w]) { target, sources, pool in
      for group in 0..<groups {
        let source = unsafe Matrix(sources[0] + group * channels * rows, rowStride: rows)
        unsafe PackedMatrix.pack(.rows, source.transposed, lanes: rows, depth: channels, isa: isa, into: target + group * count, pool)
      }
    }
    let kernel = TransposedConvolution(
      geometry: geometry,
      weights: (0..<groups).map { PackedMatrix(.rows, lanes: rows, depth: channels, isa: isa, in: packed, at: $0 * count) },
      bias: try query.constant(2)?.elements(as: Float.self) ?? Array(repeating: 0, count: filters * groups), channels: channels,
      filters: filters, isa: isa)
    let batch = x[0]
    return .run(borrowedByteCount: scratch * MemoryLayout<Float>.stride, absorbedInputs: [1, 2]) { call in
      unsafe kernel.run(call.input(0), call.output(), batch: batch, pool: call.pool)
    }
  }
}
