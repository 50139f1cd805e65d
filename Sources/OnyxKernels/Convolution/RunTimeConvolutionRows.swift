import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 convolutions whose weights are only known in the run: packed there, then run as those with constant weights.
///
/// SAFETY: the weights have the element count of `layout`, which the shape rule checked; see `KernelCall`.
enum RunTimeConvolutionRows {
  static let convolution = KernelRow("conv_f32_run_packed", ["Conv"], .float32) { (conv: Conv, query) throws(OnyxError) in
    try convolution(query, conv, activation: .none)
  }

  static let fused = KernelRow("fused_conv_f32_run_packed", ["FusedConv"], domain: "onyx", .float32) {
    (fused: FusedConv, query) throws(OnyxError) in
    let activation = Activation(fused.activation)
    guard query.input(3) != nil else { return try convolution(query, fused.conv, activation: activation) }
    return try convolution(query, fused.conv, activation: .none).addingResidual(query, activation)
  }

  private static func convolution(_ query: KernelQuery, _ conv: Conv, activation: Activation) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, let w = query.input(1)?.shape, x.elementCount > 0, w.elementCount > 0 else {
      return .declined("the input or the weights are empty")
    }
    let layout = try ConvolutionLayout(conv.window, group: conv.group, input: x, weights: w)
    guard let geometry = WindowExtents(layout.geometry), geometry.isProportionate(planes: layout.channels, elements: x.elementCount) else {
      return .declined(WindowExtents.outOfProportion)
    }
    let (isa, batch, filters) = (query.isa, layout.batch, layout.filters)
    return .run { (call) throws(OnyxError) in
      let packed = try unsafe PackedConvolution(
        weights: call.input(1), bias: call.optionalInput(2), outputChannels: filters, channelsPerGroup: layout.channels,
        groups: layout.groups, kernel: geometry.kernel, pixels: geometry.outputCount, isa: isa, pool: call.pool)
      unsafe Convolution(geometry: geometry, weights: packed).run(
        call.input(0), call.output(), batch: batch, activation: activation, pool: call.pool)
    }
  }

  static let transposed = KernelRow("conv_transpose_f32_run_packed", ["ConvTranspose"], .float32) {
    (op: ConvTranspose, query) throws(OnyxError) in
    guard let x = query.input(0)?.shape, let y = query.outputs[0]?.shape, let w = query.input(1)?.shape, x.elementCount > 0,
      y.elementCount > 0, w.elementCount > 0
    else { return .declined("the input, the weights or the output are empty") }
    guard let geometry = WindowExtents(try op.geometry(input: Array(x[2...]), kernel: Array(w[2...]))) else {
      return .declined(WindowExtents.outOfProportion)
    }
    let (groups, isa) = (op.group, query.isa)
    let (channels, filters) = (x[1] / groups, w[1])
    let rows = filters * geometry.tapCount
    let (scratch, overflow) = rows.multipliedReportingOverflow(by: geometry.outputCount)
    guard !overflow, scratch <= 1 << 26 else { return .declined("the product before its overlap would take over 256 MB") }
    let count = PackedMatrix.floatCount(.rows, lanes: rows, depth: channels, isa: isa)
    let batch = x[0]
    return .run(borrowedByteCount: scratch * MemoryLayout<Float>.stride) { (call) throws(OnyxError) in
      let weights = unsafe call.input(1, as: Float.self)
      let packed = try unsafe PackedFloats(count: count * groups) { target in
        for group in 0..<groups {
          let source = unsafe Matrix(weights + group * channels * rows, rowStride: rows)
          unsafe PackedMatrix.pack(
            .rows, source.transposed, lanes: rows, depth: channels, isa: isa, into: target + group * count, call.pool)
        }
      }
      let bias = unsafe call.optionalInput(2, as: Float.self)
      let kernel = TransposedConvolution(
        geometry: geometry,
        weights: (0..<groups).map { PackedMatrix(.rows, lanes: rows, depth: channels, isa: isa, in: packed, at: $0 * count) },
        bias: (0..<filters * groups).map { unsafe bias?[$0] ?? 0 }, channels: channels, filters: filters, isa: isa)
      unsafe kernel.run(call.input(0), call.output(), batch: batch, pool: call.pool)
    }
  }
}
