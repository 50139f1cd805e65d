#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The counter-based generator Philox 4×32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011).
///
/// A block depends on key and counter alone, so the draw of an element does not depend on who draws it, nor when.
package struct Philox: Sendable {
  /// The seed.
  package let key: UInt64

  package init(key: UInt64) { self.key = key }

  /// The generator of a node: that of its `seed` attribute alone when it has one, so that equal seeds give equal draws.
  init(_ seed: Float?, else runSeed: UInt64) {
    // The sum makes one seed of both zeros.
    key = seed.map { UInt64(($0 + 0).bitPattern) } ?? runSeed
  }

  /// 128 random bits.
  package func block(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var x = counter
    var keys = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
    for _ in 0..<10 {
      let (first, second) = (x[0].multipliedFullWidth(by: 0xD251_1F53), x[2].multipliedFullWidth(by: 0xCD9E_8D57))
      x = SIMD4(second.high ^ x[1] ^ keys.0, second.low, first.high ^ x[3] ^ keys.1, first.low)
      keys = (keys.0 &+ 0x9E37_79B9, keys.1 &+ 0xBB67_AE85)
    }
    return x
  }

  /// Two independent numbers of 64 random bits for the element `index`.
  func bits(_ index: Int) -> (UInt64, UInt64) {
    let index = UInt64(bitPattern: Int64(index))
    let x = block(SIMD4(UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), 0, 0))
    return (UInt64(x[0]) << 32 | UInt64(x[1]), UInt64(x[2]) << 32 | UInt64(x[3]))
  }

  /// A multiple of 2^−digits in [0, 1), each as probable as the others. `digits` is 1 … 53.
  func uniform(_ index: Int, digits: Int = 53) -> Double { Self.fraction(bits(index).0, digits) }

  /// A number of the normal distribution with the mean 0 and the variance 1, by the transform of Box and Muller (1958).
  func normal(_ index: Int) -> Double {
    let (a, b) = bits(index)
    // 1 − u is never 0, and its logarithm finite.
    let radius = (-2 * log(1 - Self.fraction(a, 53))).squareRoot()
    return radius * cos(2 * .pi * Self.fraction(b, 53))
  }

  private static func fraction(_ bits: UInt64, _ digits: Int) -> Double { Double(bits >> UInt64(64 - digits)) * exp2(Double(-digits)) }
}
