import OnyxTensor

/// Where the windows of a convolution or a pool lie over an input of known size: the attributes of the node with
/// `auto_pad` and `ceil_mode` already applied. Made by `WindowAttributes.geometry`, which checks every value, so that the
/// arithmetic below cannot overflow.
package struct WindowGeometry: Sendable, Hashable {
  /// One spatial axis. Window `i` covers the input coordinates i·stride − padBefore + k·dilation for k in 0 ..< kernel.
  package struct Axis: Sendable, Hashable {
    /// Extent of the input without padding.
    package let input: Int
    /// Number of windows.
    package let output: Int
    /// Number of taps of a window.
    package let kernel: Int
    /// Elements between the starts of neighbouring windows.
    package let stride: Int
    /// Elements between neighbouring taps.
    package let dilation: Int
    /// Padding in effect at the beginning.
    package let padBefore: Int
    /// Padding in effect at the end. In ceil mode the last window may reach past it.
    package let padAfter: Int

    /// Between windows of which there is one, and between taps of which there is one, no distance counts; kept is one that no offset made
    /// of it can overflow.
    package init(input: Int, output: Int, kernel: Int, stride: Int, dilation: Int, padBefore: Int, padAfter: Int) {
      let padded = max(1, input &+ padBefore &+ padAfter)
      self.input = input
      self.output = output
      self.kernel = kernel
      self.stride = output <= 1 ? min(stride, padded) : stride
      self.dilation = kernel <= 1 ? min(dilation, padded) : dilation
      self.padBefore = padBefore
      self.padAfter = padAfter
    }

    /// Elements from the first to the last tap of a window.
    package var extent: Int { dilation * (kernel - 1) + 1 }

    /// The input coordinate of the first tap of a window; negative in the padding.
    package func start(_ window: Int) -> Int { window * stride - padBefore }

    /// The taps of a window that lie inside the input.
    package func taps(_ window: Int) -> Range<Int> {
      taps(from: start(window), below: input)
    }

    /// How many taps of a window lie inside the padded input.
    package func paddedTaps(_ window: Int) -> Int { taps(from: window * stride, below: input + padBefore + padAfter).count }

    /// The taps k with 0 ≤ start + k·dilation < end. Quotients only: start + kernel·dilation may not fit an `Int`.
    private func taps(from start: Int, below end: Int) -> Range<Int> {
      let first = start < 0 ? (-start - 1) / dilation + 1 : 0
      let past = end > start ? (end - start - 1) / dilation + 1 : 0
      return min(first, kernel)..<max(min(first, kernel), min(past, kernel))
    }
  }

  /// The spatial axes, outermost first.
  package let axes: [Axis]

  package init(axes: [Axis]) { self.axes = axes }

  /// The spatial shape of the result.
  package var outputShape: [Int] { axes.map(\.output) }
  /// Number of windows. The caller has checked that a tensor of `outputShape` exists.
  package var windowCount: Int { axes.reduce(1) { $0 * $1.output } }
}

/// One product of a convolution: row-major offsets in one plane of the input and in one kernel.
struct WindowTap {
  let input: Int
  /// Wraps for kernels of more than 2^63 taps; no weights of that size exist, and pools do not read it.
  let kernel: Int
}

extension WindowGeometry {
  /// Calls `body` for each window in row-major order with the taps that lie inside the input, row-major too.
  /// Complexity: O(windows · taps inside); nothing is kept between windows.
  /// Throws `budgetExceeded` when the work has to end.
  func forEachWindow(_ body: (_ window: Int, _ position: [Int], _ taps: [WindowTap]) throws(OnyxError) -> Void) throws(OnyxError) {
    var position = [Int](repeating: 0, count: axes.count)
    var pace = WorkPace(every: 4)
    for window in 0..<windowCount {
      try pace.check()
      try body(window, position, taps(at: position))
      for axis in axes.indices.reversed() {
        position[axis] += 1
        if position[axis] < axes[axis].output { break }
        position[axis] = 0
      }
    }
  }

  private func taps(at position: [Int]) -> [WindowTap] {
    let ranges = zip(axes, position).map { $0.taps($1) }
    // An input without elements may have another axis of any extent.
    if ranges.contains(where: \.isEmpty) { return [] }
    var taps = [WindowTap(input: 0, kernel: 0)]
    for (index, range) in ranges.enumerated() {
      let axis = axes[index]
      let start = axis.start(position[index])
      taps = taps.flatMap { tap in
        range.map { WindowTap(input: tap.input * axis.input + start + $0 * axis.dilation, kernel: tap.kernel &* axis.kernel &+ $0) }
      }
    }
    return taps
  }
}
