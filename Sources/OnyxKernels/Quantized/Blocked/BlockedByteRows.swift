import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Bytes in channel blocks: reorders at the borders of a region, convolutions and maxima inside.
///
/// SAFETY: see `KernelCall`.
enum BlockedByteRows {
  static let all = [
    KernelRow("block_channels_int8", ["BlockChannels"], domain: "onyx", .bytes) { (query) throws(OnyxError) in
      guard let plain = query.input(0)?.shape, let reorder = ChannelReorder(plain, query.isa) else { return .declined(noSpatialAxis) }
      if reorder.isView { return .view(of: 0) }
      return .run { call in unsafe reorder.block(call.input(0, as: UInt8.self), call.output(), pool: call.pool) }
    },
    KernelRow("unblock_channels_int8", ["UnblockChannels"], domain: "onyx", .bytes) { (query) throws(OnyxError) in
      guard let plain = query.outputs[0]?.shape, let reorder = ChannelReorder(plain, query.isa) else { return .declined(noSpatialAxis) }
      if reorder.isView { return .view(of: 0) }
      return .run { call in unsafe reorder.unblock(call.input(0, as: UInt8.self), call.output(), pool: call.pool) }
    },
    KernelRow("blocked_qlinear_conv_int8_direct", ["BlockedQLinearConv"], domain: "onyx", .bytes, direct),
    KernelRow("blocked_qlinear_conv_int8_depthwise", ["BlockedQLinearConv"], domain: "onyx", .bytes, depthwise),
    KernelRow("blocked_max_pool_int8", ["BlockedMaxPool"], domain: "onyx", .bytes, maximum),
  ]

  private static let z = BlockedQLinearConv.Input.z.rawValue
  private static let noSpatialAxis = "there is no spatial axis"
  private static let needs = "weights, scales, zero points or bias are no constants or not finite, or something is empty"

  /// What both kinds of convolution share; nil when a kernel does not serve.
  private struct Site {
    let x: TensorType
    let weights: Tensor
    let weightPoints: [Int32]
    let layout: ConvolutionLayout
    let geometry: WindowExtents
    let numbers: QuantizedConvolutionNumbers
    let isBlocked: Bool
    let scales: ByteScales
    let finish: ByteFinish
    /// The constants, which a kernel takes into itself.
    let absorbed: [Int]

    var isSigned: Bool { x.elementType == .int8 }

    init?(_ op: BlockedQLinearConv, _ query: KernelQuery) throws(OnyxError) {
      guard let x = query.input(0), let w = query.constant(3), w.shape.rank == 4, w.elementCount > 0, x.shape.elementCount > 0,
        let points = try query.constant(5)?.integers(), let y = query.outputs[0], let numbers = try QuantizedConvolutionNumbers(query),
        let finish = try ByteFinish(query)
      else { return nil }
      self.finish = finish
      absorbed = query.inputs.indices.filter { !ByteFinish.runTimeInputs.contains($0) }
      (self.x, weights, self.numbers) = (x, w, numbers)
      isBlocked = x.shape.rank == 5
      weightPoints = points.map { Int32($0) }
      let plain = isBlocked ? try Shape([x.shape[0], w.shape[1] * op.conv.group, x.shape[2], x.shape[3]]) : x.shape
      layout = try ConvolutionLayout(op.conv.window, group: op.conv.group, input: plain, weights: w.shape)
      guard let geometry = WindowExtents(layout.geometry), geometry.outputCount > 0 else { return nil }
      self.geometry = geometry
      scales = ByteScales(numbers, filters: w.shape[0], isSigned: y.elementType == .int8)
    }
  }

  private static func direct(_ op: BlockedQLinearConv, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let site = try Site(op, query) else { return .declined(needs) }
    let (layout, geometry, isa) = (site.layout, site.geometry, query.isa)
    guard layout.groups == 1 else { return .declined("there are \(layout.groups) groups") }
    let middle: Int32 = site.weights.elementType == .int8 ? 0 : 128
    guard site.weightPoints.allSatisfy({ $0 == middle }) else { return .declined("the weights are not symmetric") }
    guard ByteFilters.sumsFit(depth: layout.channels * geometry.tapCount, site.numbers.bias) else {
      return .declined("a sum could leave int32")
    }
    guard site.isBlocked || geometry.dilations[1] == 1 else { return .declined("kernel columns of a plain image are dilated") }
    guard geometry.isProportionate(planes: ChannelBlocks.count(layout.channels) * ChannelBlocks.size, elements: site.x.shape.elementCount)
    else { return .declined(WindowExtents.outOfProportion) }
    let isMoved = unsafe site.isSigned && isa.blocked_int8.group == 4
    let filters = try BlockedByteFilters(
      query, site.weights, channels: layout.channels, rows: geometry.kernel[0], isBlocked: site.isBlocked, bias: site.numbers.bias,
      zeroPoint: site.numbers.inputZeroPoint + (isMoved ? 128 : 0))
    let image = ByteImage(
      geometry, channels: layout.channels, isBlocked: site.isBlocked, runLength: filters.runLength, isSigned: site.isSigned, isa: isa)
    let convolution = BlockedByteConvolution(
      image, filters: filters, scales: site.scales, zeroPoint: site.numbers.inputZeroPoint, finish: site.finish, isa: isa)
    let batch = layout.batch
    return .run(absorbedInputs: site.absorbed) { call in
      unsafe convolution.run(call.input(0), z: call.optionalInput(z), call.output(), batch: batch, pool: call.pool)
    }
  }

  private static func depthwise(_ op: BlockedQLinearConv, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let site = try Site(op, query) else { return .declined(needs) }
    let layout = site.layout
    guard site.isBlocked, layout.channels == 1, layout.filters == layout.groups else { return .declined("it is not depthwise over blocks") }
    guard ByteFilters.sumsFit(depth: site.geometry.tapCount, site.numbers.bias),
      let convolution = try BlockedByteDepthwise(
        site.geometry, site.weights, zeroPoints: site.weightPoints, numbers: site.numbers, scales: site.scales, isSigned: site.isSigned,
        finish: site.finish, isa: query.isa)
    else { return .declined("a sum could leave int32, or float32 could not hold it") }
    return .run(absorbedInputs: site.absorbed) { call in
      unsafe convolution.run(call.input(0), z: call.optionalInput(z), call.output(), batch: layout.batch, pool: call.pool)
    }
  }

  private static func maximum(_ op: BlockedPool, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), x.shape.rank == 5, x.shape.elementCount > 0 else { return .declined("the input is empty or not blocked") }
    let plain = try Shape([x.shape[0], x.shape[1] * ChannelBlocks.size, x.shape[2], x.shape[3]])
    guard let geometry = WindowExtents(try op.window.poolGeometry(input: plain)), let window = BlockedWindow(geometry) else {
      return .declined(WindowExtents.outOfProportion)
    }
    let maximum = BlockedByteMaximum(window: window, isSigned: x.elementType == .int8, isa: query.isa)
    let planes = x.shape[0] * x.shape[1]
    return .run { call in unsafe maximum.run(call.input(0), call.output(), planes: planes, pool: call.pool) }
  }
}
