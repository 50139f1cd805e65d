import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 deformable convolutions of images with constant weights.
///
/// SAFETY: the weights have filters · channels · taps elements, which the shape rule checked.
enum DeformedConvolutionRows {
  static let gathered = KernelRow("deform_conv_f32_gathered", ["DeformConv"], .float32) { (op: DeformConv, query) throws(OnyxError) in
    guard let w = query.constant(1), w.elementCount > 0, query.isFixed(3) else { return .declined(Preparation.needsConstantWeights) }
    guard let x = query.input(0)?.shape, let y = query.outputs[0]?.shape, x.elementCount > 0, y.elementCount > 0 else {
      return .declined("the input or the output is empty")
    }
    guard x.rank == 4 else { return .declined("there are not two spatial axes") }
    let geometry = try op.window.geometry(input: Array(x[2...]), kernel: Array(w.shape[2...]))
    guard WindowExtents(geometry) != nil else { return .declined(WindowExtents.outOfProportion) }
    let (isa, taps) = (query.isa, w.shape[2] * w.shape[3])
    let cells = DeformedConvolution.Cells(channels: x[1], groups: op.group, offsetGroups: op.offsetGroup)
    guard let blocks = DeformedConvolution.blockCount(cells, plane: x[2] * x[3]) else {
      return .declined("blocks of the channels of a group are out of proportion to them")
    }
    let (filters, depth) = (y[1] / op.group, DeformedConvolution.depth(cells, taps: taps))
    let count = PackedMatrix.floatCount(.columns, lanes: filters, depth: depth, isa: isa)
    let packed = unsafe query.packedFloats("deformed_\(isa.name)", count: count * op.group, from: [w]) { target, sources, pool in
      for group in 0..<op.group {
        let rows = unsafe ordered(sources[0] + group * filters * cells.perGroup * cells.channels * taps, cells, filters, taps)
        unsafe rows.withUnsafeBufferPointer { rows in
          let matrix = unsafe Matrix(rows.baseAddress!, rowStride: depth).transposed
          unsafe PackedMatrix.pack(.columns, matrix, lanes: filters, depth: depth, isa: isa, into: target + group * count, pool)
        }
      }
    }
    let kernel = DeformedConvolution(
      rows: geometry.axes[0], columns: geometry.axes[1], channels: x[1], groups: op.group, offsetGroups: op.offsetGroup, filters: filters,
      weights: (0..<op.group).map { PackedMatrix(.columns, lanes: filters, depth: depth, isa: isa, in: packed, at: $0 * count) },
      bias: try query.constant(3)?.elements(as: Float.self) ?? Array(repeating: 0, count: y[1]), isa: isa)
    let batch = x[0]
    return .run(borrowedByteCount: blocks * MemoryLayout<Float>.stride, absorbedInputs: [1, 3]) { call in
      unsafe kernel.run(call.input(0), offsets: call.input(2), mask: call.optionalInput(4), call.output(), batch: batch, pool: call.pool)
    }
  }

  /// The filters of one group, [filter][tap][cell][lane], zeros in the lanes past a cell.
  private static func ordered(_ w: UnsafePointer<Float>, _ cells: DeformedConvolution.Cells, _ filters: Int, _ taps: Int) -> [Float] {
    let (depth, lanes) = (DeformedConvolution.depth(cells, taps: taps), cells.blocks * ChannelBlocks.size)
    let channels = cells.perGroup * cells.channels
    var rows = [Float](repeating: 0, count: filters * depth)
    for filter in 0..<filters {
      for channel in 0..<channels {
        let (cell, lane) = channel.quotientAndRemainder(dividingBy: cells.channels)
        for tap in 0..<taps {
          rows[filter * depth + (tap * cells.perGroup + cell) * lanes + lane] = unsafe w[(filter * channels + channel) * taps + tap]
        }
      }
    }
    return rows
  }
}
