import Synchronization

/// A copy of a window of `source` that is made once, by the first thread that needs it.
///
/// SAFETY: the window lies inside `source` (checked by `Buffer`), and the target belongs to the one buffer that owns this.
final class DeferredCopy: Sendable {
  /// What becomes of the bytes on the way.
  enum Form {
    case same
    /// float16 or bfloat16 becomes float32.
    case widened(ElementType)
    /// float32 numbers times factors, each product rounded once: `run` numbers in a row take one factor, and the factors are taken again
    /// and again. `run` and the factors divide the count of numbers.
    case scaled([Double], run: Int)
  }

  let source: Buffer
  let offset: Int
  /// Bytes of the window.
  let byteCount: Int
  let form: Form
  private let finished = Atomic(false)
  private let copying = Mutex(())

  init(source: Buffer, offset: Int, byteCount: Int, form: Form = .same) {
    self.source = source
    self.offset = offset
    self.byteCount = byteCount
    self.form = form
  }

  /// Whether the target has the bytes.
  var isDone: Bool { finished.load(ordering: .acquiring) }

  /// Adds the whole window and the form.
  func add(to digest: inout ContentDigest) {
    source.add(to: &digest, offset: offset, byteCount: byteCount)
    switch form {
    case .same: digest.add("same")
    case .widened(let type): digest.add("widened \(type)")
    case .scaled(let factors, let run):
      digest.add("scaled")
      digest.add(UInt64(run))
      for factor in factors { digest.add(factor.bitPattern) }
    }
  }

  /// Makes the copy, unless it was made; other threads wait for it.
  @unsafe func perform(into target: UnsafeMutableRawPointer) {
    if isDone { return }
    copying.withLock { _ in
      if isDone { return }
      unsafe write(to: target)
      finished.store(true, ordering: .releasing)
    }
  }

  /// Writes what the copy will be, and leaves it at that.
  @unsafe func write(to target: UnsafeMutableRawPointer) {
    unsafe source.withUnalignedBytes { bytes in
      guard byteCount > 0, let start = unsafe bytes.baseAddress.map({ unsafe $0 + offset }) else { return }
      switch form {
      case .same: unsafe target.copyMemory(from: start, byteCount: byteCount)
      case .scaled(let factors, let run):
        let floats = unsafe target.assumingMemoryBound(to: Float.self)
        unsafe Self.scale(start, floats, byteCount / MemoryLayout<Float>.stride, factors, run)
      case .widened(let type):
        let floats = unsafe target.assumingMemoryBound(to: Float.self)
        if type == .float16 {
          unsafe Self.widenFloat16(start, floats, byteCount / 2)
        } else {
          unsafe Self.widenBFloat16(start, floats, byteCount / 2)
        }
      }
    }
  }

  /// Writes `count` products of the numbers from `source` on, which need not be aligned.
  private static func scale(
    _ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int, _ factors: [Double], _ run: Int
  ) {
    let width = MemoryLayout<Float>.stride
    if run == 1 {
      for start in stride(from: 0, to: count, by: factors.count) {
        for index in factors.indices {
          let value = unsafe source.loadUnaligned(fromByteOffset: (start + index) * width, as: Float.self)
          unsafe target[start + index] = Float(Double(value) * factors[index])
        }
      }
      return
    }
    for part in 0..<count / run {
      let factor = factors[part % factors.count]
      for index in part * run..<(part + 1) * run {
        unsafe target[index] = Float(Double(source.loadUnaligned(fromByteOffset: index * width, as: Float.self)) * factor)
      }
    }
  }

  /// Every finite number exactly. The exponent is moved by a product, which also makes subnormal numbers normal; the largest exponent
  /// stays the largest.
  private static func widenFloat16(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for index in 0..<count {
      let half = UInt32(unsafe source.loadUnaligned(fromByteOffset: 2 &* index, as: UInt16.self))
      let magnitude = (half & 0x7FFF) << 13
      let scaled = Float(bitPattern: magnitude) * 0x1p112
      let special: UInt32 = magnitude >= 0x0F80_0000 ? 0x7F80_0000 : 0
      unsafe target[index] = Float(bitPattern: scaled.bitPattern | special | (half & 0x8000) << 16)
    }
  }

  private static func widenBFloat16(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for index in 0..<count {
      let bits = UInt32(unsafe source.loadUnaligned(fromByteOffset: 2 &* index, as: UInt16.self))
      unsafe target[index] = Float(bitPattern: bits << 16)
    }
  }
}
