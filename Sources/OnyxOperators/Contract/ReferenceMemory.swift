import OnyxTensor

/// What a reference may hold. A size comes from a file that may be hostile, so a reference asks before it makes an array that is
/// larger than its inputs.
enum ReferenceMemory {
  /// The most elements of `width` bytes that fit.
  static func capacity(width: Int) -> Int { largest / max(1, width) }

  private static var largest: Int { min(Buffer.largestByteCount, WorkLimits.memoryBudget) }

  /// Throws `budgetExceeded` when an array of `elements` of `width` bytes does not fit. The usual width is that of two indices.
  static func check(_ elements: Int, width: Int = 2 * MemoryLayout<Int>.stride) throws(OnyxError) {
    guard elements <= capacity(width: width) else {
      throw .budget(
        "A result of \(elements) elements is too large: it does not fit in memory; at most \(largest) bytes are allowed.",
        remedy: "Use a smaller input.")
    }
  }
}

extension Shape {
  /// The shape, when a reference can hold a few words per element of it. Throws `budgetExceeded`.
  func affordable() throws(OnyxError) -> Shape {
    try ReferenceMemory.check(elementCount, width: 4 * MemoryLayout<Int>.stride)
    return self
  }

  /// An array of one value for each element. Throws `budgetExceeded` for an array larger than the machine, and when the
  /// work has to end.
  func filled<T>(with value: T) throws(OnyxError) -> [T] {
    try ReferenceMemory.check(elementCount, width: MemoryLayout<T>.stride)
    // The pages of a large array take longer than a portion of work may.
    let portion = 1 << 18
    guard elementCount > portion else { return [T](repeating: value, count: elementCount) }
    var values: [T] = []
    values.reserveCapacity(elementCount)
    while values.count < elementCount {
      try WorkLimits.check()
      values.append(contentsOf: repeatElement(value, count: Swift.min(portion, elementCount - values.count)))
    }
    return values
  }
}
