import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float64 convolutions, and Col2Im.
///
/// SAFETY: see `KernelCall`; the shape rules have checked the sizes of weights and columns.
enum DoubleConvolutionRows {
  static let all = [
    KernelRow("conv_f64", ["Conv"], .everywhere([.float64]), convolution),
    KernelRow("conv_transpose_f64", ["ConvTranspose"], .everywhere([.float64]), transposed),
    KernelRow("col2im_overlap", ["Col2Im"], .input(0, [.float32, .float64, .int32, .int64, .uint32, .uint64]), columns),
  ]

  private static func convolution(_ conv: Conv, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, let w = query.input(1)?.shape, x.elementCount > 0, w.elementCount > 0 else {
      return .declined("the input or the weights are empty")
    }
    let layout = try ConvolutionLayout(conv.window, group: conv.group, input: x, weights: w)
    guard let geometry = WindowExtents(layout.geometry), geometry.isProportionate(planes: layout.channels, elements: x.elementCount) else {
      return .declined(WindowExtents.outOfProportion)
    }
    let convolution = DoubleConvolution(
      geometry, batch: layout.batch, groups: layout.groups, channels: layout.channels, filters: layout.filters,
      hasBias: query.input(2) != nil, isa: query.isa)
    guard let count = convolution.scratchCount, count <= Int.max / 16 else { return .declined(WindowExtents.outOfProportion) }
    return .run(scratchByteCount: count * MemoryLayout<Double>.stride) { call in
      unsafe convolution.run(
        call.input(0), call.input(1), bias: call.optionalInput(2), call.output(),
        scratch: call.scratch.assumingMemoryBound(to: Double.self),
        pool: call.pool)
    }
  }

  /// One product for each image and group gives what every element adds to its window; then each plane adds its taps up.
  private static func transposed(_ op: ConvTranspose, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, let w = query.input(1)?.shape, let y = query.outputs[0]?.shape, x.elementCount > 0,
      y.elementCount > 0, w.elementCount > 0
    else { return .declined("the input, the weights or the output are empty") }
    let geometry = try op.geometry(input: Array(x[2...]), kernel: Array(w[2...]))
    guard WindowExtents(geometry) != nil, let overlap = WindowOverlap(geometry, .float64, isa: query.isa) else {
      return .declined(WindowExtents.outOfProportion)
    }
    let (groups, channels, filters) = (op.group, x[1] / op.group, w[1])
    let (rows, windows, plane) = (filters * overlap.taps, overlap.windows, overlap.plane)
    let (count, overflow) = rows.multipliedReportingOverflow(by: windows)
    guard !overflow, count <= 1 << 25 else { return .declined("the product before its overlap would take over 256 MB") }
    let product = TypedProduct(
      rows: rows, columns: windows, depth: channels, left: .init(rowStride: 1, columnStride: rows, offsets: [0]),
      right: .init(rowStride: windows, columnStride: 1, offsets: [0]), resultOffsets: [0], resultStride: windows,
      type: Int(ONYX_TYPED_GEMM_F64), width: MemoryLayout<Double>.stride, isa: query.isa)
    guard let scratch = product.scratchByteCount else { return .declined("the packed matrix would not fit in memory") }
    let jobs = x[0] * groups
    return .run(scratchByteCount: scratch + count * MemoryLayout<Double>.stride) { call in
      let (x, w, y) = unsafe (call.input(0, as: Double.self), call.input(1, as: Double.self), call.output(0, as: Double.self))
      let bias = unsafe call.optionalInput(2, as: Double.self)
      let sums = unsafe call.scratch.assumingMemoryBound(to: Double.self)
      for job in 0..<jobs {
        let group = job % groups
        unsafe product.run(
          w + group * channels * rows, x + job * channels * windows, sums, scratch: call.scratch + count * MemoryLayout<Double>.stride,
          pool: call.pool)
        call.pool.parallelFor(count: filters, grain: max(1, 16384 / max(overlap.taps * windows, 1))) { range in
          for filter in range {
            let target = unsafe y + (job * filters + filter) * plane
            unsafe target.update(repeating: bias?[group * filters + filter] ?? 0, count: plane)
            unsafe overlap.add(sums + filter * overlap.taps * windows, into: target)
          }
        }
      }
    }
  }

  private static func columns(_ op: Col2Im, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), let y = query.outputs[0]?.shape, y.rank > 2, y.elementCount > 0, x.shape.elementCount > 0 else {
      return .declined("the columns or the image are empty")
    }
    guard let block = try query.constant(2)?.ints() else { return .declined("the block shape is only known in the run") }
    let geometry = try op.geometry(image: Array(y.dropFirst(2)), block: block)
    guard let overlap = WindowOverlap(geometry, x.elementType, isa: query.isa) else { return .declined("there are no spatial axes") }
    let (planes, bytes) = (y[0] * y[1], overlap.plane * overlap.width)
    let columns = overlap.taps * overlap.windows
    return .run { call in
      let (x, y) = unsafe (call.input(0, as: UInt8.self), call.output(0, as: UInt8.self))
      call.pool.parallelFor(count: planes, grain: max(1, 16384 / max(columns, 1))) { range in
        for index in range {
          let target = unsafe y + index * bytes
          unsafe target.update(repeating: 0, count: bytes)
          unsafe overlap.add(x + index * columns * overlap.width, into: target)
        }
      }
    }
  }
}
