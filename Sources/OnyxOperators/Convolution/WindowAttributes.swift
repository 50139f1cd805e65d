import OnyxGraph
import OnyxTensor

/// How padding is chosen when it is not given: ONNX attribute `auto_pad`.
package enum AutoPad: String, Sendable, Hashable, CaseIterable {
  case notSet = "NOTSET"
  case sameUpper = "SAME_UPPER"
  case sameLower = "SAME_LOWER"
  case valid = "VALID"

  /// Whether the window count follows from input and stride alone.
  package var isSame: Bool { self == .sameUpper || self == .sameLower }
}

/// The window attributes that convolutions and pools share, as the node gives them.
///
/// Every value is checked on its own: kernels, strides and dilations are at least 1, pads are not negative, and none is past
/// `largestDistance`. Their number
/// is checked against the rank of an input by `outputSizes` and `geometry`. An empty list counts as an absent one.
package struct WindowAttributes: Sendable, Hashable {
  /// nil: the kernel of the weights, or of the whole input.
  package let kernelShape: [Int]?
  /// nil is 1 in each axis.
  package let strides: [Int]?
  /// nil is 1 in each axis.
  package let dilations: [Int]?
  /// Beginnings of all axes, then ends; nil is 0. Without effect unless `autoPad` is `.notSet`.
  package let pads: [Int]?
  /// Where padding comes from.
  package let autoPad: AutoPad
  /// Whether a last window may stick out of the padded input.
  package let ceilMode: Bool

  /// Throws `invalidModel` when a value is out of its range.
  package init(
    kernelShape: [Int]? = nil, strides: [Int]? = nil, dilations: [Int]? = nil, pads: [Int]? = nil, autoPad: AutoPad = .notSet,
    ceilMode: Bool = false
  ) throws(OnyxError) {
    self.kernelShape = try Self.distances("kernel_shape", kernelShape)
    self.strides = try Self.distances("strides", strides)
    self.dilations = try Self.distances("dilations", dilations)
    self.pads = try Self.distances("pads", pads, least: 0)
    self.autoPad = autoPad
    self.ceilMode = ceilMode
  }

  /// Reads `kernel_shape`, which a pool requires, `strides`, `dilations`, `pads`, `auto_pad` and, for pools, `ceil_mode`.
  init(_ attributes: inout AttributeReader, isPool: Bool = false) throws(OnyxError) {
    let kernelShape = try attributes.ints("kernel_shape")
    try self.init(
      kernelShape: isPool ? try attributes.required("kernel_shape", kernelShape) : kernelShape, strides: try attributes.ints("strides"),
      dilations: try attributes.ints("dilations"), pads: try attributes.ints("pads"),
      autoPad: try attributes.choice("auto_pad", default: AutoPad.notSet),
      ceilMode: isPool ? try attributes.flag("ceil_mode", default: false) : false)
  }

  /// The largest kernel, pad and distance between windows or taps: products of two, and sums of many, fit 64 bits.
  package static let largestDistance = Int(Int32.max)

  private static func distances(_ name: String, _ values: [Int]?, least: Int = 1) throws(OnyxError) -> [Int]? {
    let values = try checked(name, values, least: least)
    guard let value = values?.first(where: { $0 > largestDistance }) else { return values }
    throw .invalid("The attribute '\(name)' has the value \(value); a value past \(largestDistance) overflows.")
  }

  private static func checked(_ name: String, _ values: [Int]?, least: Int) throws(OnyxError) -> [Int]? {
    guard let values, !values.isEmpty else { return nil }
    guard values.allSatisfy({ $0 >= least }) else {
      throw .invalid("The attribute '\(name)' is \(values); each value must be at least \(least).")
    }
    return values
  }

  /// The kernel for an input of `rank` spatial axes that has no weights.
  func poolKernel(rank: Int) throws(OnyxError) -> [Int] {
    guard let kernelShape else { throw .invalid("The attribute 'kernel_shape' is missing.") }
    try checkRank(rank)
    return kernelShape
  }

  /// Throws unless every list is one for `rank` spatial axes.
  func checkRank(_ rank: Int) throws(OnyxError) {
    for (name, values, count) in [
      ("kernel_shape", kernelShape, rank), ("strides", strides, rank), ("dilations", dilations, rank), ("pads", pads, 2 * rank),
    ] {
      guard let values, values.count != count else { continue }
      throw .invalid("The attribute '\(name)' has \(values.count) values; an input with \(rank) spatial axes needs \(count).")
    }
  }

  /// Throws when `kernel_shape` disagrees with the spatial extents of the weights.
  func checkKernel(_ weights: [Dimension]) throws(OnyxError) {
    guard let kernelShape else { return }
    for (given, actual) in zip(kernelShape, weights) {
      guard let actual = actual.known, actual != given else { continue }
      throw .invalid("The attribute 'kernel_shape' is \(kernelShape), but the weights have the kernel \(weights).")
    }
  }

  /// The stride of a spatial axis that the input has.
  package func stride(_ axis: Int) -> Int { strides?[axis] ?? 1 }
  /// The dilation of a spatial axis that the input has.
  package func dilation(_ axis: Int) -> Int { dilations?[axis] ?? 1 }
}

extension WindowAttributes {
  /// Explicit padding of one axis; zero under any `auto_pad`.
  func explicitPads(_ axis: Int, rank: Int) -> (before: Int, after: Int) {
    guard autoPad == .notSet, let pads else { return (0, 0) }
    return (pads[axis], pads[axis + rank])
  }

  /// dilation · (kernel − 1) + 1. Throws for a kernel of 0 (weights without taps) and on overflow.
  func extent(_ axis: Int, kernel: Int) throws(OnyxError) -> Dimension {
    guard kernel >= 1 else { throw .invalid("The kernel has the extent \(kernel) in spatial axis \(axis); it must be at least 1.") }
    return try Dimension(dilation(axis)) * Dimension(kernel - 1) + 1
  }

  /// The number of windows along each axis, for inputs and kernels of any (possibly symbolic) size; an unknown kernel makes
  /// an unknown size. Throws when a window cannot fit.
  func outputSizes(input: [Dimension], kernel: [Dimension], _ context: InferenceContext) throws(OnyxError) -> [Dimension] {
    try checkRank(input.count)
    guard kernel.count == input.count else {
      throw .invalid("The kernel has \(kernel.count) spatial axes and the input has \(input.count).")
    }
    try checkKernel(kernel)
    var sizes: [Dimension] = []
    for axis in input.indices {
      if let known = kernelShape?[axis] ?? kernel[axis].known {
        sizes.append(try outputSize(input[axis], axis: axis, rank: input.count, kernel: known))
      } else if autoPad.isSame {
        sizes.append(try input[axis].dividedUp(by: Dimension(stride(axis))))
      } else {
        sizes.append(context.unknown("spatial\(axis)"))
      }
    }
    return sizes
  }

  /// The number of windows along one axis (ONNX: Conv-22, MaxPool-22, AveragePool-22).
  ///
  /// Under VALID the standard's rounded-up formula ceil((input − extent + 1) / stride) is the rounded-down one.
  func outputSize(_ input: Dimension, axis: Int, rank: Int, kernel: Int) throws(OnyxError) -> Dimension {
    let stride = Dimension(stride(axis))
    if autoPad.isSame { return try input.dividedUp(by: stride) }
    let extent = try extent(axis, kernel: kernel)
    let pads = explicitPads(axis, rank: rank)
    let begin = try input + Dimension(pads.before)
    let room = try begin + Dimension(pads.after) - extent
    var size = try room.dividedDown(by: stride) + 1
    if ceilMode && autoPad == .notSet {
      // A window that would start in the padding at the end is dropped.
      let neverDrops = try (Dimension(pads.after) + stride - extent).known.map { $0 <= 0 } ?? false
      size = Self.least(try room.dividedUp(by: stride) + 1, try begin.dividedUp(by: stride), firstIsLeast: neverDrops)
    }
    guard let input = input.known, let known = size.known, known < 1 else { return size }
    guard input == 0 else {
      throw .invalid("A window of \(extent) elements does not fit in spatial axis \(axis): the padded input has \(try room + extent).")
    }
    return 0
  }

  /// The lesser of two sizes; a symbol named after both when they cannot be compared yet.
  private static func least(_ first: Dimension, _ second: Dimension, firstIsLeast: Bool) -> Dimension {
    if firstIsLeast { return first }
    if let a = first.known, let b = second.known { return Dimension(min(a, b)) }
    return first == second ? first : Dimension(derived: "min(\(first),\(second))", of: [first, second])
  }

  /// The windows over an input of known spatial extents. Throws as `outputSizes` does.
  package func geometry(input: [Int], kernel: [Int]) throws(OnyxError) -> WindowGeometry {
    try checkRank(input.count)
    guard kernel.count == input.count else {
      throw .invalid("The kernel has \(kernel.count) spatial axes and the input has \(input.count).")
    }
    var axes: [WindowGeometry.Axis] = []
    for (axis, size) in input.enumerated() {
      let extent = try extent(axis, kernel: kernel[axis])
      guard let output = try outputSize(Dimension(size), axis: axis, rank: input.count, kernel: kernel[axis]).known else {
        throw .bug("A window count is unknown in the run.")
      }
      var pads = explicitPads(axis, rank: input.count)
      if autoPad.isSame && output > 0 {
        let needed = try Dimension(output - 1) * Dimension(stride(axis)) + extent - Dimension(size)
        pads = Self.split(max(0, needed.known ?? 0), autoPad)
      }
      axes.append(
        WindowGeometry.Axis(
          input: size, output: output, kernel: kernel[axis], stride: stride(axis), dilation: dilation(axis), padBefore: pads.before,
          padAfter: pads.after))
    }
    return WindowGeometry(axes: axes)
  }

  /// Shares padding between both ends; an odd one goes to the end for SAME_UPPER, to the beginning otherwise.
  static func split(_ total: Int, _ autoPad: AutoPad) -> (before: Int, after: Int) {
    let half = total / 2
    return autoPad == .sameUpper ? (half, total - half) : (total - half, half)
  }
}
