import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// 3×3 convolutions of stride 1 in channel blocks, where Winograd's form costs less than the direct sum.
///
/// SAFETY: see `KernelCall`.
enum WinogradRows {
  static let four = KernelRow("blocked_conv_f32_winograd4", ["BlockedConv"], domain: "onyx", .float32) { (query) throws(OnyxError) in
    guard let site = try BlockedConvSite.of(query), let four = shape(query, site, .four), let two = shape(query, site, .two) else {
      return .declined(needs)
    }
    guard four.cost <= two.cost else { return .declined("tiles of two cost less") }
    return try winograd(query, site, four)
  }

  static let two = KernelRow("blocked_conv_f32_winograd2", ["BlockedConv"], domain: "onyx", .float32) { (query) throws(OnyxError) in
    guard let site = try BlockedConvSite.of(query), let two = shape(query, site, .two) else { return .declined(needs) }
    return try winograd(query, site, two)
  }

  private static let needs = "it is no dense 3×3 window of stride 1 over channel blocks, or factors come with the input"

  /// nil where the window is another one, factors come with the input, or padding is out of proportion to the data.
  private static func shape(_ query: KernelQuery, _ site: BlockedConvSite, _ size: WinogradSize) -> WinogradShape? {
    guard query.input(4) == nil, site.isBlocked, site.layout.groups == 1 else { return nil }
    let axes = site.layout.geometry.axes
    guard axes.allSatisfy({ $0.kernel == 3 && $0.stride == 1 && $0.dilation == 1 && $0.padBefore <= 2 && $0.padAfter <= 2 }) else {
      return nil
    }
    return WinogradShape(
      size, batch: site.layout.batch, channels: site.layout.channels, filters: site.layout.filters,
      input: .init(height: axes[0].input, width: axes[1].input), output: .init(height: axes[0].output, width: axes[1].output),
      padTop: axes[0].padBefore, padLeft: axes[1].padBefore)
  }

  private static func winograd(_ query: KernelQuery, _ site: BlockedConvSite, _ shape: WinogradShape) throws(OnyxError) -> Preparation {
    guard shape.cost < shape.directCost else { return .declined("the direct sum costs less") }
    let isa = query.isa
    let filters = try query.kept("winograd") { () throws(OnyxError) in
      unsafe try WinogradFilters(filters: shape.filters, channels: shape.channels, bias: site.biasValues(), isa: isa) { count, fill in
        unsafe query.packedFloats("winograd_\(isa.name)", count: count, from: [site.weights], fill: fill)
      }
    }
    let convolution = WinogradConvolution(shape, filters: filters, activation: site.activation, isa: isa)
    return .run(inPlaceInputs: [3], absorbedInputs: [1, 2]) { call in
      unsafe convolution.run(call.input(0), z: call.optionalInput(3), call.output(), pool: call.pool)
    }
  }
}
