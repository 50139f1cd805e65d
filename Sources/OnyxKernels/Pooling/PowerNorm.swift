#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// (Σ |x|^p)^(1/p) in two loops.
///
/// SAFETY: both pointers of a function hold `count` elements.
struct PowerNorm: Sendable {
  let p: Int

  /// |x|^p.
  @inline(__always)
  func powers<T: RealElement>(_ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<Double>, _ count: Int) {
    switch p {
    case 1: for index in 0..<count { unsafe y[index] = x[index].number.magnitude }
    case 2:
      for index in 0..<count {
        let value = unsafe x[index].number
        unsafe y[index] = value * value
      }
    default: for index in 0..<count { unsafe y[index] = pow(x[index].number.magnitude, Double(p)) }
    }
  }

  /// sum^(1/p).
  @inline(__always)
  func roots<T: RealElement>(_ sums: UnsafePointer<Double>, _ y: UnsafeMutablePointer<T>, _ count: Int) {
    switch p {
    case 1: for index in 0..<count { unsafe y[index] = T(nearest: sums[index]) }
    case 2: for index in 0..<count { unsafe y[index] = T(nearest: sums[index].squareRoot()) }
    default: for index in 0..<count { unsafe y[index] = T(nearest: pow(sums[index], 1 / Double(p))) }
    }
  }
}
