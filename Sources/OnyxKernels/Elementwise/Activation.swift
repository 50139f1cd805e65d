import CKernels
import OnyxOperators
import OnyxThreads

/// What a driver applies to each output element last.
package enum Activation: Sendable, Hashable {
  case none
  /// Limits to `low...high`; NaN stays. Relu is `clamp(0, .infinity)`.
  case clamp(Float, Float)
  /// Any unary function, with its parameters.
  case unary(UnaryOperation, Float = 0, Float = 0)

  package static let relu = Activation.clamp(0, .infinity)

  /// The limits that the inner kernel applies; infinite when there are none.
  var limits: (low: Float, high: Float) {
    if case .clamp(let low, let high) = self { return (low, high) }
    return (-.infinity, .infinity)
  }

  var isClamp: Bool {
    if case .clamp = self { return true }
    return false
  }

  /// Applies a unary function in place to `rows` runs of `count` elements; clamps were applied by the kernel.
  ///
  /// SAFETY: touches `base[r * stride ..< r * stride + count]` for each row only.
  func apply(_ base: UnsafeMutablePointer<Float>, rows: Int, stride: Int, count: Int, isa: ISA) {
    guard case .unary(let operation, let p0, let p1) = self else { return }
    let function = unsafe isa.elementwise.unary[operation.rawValue]!
    if stride == count {
      unsafe function(base, base, Int64(rows * count), p0, p1)
    } else {
      for r in 0..<rows { unsafe function(base + r * stride, base + r * stride, Int64(count), p0, p1) }
    }
  }

  /// Applies it in place to `count` elements, clamps too, on all threads.
  ///
  /// SAFETY: touches `base[0 ..< count]` only.
  func applyAny(_ base: UnsafeMutablePointer<Float>, count: Int, isa: ISA, pool: ThreadPool) {
    switch self {
    case .none: break
    case .clamp(let low, let high): unsafe Elementwise.unary(.clip, base, base, count: count, p0: low, p1: high, isa: isa, pool: pool)
    case .unary(let operation, let p0, let p1):
      unsafe Elementwise.unary(operation, base, base, count: count, p0: p0, p1: p1, isa: isa, pool: pool)
    }
  }
}

extension Activation {
  /// What a fused node does last. Every function that a product may apply has vector kernels.
  init(_ fused: FusedActivation) {
    let parameters = fused.kernelParameters
    switch fused.op {
    case nil: self = .none
    case "Relu"?: self = .relu
    case "Clip"?: self = .clamp(parameters[0], parameters[1])
    case let name?:
      guard let operation = UnaryOperation(named: name) else { preconditionFailure("The activation \(name) has no kernel.") }
      self = .unary(operation, parameters.first ?? 0, parameters.dropFirst().first ?? 0)
    }
  }
}
