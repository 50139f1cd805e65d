import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How far a tensor is from the expected one, in one pass over elements that are finite in both.
package struct Difference: Sendable {
  package let maxAbsolute: Double
  /// `maxAbsolute` over the largest expected magnitude.
  package let maxRelative: Double
  /// Cosine of the angle between both as vectors; 1 when both are zero.
  package let cosine: Double
  /// 20·log10(largest expected magnitude / root of the mean squared error) in dB; infinite when nothing differs.
  package let peakSignalToNoise: Double

  /// Tensors of one shape; complex elements count as two numbers, bools as 0 and 1. Throws for strings.
  package init(_ actual: Tensor, expected: Tensor) throws(OnyxError) {
    let (a, e) = (try Self.numbers(actual), try Self.numbers(expected))
    var (greatest, peak, squares, dot, actualSquares, expectedSquares) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    var count = 0
    for (x, y) in zip(a, e) where x.isFinite && y.isFinite {
      let difference = (x - y).magnitude
      greatest = max(greatest, difference)
      peak = max(peak, y.magnitude)
      squares += difference * difference
      dot += x * y
      actualSquares += x * x
      expectedSquares += y * y
      count += 1
    }
    maxAbsolute = greatest
    maxRelative = peak > 0 ? greatest / peak : greatest
    let norms = actualSquares.squareRoot() * expectedSquares.squareRoot()
    cosine = norms > 0 ? max(-1, min(1, dot / norms)) : actualSquares == expectedSquares ? 1 : 0
    let error = count > 0 ? (squares / Double(count)).squareRoot() : 0
    peakSignalToNoise = error > 0 ? 20 * log10(peak / error) : .infinity
  }

  private static func numbers(_ tensor: Tensor) throws(OnyxError) -> [Double] {
    switch tensor.elementType.domain {
    case .complex: try tensor.complexes().flatMap { [$0.real, $0.imaginary] }
    case .bool: try tensor.integers().map { Double($0) }
    default: try tensor.doubles()
    }
  }
}
