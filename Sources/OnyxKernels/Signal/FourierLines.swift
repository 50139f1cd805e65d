import CKernels
import OnyxTensor
import OnyxThreads

/// Fourier transforms of many lines of a tensor: where they lie, and what is made of them.
struct FourierGeometry: Sendable {
  enum Kind: Sendable {
    /// Real numbers to `extent` numbers of their spectrum.
    case real
    /// Complex numbers to their spectrum.
    case complex
    /// A spectrum to complex numbers.
    case inverse
    /// The first half of the spectrum of real numbers to these.
    case realInverse
  }

  /// Where line i begins, and how far the numbers of a line lie apart, in numbers.
  struct Placement: Sendable {
    let blockStride: Int
    let lineStride: Int
    let stride: Int

    func start(_ line: Int, linesOfBlock: Int) -> Int {
      let (block, rest) = line.quotientAndRemainder(dividingBy: linesOfBlock)
      return block * blockStride + rest * lineStride
    }
  }

  let kind: Kind
  let length: Int
  let lines: Int
  let linesOfBlock: Int
  /// The parts of a number of the input: 1 or 2.
  let parts: Int
  /// How many numbers of a line are given; the others are zero.
  let taken: Int
  let source: Placement
  let target: Placement
  /// How many numbers of a line are made.
  let extent: Int

  /// Whether pairs of real samples are transformed as complex numbers.
  var isHalved: Bool {
    if case .real = kind { return length % 2 == 0 }
    return false
  }
}

/// The transforms of the lines of a geometry: eight lines at a time, or one by one when there are few of them.
///
/// SAFETY: the geometry keeps to the shapes of the query; see `KernelCall`.
final class FourierLines: Sendable {
  let geometry: FourierGeometry
  private let plan: FourierPlan?
  private let single: LineTransform?
  /// e^(−2πi·k/n) for the halves of pairs.
  private let factors: [Double]
  private let row: onyx_fourier_row

  /// Nil when the tables would be out of proportion.
  init?(_ geometry: FourierGeometry, _ row: onyx_fourier_row) {
    self.geometry = geometry
    self.row = row
    let length = geometry.isHalved ? geometry.length / 2 : geometry.length
    guard length <= 1 << 22 else { return nil }
    single = geometry.lines <= 2 && length >= 64 ? LineTransform(length: length, row) : nil
    guard single != nil || length <= 1 << 16 else { return nil }
    plan = single == nil ? FourierPlan(length: length, row) : nil
    factors = geometry.isHalved ? FourierPlan.turns(length + 1, of: geometry.length) : []
  }

  /// The lines that are transformed together.
  private var width: Int { single == nil ? FourierPlan.lanes : 1 }
  /// Doubles of one part of one buffer.
  private var partLength: Int { (max(single?.bufferLength ?? 0, plan?.bufferLength ?? 0) + 1) * width }

  /// Bytes of the tables of factors.
  var tableByteCount: Int {
    (plan?.tableByteCount ?? 0) + (single?.tableByteCount ?? 0) + factors.count * MemoryLayout<Double>.stride
  }
  /// Bytes of the buffers of `threads` threads.
  func bufferByteCount(threads: Int) -> Int {
    4 * partLength * MemoryLayout<Double>.stride * min(threads, (geometry.lines + width - 1) / width)
  }

  private var complexLength: Int { plan?.length ?? single?.length ?? 0 }

  func run<T: RealElement>(_ x: UnsafePointer<T>, window: [Double], _ y: UnsafeMutablePointer<T>, _ pool: ThreadPool) {
    let blocks = (geometry.lines + width - 1) / width
    pool.parallelFor(count: blocks, grain: max(1, 4096 / max(geometry.length, 1))) { range in
      unsafe pool.workspace.withFloats(8 * partLength) { memory in
        let base = unsafe UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Double.self)
        let first = unsafe ComplexPointers(real: base, imaginary: base + partLength)
        let second = unsafe first + 2 * partLength
        for block in range {
          let lines = block * width..<min((block + 1) * width, geometry.lines)
          unsafe transform(lines, x, window, y, first, second)
        }
      }
    }
  }

  private func transform<T: RealElement>(
    _ lines: Range<Int>, _ x: UnsafePointer<T>, _ window: [Double], _ y: UnsafeMutablePointer<T>, _ first: ComplexPointers,
    _ second: ComplexPointers
  ) {
    if lines.count < width {
      unsafe first.real.update(repeating: 0, count: complexLength * width)
      unsafe first.imaginary.update(repeating: 0, count: complexLength * width)
    }
    for (lane, line) in lines.enumerated() {
      let from = unsafe x + geometry.source.start(line, linesOfBlock: geometry.linesOfBlock) * geometry.parts
      unsafe load(from, window, first + lane)
    }
    let isInverse: Bool =
      switch geometry.kind {
      case .inverse, .realInverse: true
      case .real, .complex: false
      }
    var z = unsafe isInverse ? forward(first.exchanged, second.exchanged).exchanged : forward(first, second)
    if geometry.isHalved { unsafe z = split(z, z.real == first.real ? second : first) }
    let parts: Int = if case .realInverse = geometry.kind { 1 } else { 2 }
    for (lane, line) in lines.enumerated() {
      let to = unsafe y + geometry.target.start(line, linesOfBlock: geometry.linesOfBlock) * parts
      unsafe store(z + lane, to, scale: isInverse ? 1 / Double(geometry.length) : 1)
    }
  }

  private func forward(_ x: ComplexPointers, _ y: ComplexPointers) -> ComplexPointers {
    if let plan { return unsafe plan.forward(x, y, row) }
    guard let single else { return unsafe x }
    return unsafe single.forward(x, y, row)
  }

  /// Numbers of a line after which loops over it ask whether the work has to end; who began the work drops what it makes then.
  private static let portion = 1 << 14

  /// Reads a line into one lane. A window has a factor for each number, or is empty.
  private func load<T: RealElement>(_ x: UnsafePointer<T>, _ window: [Double], _ lane: ComplexPointers) {
    var pace = WorkPace(every: Self.portion)
    let (step, taken, length) = (geometry.source.stride * geometry.parts, geometry.taken, geometry.length)
    if geometry.isHalved {
      for pair in 0..<length / 2 {
        if pace.isOver() { return }
        let (even, odd) = (2 * pair, 2 * pair + 1)
        let real = even < taken ? unsafe x[even * step].number : 0
        let imaginary = odd < taken ? unsafe x[odd * step].number : 0
        unsafe lane.real[pair * width] = window.isEmpty ? real : real * window[even]
        unsafe lane.imaginary[pair * width] = window.isEmpty ? imaginary : imaginary * window[odd]
      }
      return
    }
    let isComplex = geometry.parts == 2
    for k in 0..<taken {
      if pace.isOver() { return }
      let factor = window.isEmpty ? 1 : window[k]
      unsafe lane.real[k * width] = x[k * step].number * factor
      unsafe lane.imaginary[k * width] = isComplex ? x[k * step + 1].number * factor : 0
    }
    for k in taken..<max(taken, length) {
      if pace.isOver() { return }
      unsafe lane.real[k * width] = 0
      unsafe lane.imaginary[k * width] = 0
    }
    guard case .realInverse = geometry.kind else { return }
    unsafe lane.imaginary[0] = 0
    if length % 2 == 0 { unsafe lane.imaginary[length / 2 * width] = 0 }
    for k in 1..<max(1, (length + 1) / 2) {
      if pace.isOver() { return }
      unsafe lane.real[(length - k) * width] = lane.real[k * width]
      unsafe lane.imaginary[(length - k) * width] = -lane.imaginary[k * width]
    }
  }

  /// The spectrum of real numbers from that of their pairs; see `onyx_fourier_row.split`.
  private func split(_ z: ComplexPointers, _ y: ComplexPointers) -> ComplexPointers {
    let half = complexLength
    if plan != nil {
      unsafe row.split(y.real, y.imaginary, z.real, z.imaginary, Int64(half), factors)
      return unsafe y
    }
    var pace = WorkPace(every: Self.portion)
    unsafe factors.withUnsafeBufferPointer { factors in
      for k in 0...half {
        if pace.isOver() { return }
        let (a, b) = (k < half ? k : 0, k > 0 ? half - k : 0)
        let even = unsafe (0.5 * (z.real[a] + z.real[b]), 0.5 * (z.imaginary[a] - z.imaginary[b]))
        let odd = unsafe (0.5 * (z.imaginary[a] + z.imaginary[b]), -0.5 * (z.real[a] - z.real[b]))
        let (c, s) = unsafe (factors[2 * k], factors[2 * k + 1])
        unsafe y.real[k] = even.0 + (odd.0 * c - odd.1 * s)
        unsafe y.imaginary[k] = even.1 + (odd.0 * s + odd.1 * c)
      }
    }
    return unsafe y
  }

  private func store<T: RealElement>(_ lane: ComplexPointers, _ y: UnsafeMutablePointer<T>, scale: Double) {
    var pace = WorkPace(every: Self.portion)
    let stride = geometry.target.stride
    if case .realInverse = geometry.kind {
      for k in 0..<geometry.extent {
        if pace.isOver() { return }
        unsafe y[k * stride] = T(nearest: lane.real[k * width] * scale)
      }
      return
    }
    // The second half of the spectrum of real numbers mirrors the first.
    let direct = geometry.isHalved ? min(geometry.extent, geometry.length / 2 + 1) : geometry.extent
    for k in 0..<direct {
      if pace.isOver() { return }
      unsafe y[2 * k * stride] = T(nearest: lane.real[k * width] * scale)
      unsafe y[2 * k * stride + 1] = T(nearest: lane.imaginary[k * width] * scale)
    }
    for k in direct..<max(direct, geometry.extent) {
      if pace.isOver() { return }
      unsafe y[2 * k * stride] = T(nearest: lane.real[(geometry.length - k) * width])
      unsafe y[2 * k * stride + 1] = T(nearest: -lane.imaginary[(geometry.length - k) * width])
    }
  }
}
