import CKernels
import OnyxTensor

/// The discrete Fourier transform of one signal alone. Its every eighth sample are eight signals side by side, whose spectra are joined;
/// a length with a large prime factor is the convolution with a chirp, as in `FourierPlan`.
///
/// SAFETY: callers give buffers of `bufferLength` numbers; what a part writes of them follows from the lengths of its plan.
final class LineTransform: Sendable {
  private enum Form: Sendable {
    /// The plan of the eight signals, and the factors that join them.
    case joined(FourierPlan, [Double])
    /// e^(−πi·k²/n), and the transform of its conjugate, wrapped around and divided by its length.
    case chirp(LineTransform, factors: [Double], filter: [Double])
  }

  let length: Int
  private let form: Form

  /// The numbers that each of the two buffers of a transform must hold.
  var bufferLength: Int {
    switch form {
    case .joined(let plan, _): plan.bufferLength * FourierPlan.lanes
    case .chirp(let inner, _, _): inner.bufferLength
    }
  }

  /// Bytes of the factors.
  var tableByteCount: Int {
    switch form {
    case .joined(let plan, let factors): plan.tableByteCount + factors.count * MemoryLayout<Double>.stride
    case .chirp(let inner, let factors, let filter):
      inner.tableByteCount + (factors.count + filter.count) * MemoryLayout<Double>.stride
    }
  }

  /// nil for a length that neither is a multiple of eight nor needs a chirp.
  init?(length: Int, _ row: onyx_fourier_row) {
    self.length = length
    let (m, rest) = length.quotientAndRemainder(dividingBy: FourierPlan.lanes)
    if rest == 0, m > 0, FourierPlan.isSmooth(m) {
      let turns = FourierPlan.turns(length, of: length)
      var factors: [Double] = []
      factors.reserveCapacity(2 * length)
      for k in 0..<m {
        for lane in 0..<FourierPlan.lanes {
          factors.append(turns[2 * k * lane])
          factors.append(turns[2 * k * lane + 1])
        }
      }
      form = .joined(FourierPlan(length: m, row), factors)
      return
    }
    guard !FourierPlan.isSmooth(length) else { return nil }
    let size = FourierPlan.chirpSize(length)
    guard let inner = LineTransform(length: size, row) else { return nil }
    let factors = FourierPlan.chirpFactors(length)
    form = .chirp(inner, factors: factors, filter: Self.filter(factors, length, inner, row))
  }

  private static func filter(_ chirp: [Double], _ length: Int, _ inner: LineTransform, _ row: onyx_fourier_row) -> [Double] {
    let (size, count) = (inner.length, inner.bufferLength)
    var buffers = [Double](repeating: 0, count: 4 * count)
    return unsafe buffers.withUnsafeMutableBufferPointer { memory in
      guard let base = memory.baseAddress else { return [] }
      let first = unsafe ComplexPointers(real: base, imaginary: base + count)
      let second = unsafe ComplexPointers(real: base + 2 * count, imaginary: base + 3 * count)
      for k in 0..<length {
        for place in [k, (size - k) % size] {
          unsafe first.real[place] = chirp[2 * k]
          unsafe first.imaginary[place] = -chirp[2 * k + 1]
        }
      }
      let result = unsafe inner.forward(first, second, row)
      let scale = 1 / Double(size)
      return (0..<size).flatMap { unsafe [result.real[$0] * scale, result.imaginary[$0] * scale] }
    }
  }

  /// Transforms `length` numbers in `x`; `x` and `y` hold `bufferLength` numbers and are overwritten. The result is in one of the two.
  func forward(_ x: ComplexPointers, _ y: ComplexPointers, _ row: onyx_fourier_row) -> ComplexPointers {
    switch form {
    case .joined(let plan, let factors):
      let z = unsafe plan.forward(x, y, row)
      if length > 1 << 15, WorkLimits.isOver { return unsafe z }
      let result = unsafe z.real == x.real ? y : x
      unsafe row.join(result.real, result.imaginary, z.real, z.imaginary, Int64(plan.length), factors)
      return unsafe result
    case .chirp(let inner, let factors, let filter):
      unsafe Self.multiply(x, factors, length)
      unsafe (x.real + length).update(repeating: 0, count: inner.length - length)
      unsafe (x.imaginary + length).update(repeating: 0, count: inner.length - length)
      var z = unsafe inner.forward(x, y, row)
      unsafe Self.multiply(z, filter, inner.length)
      let other = unsafe z.real == x.real ? y : x
      unsafe z = inner.forward(z.exchanged, other.exchanged, row).exchanged
      unsafe Self.multiply(z, factors, length)
      return unsafe z
    }
  }

  private static func multiply(_ x: ComplexPointers, _ factors: [Double], _ count: Int) {
    var pace = WorkPace(every: 1 << 14)
    unsafe factors.withUnsafeBufferPointer { factors in
      for k in 0..<count {
        if pace.isOver() { return }
        let (p, q, r, s) = unsafe (x.real[k], x.imaginary[k], factors[2 * k], factors[2 * k + 1])
        unsafe x.real[k] = p * r - q * s
        unsafe x.imaginary[k] = p * s + q * r
      }
    }
  }
}
