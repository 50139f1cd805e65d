import OnyxTensor

/// A floating element whose conversions this module can inline.
package protocol RealElement: BitwiseCopyable, Sendable {
  /// Exact.
  var number: Double { get }
  /// Rounded once, to nearest even.
  init(nearest number: Double)
}

extension Float: RealElement {
  package var number: Double { Double(self) }
  package init(nearest number: Double) { self.init(number) }
}

extension Double: RealElement {
  package var number: Double { self }
  package init(nearest number: Double) { self = number }
}

extension Float16: RealElement {
  package var number: Double { Double(self) }
  package init(nearest number: Double) { self.init(number) }
}

extension BFloat16: RealElement {
  package var number: Double { wide }
  package init(nearest number: Double) { self.init(rounding: number) }
}
