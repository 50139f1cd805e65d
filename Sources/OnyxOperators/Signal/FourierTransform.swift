import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The discrete Fourier transform of one length n, in `Double`: y[k] = Σ x[j] · e^(−2πi·jk/n), in O(n log n) for every length.
///
/// A power of two is transformed by radix 2 (Cooley and Tukey 1965); any other length as the convolution with a chirp (Bluestein 1970),
/// which two transforms of a power of two do.
struct FourierTransform {
  let length: Int
  /// Of the length itself when that is a power of two, else of one that holds the convolution.
  private let radixTwo: RadixTwo
  /// e^(−πi·k²/n) and the transform of its conjugate, wrapped around; nil for a power of two.
  private let chirp: (factors: ComplexArray, filter: ComplexArray)?

  /// `length` is at least 1. Throws `budgetExceeded`.
  init(length: Int) throws(OnyxError) {
    // Four complex arrays of up to four times the length.
    try ReferenceMemory.check(length, width: 16 * 2 * MemoryLayout<Double>.stride)
    self.length = length
    guard length & (length - 1) != 0 else {
      radixTwo = RadixTwo(size: length)
      chirp = nil
      return
    }
    var size = 1
    while size < 2 * length - 1 { size *= 2 }
    radixTwo = RadixTwo(size: size)
    var factors = ComplexArray(count: length)
    var filter = ComplexArray(count: size)
    // k² modulo 2n keeps the angle small, so that it is as exact for the last factor as for the first.
    var square = 0
    for k in 0..<length {
      let angle = Double.pi * Double(square) / Double(length)
      (factors.real[k], factors.imaginary[k]) = (cos(angle), -sin(angle))
      for place in [k, (size - k) % size] { (filter.real[place], filter.imaginary[place]) = (cos(angle), sin(angle)) }
      square = (square + 2 * k + 1) % (2 * length)
    }
    radixTwo.apply(to: &filter)
    chirp = (factors, filter)
  }

  /// Transforms `length` numbers in place.
  func forward(_ x: inout ComplexArray) {
    guard let (factors, filter) = chirp else { return radixTwo.apply(to: &x) }
    var work = ComplexArray(count: radixTwo.size)
    for k in 0..<length {
      (work.real[k], work.imaginary[k]) = (x.real[k], x.imaginary[k])
      work.multiply(k, by: factors)
    }
    radixTwo.apply(to: &work)
    for k in 0..<radixTwo.size { work.multiply(k, by: filter) }
    work.exchangeParts()
    radixTwo.apply(to: &work)
    work.exchangeParts()
    work.scale(by: 1 / Double(radixTwo.size))
    for k in 0..<length {
      (x.real[k], x.imaginary[k]) = (work.real[k], work.imaginary[k])
      x.multiply(k, by: factors)
    }
  }

  /// The inverse: the transform with the other sign in the exponent, divided by the length.
  func inverse(_ x: inout ComplexArray) {
    // With real and imaginary parts exchanged before and after, the sign of the exponent is the other one.
    x.exchangeParts()
    forward(&x)
    x.exchangeParts()
    x.scale(by: 1 / Double(length))
  }
}

/// Complex numbers, parts apart.
struct ComplexArray {
  var real: [Double]
  var imaginary: [Double]

  /// Zeros.
  init(count: Int) {
    real = [Double](repeating: 0, count: count)
    imaginary = real
  }

  mutating func exchangeParts() { swap(&real, &imaginary) }

  mutating func scale(by factor: Double) {
    for k in real.indices {
      real[k] *= factor
      imaginary[k] *= factor
    }
  }

  /// Multiplies element `k` by the one of `other`.
  mutating func multiply(_ k: Int, by other: ComplexArray) {
    let (p, q, r, s) = (real[k], imaginary[k], other.real[k], other.imaginary[k])
    real[k] = p * r - q * s
    imaginary[k] = p * s + q * r
  }
}

/// The transform of a power of two.
private struct RadixTwo {
  let size: Int
  /// cos and −sin of 2πk / size for the first half of a turn.
  private let cosines: [Double]
  private let sines: [Double]

  init(size: Int) {
    self.size = size
    let angles = (0..<max(1, size / 2)).map { 2 * Double.pi * Double($0) / Double(size) }
    cosines = angles.map { cos($0) }
    sines = angles.map { -sin($0) }
  }

  func apply(to x: inout ComplexArray) {
    reverseBits(&x)
    var half = 1
    while half < size {
      let step = size / (2 * half)
      for start in stride(from: 0, to: size, by: 2 * half) {
        for k in 0..<half {
          let (a, b) = (start + k, start + k + half)
          let (c, s) = (cosines[k * step], sines[k * step])
          let real = x.real[b] * c - x.imaginary[b] * s
          let imaginary = x.real[b] * s + x.imaginary[b] * c
          x.real[b] = x.real[a] - real
          x.imaginary[b] = x.imaginary[a] - imaginary
          x.real[a] += real
          x.imaginary[a] += imaginary
        }
      }
      half *= 2
    }
  }

  /// Exchanges the elements whose indices mirror each other in binary.
  private func reverseBits(_ x: inout ComplexArray) {
    var mirrored = 0
    for k in 1..<max(1, size) {
      var bit = size >> 1
      while mirrored & bit != 0 {
        mirrored ^= bit
        bit >>= 1
      }
      mirrored |= bit
      if k < mirrored {
        x.real.swapAt(k, mirrored)
        x.imaginary.swapAt(k, mirrored)
      }
    }
  }
}
