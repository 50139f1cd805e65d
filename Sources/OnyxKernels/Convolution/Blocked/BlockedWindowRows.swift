import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Depthwise and grouped convolutions in channel blocks.
///
/// SAFETY: see `KernelCall`.
enum BlockedWindowRows {
  static let window = KernelRow("blocked_conv_f32_window", ["BlockedConv"], domain: "onyx", .float32) { (query) throws(OnyxError) in
    guard let site = try BlockedConvSite.of(query) else { return .declined(BlockedConvSite.needs) }
    guard site.isBlocked, query.input(4) == nil, let group = site.layout.blockedGroup, let window = BlockedWindow(site.geometry) else {
      return .declined("it has no groups of 1, 2, 4 or 8 channels over channel blocks, or factors come with the input")
    }
    let layout = site.layout
    let filters = try query.kept("window") { () throws(OnyxError) in
      unsafe try WindowFilters(filters: layout.filters, group: group, taps: window.tapCount, bias: site.biasValues()) { count, fill in
        unsafe query.packedFloats("blocked_window", count: count, from: [site.weights], fill: fill)
      }
    }
    let convolution = BlockedWindowConvolution(window: window, filters: filters, activation: site.activation, isa: query.isa)
    return .run(inPlaceInputs: [3], absorbedInputs: [1, 2]) { call in
      unsafe convolution.run(call.input(0), z: call.optionalInput(3), call.output(), batch: layout.batch, pool: call.pool)
    }
  }

  static let groups = KernelRow("blocked_conv_f32_groups", ["BlockedConv"], domain: "onyx", .float32) { (query) throws(OnyxError) in
    guard let site = try BlockedConvSite.of(query) else { return .declined(BlockedConvSite.needs) }
    guard site.isBlocked, query.input(4) == nil, site.layout.groups > 1, site.layout.groupsAreBlocks else {
      return .declined("its groups are no whole channel blocks, or factors come with the input")
    }
    guard site.geometry.isProportionate(planes: site.layout.channels, elements: site.inputCount) else {
      return .declined(WindowExtents.outOfProportion)
    }
    return try groups(query, site)
  }

  /// Groups of whole blocks: a dense convolution each, side by side when there are enough of them.
  private static func groups(_ query: KernelQuery, _ site: BlockedConvSite) throws(OnyxError) -> Preparation {
    let (layout, isa, geometry) = (site.layout, query.isa, site.geometry)
    let (filters, depth) = (layout.filters / layout.groups, layout.channels * geometry.tapCount)
    let bias = try site.biasValues()
    var groups: [BlockedConvolution] = []
    for group in 0..<layout.groups {
      let packed = unsafe try PackedFilters(
        filters: filters, channels: layout.channels, taps: geometry.tapCount,
        bias: bias.map { Array($0[(group * filters)...].prefix(filters)) },
        isBlocked: true, isa: isa
      ) { count, fill in
        unsafe query.packedFloats("blocked_\(isa.name)_group\(group)", count: count, from: [site.weights]) { target, sources, pool in
          unsafe fill(target, [sources[0] + group * filters * depth], pool)
        }
      }
      groups.append(BlockedConvolution(geometry: geometry, weights: packed, activation: site.activation, isa: isa))
    }
    let (jobs, input, output) = (layout.batch * layout.groups, geometry.inputCount * layout.channels, geometry.outputCount * filters)
    let convolutions = groups
    return .run(inPlaceInputs: [3], absorbedInputs: [1, 2]) { call in
      let pool = call.pool
      let x: UnsafePointer<Float> = unsafe call.input(0)
      let z: UnsafePointer<Float>? = unsafe call.optionalInput(3)
      let y: UnsafeMutablePointer<Float> = unsafe call.output()
      let body = { (range: Range<Int>) in
        for job in range {
          let addend = unsafe z.map { unsafe $0 + job * output }
          unsafe convolutions[job % convolutions.count].run(
            x + job * input, factors: nil, z: addend, y + job * output, batch: 1, pool: pool)
        }
      }
      if jobs < 4 * pool.threadCount { return body(0..<jobs) }
      pool.parallelFor(count: jobs, grain: max(1, GemmProduct.serialWork / (output * depth)), body)
    }
  }
}

extension ConvolutionLayout {
  /// Channels of a group when every filter reads the channels of its own group inside its block: 1, 2, 4 or 8.
  fileprivate var blockedGroup: Int? { filters == groups * channels && [1, 2, 4, 8].contains(channels) && groups > 1 ? channels : nil }

  /// Whether channels and filters of each group fill blocks.
  fileprivate var groupsAreBlocks: Bool { channels % ChannelBlocks.size == 0 && (filters / groups) % ChannelBlocks.size == 0 }
}
