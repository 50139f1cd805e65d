import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 transposed convolutions with constant weights.
///
/// SAFETY: the weights have channels · filters · taps elements, which the shape rule checked.
extension KernelTable {
  static let transposedConvolutionRows = [
    KernelRow("conv_transpose_f32_product", ["ConvTranspose"]) { (query) throws(OnyxError) in
      guard let op = query.op as? ConvTranspose, query.isAll(.float32), let x = query.input(0)?.shape, let w = query.constant(1),
        let y = query.outputs[0]?.shape, x.elementCount > 0, w.elementCount > 0, y.elementCount > 0,
        query.input(2) == nil || query.constant(2) != nil,
        let geometry = WindowExtents(try op.geometry(input: Array(x[2...]), kernel: Array(w.shape[2...])))
      else { return nil }
      let (groups, isa) = (op.group, query.isa)
      let (channels, filters) = (x[1] / groups, w.shape[1])
      let rows = filters * geometry.tapCount
      let (scratch, overflow) = rows.multipliedReportingOverflow(by: geometry.outputCount)
      guard !overflow, scratch <= 1 << 26 else { return nil }
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
        bias: query.constant(2).map { floats($0) } ?? Array(repeating: 0, count: filters * groups), channels: channels, filters: filters,
        isa: isa)
      let batch = x[0]
      return PreparedKernel(absorbedInputs: [1, 2]) { call in
        unsafe kernel.run(call.input(0), call.output(), batch: batch, pool: call.pool)
      }
    }
  ]
}
