import CKernels
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The real and the imaginary parts of numbers in memory.
///
/// SAFETY: only points; who makes it vouches for the memory.
@unsafe struct ComplexPointers {
  var real: UnsafeMutablePointer<Double>
  var imaginary: UnsafeMutablePointer<Double>

  /// With the parts exchanged the transform has the other sign in its exponent.
  var exchanged: ComplexPointers { unsafe ComplexPointers(real: imaginary, imaginary: real) }

  static func + (pointers: ComplexPointers, offset: Int) -> ComplexPointers {
    unsafe ComplexPointers(real: pointers.real + offset, imaginary: pointers.imaginary + offset)
  }
}

/// The discrete Fourier transform of one length, of eight signals side by side: y[k] = Σ x[j] · e^(−2πi·jk/n), in float64.
///
/// A length whose prime factors are small is transformed by passes of radix 4, 2, 3, 5 and others (Stockham); any other as the convolution
/// with a chirp (Bluestein 1970), which two transforms of a power of two do.
final class FourierPlan: Sendable {
  /// One pass: radix r over r · m · s numbers, and its factors.
  private struct Pass: Sendable {
    let radix: Int
    let m: Int
    let s: Int
    let factors: [Double]
    let roots: [Double]
  }

  /// e^(−πi·k²/n), and the transform of its conjugate, wrapped around and divided by its length.
  private struct Chirp: Sendable {
    let plan: [Pass]
    let size: Int
    let factors: [Double]
    let filter: [Double]
  }

  let length: Int
  private let passes: [Pass]
  private let chirp: Chirp?

  /// Bytes of the factors.
  var tableByteCount: Int {
    let passes = passes + (chirp?.plan ?? [])
    let count = passes.reduce(0) { $0 + $1.factors.count + $1.roots.count } + (chirp.map { $0.factors.count + $0.filter.count } ?? 0)
    return count * MemoryLayout<Double>.stride
  }

  static let lanes = Int(ONYX_FOURIER_LANES)
  private static let radices = [4, 2, 3, 5, 7, 11, 13, 17, 19, 23]

  /// The numbers that each of the two buffers of a transform must hold for every lane.
  var bufferLength: Int { chirp?.size ?? length }

  /// Whether passes of small radices transform a length.
  static func isSmooth(_ length: Int) -> Bool { factors(of: length) != nil }

  /// The size of the power of two that holds the convolution of this length.
  static func chirpSize(_ length: Int) -> Int {
    var size = FourierPlan.lanes
    while size < 2 * length - 1 { size *= 2 }
    return size
  }

  /// `length` is at least 1 and at most `Int.max / 8`.
  init(length: Int, _ row: onyx_fourier_row) {
    self.length = length
    if let radices = Self.factors(of: length) {
      passes = Self.passes(radices, length)
      chirp = nil
      return
    }
    passes = []
    let size = Self.chirpSize(length)
    let plan = Self.passes(Self.factors(of: size) ?? [], size)
    let factors = Self.chirpFactors(length)
    chirp = Chirp(plan: plan, size: size, factors: factors, filter: Self.filter(factors, length, size, plan, row))
  }

  /// e^(−πi·k²/n) for k < n. k² modulo 2n keeps the angle small, so that it is as exact for the last factor as for the first.
  static func chirpFactors(_ length: Int) -> [Double] {
    var factors: [Double] = []
    var square = 0
    for k in 0..<length {
      let angle = Double.pi * Double(square) / Double(length)
      factors.append(contentsOf: [cos(angle), -sin(angle)])
      square = (square + 2 * k + 1) % (2 * length)
    }
    return factors
  }

  /// e^(−2πi·k/n) for k < `count`.
  static func turns(_ count: Int, of length: Int) -> [Double] {
    (0..<count).flatMap { k in
      let angle = 2 * Double.pi * Double(k) / Double(length)
      return [cos(angle), -sin(angle)]
    }
  }

  private static func factors(of length: Int) -> [Int]? {
    var (rest, found) = (length, [Int]())
    for radix in radices {
      while rest % radix == 0 {
        found.append(radix)
        rest /= radix
      }
    }
    return rest == 1 ? found : nil
  }

  private static func passes(_ radices: [Int], _ length: Int) -> [Pass] {
    var (passes, n, s) = ([Pass](), length, 1)
    let turns = turns(length, of: length)
    for radix in radices {
      let m = n / radix
      var factors: [Double] = []
      factors.reserveCapacity(2 * m * (radix - 1))
      for p in 0..<m {
        for k in 1..<radix {
          factors.append(turns[2 * p * k * s])
          factors.append(turns[2 * p * k * s + 1])
        }
      }
      passes.append(Pass(radix: radix, m: m, s: s, factors: factors, roots: self.turns(radix, of: radix)))
      (n, s) = (m, s * radix)
    }
    return passes
  }

  private static func filter(_ chirp: [Double], _ length: Int, _ size: Int, _ passes: [Pass], _ row: onyx_fourier_row) -> [Double] {
    var buffers = [Double](repeating: 0, count: 4 * size * lanes)
    return unsafe buffers.withUnsafeMutableBufferPointer { memory in
      guard let base = memory.baseAddress else { return [] }
      let count = size * lanes
      let first = unsafe ComplexPointers(real: base, imaginary: base + count)
      let second = unsafe ComplexPointers(real: base + 2 * count, imaginary: base + 3 * count)
      for k in 0..<length {
        for place in [k, (size - k) % size] {
          unsafe first.real[place * lanes] = chirp[2 * k]
          unsafe first.imaginary[place * lanes] = -chirp[2 * k + 1]
        }
      }
      let result = unsafe run(passes, first, second, row)
      let scale = 1 / Double(size)
      return (0..<size).flatMap { unsafe [result.real[$0 * lanes] * scale, result.imaginary[$0 * lanes] * scale] }
    }
  }

  private static func run(
    _ passes: [Pass], _ first: ComplexPointers, _ second: ComplexPointers, _ row: onyx_fourier_row
  ) -> ComplexPointers {
    var (x, y) = unsafe (first, second)
    for pass in passes {
      // Whoever began the work drops what it makes when it was told to end.
      if pass.radix * pass.m * pass.s > 1 << 12, WorkLimits.isOver { return unsafe x }
      unsafe row.pass(
        y.real, y.imaginary, x.real, x.imaginary, Int64(pass.radix), Int64(pass.m), Int64(pass.s), pass.factors, pass.roots)
      unsafe swap(&x, &y)
    }
    return unsafe x
  }

  /// Transforms `length` numbers of each lane in `x`; `x` and `y` hold `bufferLength` numbers of each lane and are overwritten. The result
  /// is in one of the two.
  func forward(_ x: ComplexPointers, _ y: ComplexPointers, _ row: onyx_fourier_row) -> ComplexPointers {
    guard let chirp else { return unsafe Self.run(passes, x, y, row) }
    let (n, lanes) = (Int64(length), Self.lanes)
    unsafe row.multiply(x.real, x.imaginary, x.real, x.imaginary, n, chirp.factors)
    let rest = (chirp.size - length) * lanes
    unsafe (x.real + length * lanes).update(repeating: 0, count: rest)
    unsafe (x.imaginary + length * lanes).update(repeating: 0, count: rest)
    var z = unsafe Self.run(chirp.plan, x, y, row)
    unsafe row.multiply(z.real, z.imaginary, z.real, z.imaginary, Int64(chirp.size), chirp.filter)
    let other = unsafe z.real == x.real ? y : x
    unsafe z = Self.run(chirp.plan, z.exchanged, other.exchanged, row).exchanged
    unsafe row.multiply(z.real, z.imaginary, z.real, z.imaginary, n, chirp.factors)
    return unsafe z
  }
}
