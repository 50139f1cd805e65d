/// ONNX COMPLEX64.
public struct Complex64: TensorElement {
  public var real: Float
  public var imaginary: Float
  public init(_ real: Float, _ imaginary: Float) {
    self.real = real
    self.imaginary = imaginary
  }
  public static var elementType: ElementType { .complex64 }
}

/// ONNX COMPLEX128; complex arithmetic is done in this type.
public struct Complex128: TensorElement {
  public var real: Double
  public var imaginary: Double
  public init(_ real: Double, _ imaginary: Double) {
    self.real = real
    self.imaginary = imaginary
  }
  public static var elementType: ElementType { .complex128 }
}
