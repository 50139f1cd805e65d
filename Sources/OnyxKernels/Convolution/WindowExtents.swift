/// The sliding window of a convolution or pooling over one to any number of spatial axes.
package struct WindowExtents: Sendable, Hashable {
  package let input, kernel, strides, dilations, padsBegin, padsEnd, output: [Int]
  /// Elements of an input plane, of an output plane and of the kernel.
  package let inputCount, outputCount, tapCount: Int

  /// All lists have one entry per spatial axis, at least one. Without `output` sizes are rounded down; a caller
  /// with another rule (ceil mode) passes its own, whose windows may reach past the padding.
  package init(
    input: [Int], kernel: [Int], strides: [Int], dilations: [Int], padsBegin: [Int], padsEnd: [Int],
    output: [Int]? = nil
  ) {
    precondition(!input.isEmpty, "a window needs a spatial axis")
    self.input = input
    self.kernel = kernel
    self.strides = strides
    self.dilations = dilations
    self.padsBegin = padsBegin
    self.padsEnd = padsEnd
    self.output =
      output
      ?? input.indices.map { i in
        let room = input[i] + padsBegin[i] + padsEnd[i] - (kernel[i] - 1) * dilations[i] - 1
        return room < 0 ? 0 : room / strides[i] + 1
      }
    inputCount = input.reduce(1, *)
    outputCount = self.output.reduce(1, *)
    tapCount = kernel.reduce(1, *)
  }

  /// Every output is one input element of the same position.
  var isIdentity: Bool {
    kernel.allSatisfy { $0 == 1 } && strides.allSatisfy { $0 == 1 } && padsBegin.allSatisfy { $0 == 0 }
      && output == input
  }

  /// Elements that all windows together reach along an axis, from the first padded one.
  func reach(_ axis: Int) -> Int { (output[axis] - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 }
}
