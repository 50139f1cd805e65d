import OnyxGraph
import OnyxTensor

/// The labels that a classifier gives, in the order of its classes.
package enum ClassLabels: Sendable {
  case ints([Int])
  case strings([String])

  /// Reads two attributes of which exactly one must be given. Throws `invalidModel` otherwise.
  init(_ attributes: inout AttributeReader, ints: String, strings: String) throws(OnyxError) {
    let numbers = try attributes.ints(ints) ?? []
    let texts = try attributes.texts(strings) ?? []
    guard numbers.isEmpty != texts.isEmpty else {
      throw .invalid("Exactly one of the attributes '\(ints)' and '\(strings)' must be given.")
    }
    self = texts.isEmpty ? .ints(numbers) : .strings(texts)
  }

  /// The number of classes, at least 1.
  package var count: Int {
    switch self {
    case .ints(let labels): labels.count
    case .strings(let labels): labels.count
    }
  }

  /// The type of the labels.
  package var elementType: ElementType {
    switch self {
    case .ints: .int64
    case .strings: .string
    }
  }

  /// The labels of these classes, as a tensor of rank 1.
  func tensor(_ classes: [Int]) throws(OnyxError) -> Tensor {
    try ReferenceMemory.check(classes.count)
    switch self {
    case .ints(let labels): return try Tensor(classes.map { labels[$0] })
    case .strings(let labels): return try Tensor(classes.map { labels[$0] })
    }
  }
}

extension ArraySlice where Element: Comparable {
  /// The position of the largest element, counted from the start of the slice; the first of equal ones.
  func firstOfLargest() -> Int {
    var best = startIndex
    for index in indices where self[index] > self[best] { best = index }
    return best - startIndex
  }
}
