/// ONNX COMPLEX64.
public struct Complex64: TensorElement {
  /// The real part.
  public var real: Float
  /// The imaginary part.
  public var imaginary: Float
  /// The number `real` + `imaginary` · i.
  public init(_ real: Float, _ imaginary: Float) {
    self.real = real
    self.imaginary = imaginary
  }
  /// Stores `complex64`.
  public static var storage: ElementStorage<Self> { ElementStorage(.complex64) }
}

/// ONNX COMPLEX128; complex arithmetic is done in this type.
public struct Complex128: TensorElement {
  /// The real part.
  public var real: Double
  /// The imaginary part.
  public var imaginary: Double
  /// The number `real` + `imaginary` · i.
  public init(_ real: Double, _ imaginary: Double) {
    self.real = real
    self.imaginary = imaginary
  }
  /// Stores `complex128`.
  public static var storage: ElementStorage<Self> { ElementStorage(.complex128) }
}
