import CKernels

/// An element for which there are loops over layers.
package protocol LayerElement: RealElement, BinaryFloatingPoint, SendableMetatype {
  /// Its index in the tables of `onyx_layers_row`.
  static var layerType: Int { get }

  /// Mean and biased variance of `count` elements, at least one, in an order that depends on the count alone.
  ///
  /// SAFETY: `x` holds that many.
  static func moments(_ x: UnsafePointer<Self>, _ count: Int, isa: ISA) -> (mean: Self, variance: Self)
}

extension LayerElement {
  /// Writes (x - mean) · factor + shift.
  ///
  /// SAFETY: both hold `count` elements; `y` may equal `x`.
  static func map(
    _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>, _ count: Int, mean: Self, factor: Self, shift: Self, isa: ISA
  ) {
    unsafe withUnsafeBytes(of: (mean, factor, shift)) { values in
      guard let values = unsafe values.baseAddress?.assumingMemoryBound(to: Self.self) else { return }
      unsafe isa.layers.map[layerType]!(y, x, Int64(count), values, values + 1, values + 2)
    }
  }
}

extension Float: LayerElement {
  package static var layerType: Int { Int(ONYX_LAYER_F32) }

  package static func moments(_ x: UnsafePointer<Float>, _ count: Int, isa: ISA) -> (mean: Float, variance: Float) {
    var (mean, variance): (Float, Float) = (0, 0)
    unsafe isa.normalize.moments!(x, Int64(count), &mean, &variance)
    return (mean, variance)
  }
}

extension Double: LayerElement {
  package static var layerType: Int { Int(ONYX_LAYER_F64) }

  package static func moments(_ x: UnsafePointer<Double>, _ count: Int, isa: ISA) -> (mean: Double, variance: Double) {
    var (mean, variance) = (0.0, 0.0)
    unsafe isa.layers.moments[layerType]!(x, Int64(count), &mean, &variance)
    return (mean, variance)
  }
}
