import OnyxTensor

/// A floating element whose conversions this module can inline.
protocol RealElement: BitwiseCopyable, Sendable {
  /// Exact.
  var number: Double { get }
  /// Rounded once, to nearest even.
  init(nearest number: Double)
}

extension Float: RealElement {
  var number: Double { Double(self) }
  init(nearest number: Double) { self.init(number) }
}

extension Double: RealElement {
  var number: Double { self }
  init(nearest number: Double) { self = number }
}

extension Float16: RealElement {
  var number: Double { Double(self) }
  init(nearest number: Double) { self.init(number) }
}

extension BFloat16: RealElement {
  var number: Double { wide }
  init(nearest number: Double) { self.init(rounding: number) }
}
