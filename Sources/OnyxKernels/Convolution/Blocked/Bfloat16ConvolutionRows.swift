import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Convolutions over channel blocks whose operands are rounded to bfloat16, for sessions that ask for it.
///
/// SAFETY: see `KernelCall`.
enum Bfloat16ConvolutionRows {
  /// A dense convolution. The few channels of a first layer over a plain image stay float32.
  static let blocked = KernelRow("blocked_conv_bf16", ["BlockedConv"], domain: "onyx", .float32) { (query) throws(OnyxError) in
    guard query.precision == .bfloat16 else { return .declined(Precision.isFloat32) }
    guard let site = try BlockedConvSite.of(query) else { return .declined(BlockedConvSite.needs) }
    guard site.isBlocked, site.layout.groups == 1 else { return .declined("it is not dense over channel blocks") }
    guard site.isProportionate else { return .declined(WindowExtents.outOfProportion) }
    let convolution = try Bfloat16Convolution(query, site, bias: try site.biasValues())
    let batch = site.layout.batch
    return .run(inPlaceInputs: [3], absorbedInputs: [1, 2]) { call in
      unsafe convolution.run(
        call.input(0), factors: call.optionalInput(4), z: call.optionalInput(3), call.output(), batch: batch, pool: call.pool)
    }
  }
}

extension Precision {
  /// Why a row of bfloat16 declines.
  static let isFloat32 = "the session computes in float32"
}
