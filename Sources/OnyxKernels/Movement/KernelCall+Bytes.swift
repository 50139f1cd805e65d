import OnyxOperators
import OnyxTensor

/// Memory by its bytes, for kernels that move elements without looking at them.
///
/// SAFETY: see `KernelCall`.
extension KernelCall {
  func bytes(_ index: Int) -> UnsafeRawPointer { unsafe UnsafeRawPointer(input(index, as: UInt8.self)) }
  func outputBytes(_ index: Int = 0) -> UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(output(index, as: UInt8.self)) }
}

/// The bytes of one element, in memory that is aligned for it.
///
/// SAFETY: the pointer is valid during the closure only.
struct ElementBits: Sendable {
  private let bits: (UInt64, UInt64)

  /// The first element of a tensor of at least one; not of strings.
  init(_ tensor: Tensor) {
    var bits: (UInt64, UInt64) = (0, 0)
    unsafe tensor.withUnalignedBytes { source in
      unsafe withUnsafeMutableBytes(of: &bits) { target in
        for index in 0..<min(target.count, source.count) { unsafe target[index] = source[index] }
      }
    }
    self.bits = bits
  }

  func withPointer<R>(_ body: (UnsafeRawPointer) -> R) -> R {
    unsafe withUnsafeBytes(of: bits) { bytes in
      guard let start = bytes.baseAddress else { preconditionFailure("The bits of an element have no address.") }
      return unsafe body(start)
    }
  }
}
