import OnyxGraph
import OnyxTensor

/// One sliced axis: a start, an end and a step as ONNX Slice gives them, before they meet the extent.
package struct SliceRange {
  let start: Dimension
  let end: Dimension
  let step: Int

  /// Starts and ends from here on mean "as far as it goes" whatever the extent is: ONNX recommends INT_MAX and INT_MIN.
  static let far = Int(Int32.max)

  package struct Known {
    let start: Int
    let end: Int
    let step: Int

    package init(start: Int, end: Int, step: Int) {
      self.start = start
      self.end = end
      self.step = step
    }

    /// The first index and the number of elements in an axis of `extent`.
    package func resolve(extent: Int) -> (first: Int, count: Int) {
      let start = start < 0 ? start + extent : start
      let end = end < 0 ? end + extent : end
      if step > 0 {
        let first = min(max(start, 0), extent)
        let last = min(max(end, 0), extent)
        return (first, last > first ? (last - first - 1) / step + 1 : 0)
      }
      let first = min(max(start, 0), extent - 1)
      let last = min(max(end, -1), extent - 1)
      return (first, first > last ? Int(UInt(first - last - 1) / step.magnitude) + 1 : 0)
    }
  }

  var known: Known? {
    guard let start = start.known, let end = end.known else { return nil }
    return Known(start: start, end: end, step: step)
  }

  /// The number of elements in an axis of a perhaps symbolic extent: exact where it follows for every value of the symbols,
  /// else a symbol named after the slice, so that equal slices of equal extents stay equal.
  func count(of extent: Dimension) throws(OnyxError) -> Dimension {
    if let known, let extent = extent.known { return Dimension(known.resolve(extent: extent).count) }
    return try proven(extent) ?? named(extent)
  }

  private func proven(_ extent: Dimension) throws(OnyxError) -> Dimension? {
    if step < 0 {
      guard let start = start.known, start == -1 || start >= Self.far, let end = end.known, end < -Self.far, step > -Self.far else {
        return nil
      }
      return try extent.dividedUp(by: Dimension(-step))
    }
    guard let first = try position(start, extent), let last = try position(end, extent) else { return nil }
    let length = try last - first
    if let least = length.lowerBound, least >= 0 { return try length.dividedUp(by: Dimension(step)) }
    if let least = try (first - last).lowerBound, least >= 0 { return 0 }
    return nil
  }

  /// A start or end clamped to 0 … extent, for a positive step; nil when that depends on the symbols.
  private func position(_ value: Dimension, _ extent: Dimension) throws(OnyxError) -> Dimension? {
    if let known = value.known {
      if known >= Self.far { return extent }
      if known < -Self.far { return 0 }
      if let extent = extent.known { return Dimension(min(max(known < 0 ? known + extent : known, 0), extent)) }
      if known < 0 {
        let counted = try extent + value
        return counted.lowerBound.map { $0 >= 0 } == true ? counted : nil
      }
    }
    guard let least = value.lowerBound, least >= 0, let room = try (extent - value).lowerBound, room >= 0 else { return nil }
    return value
  }

  private func named(_ extent: Dimension) -> Dimension {
    func text(_ position: Dimension, isDefault: (Int) -> Bool) -> String {
      if let known = position.known, isDefault(known) { return "" }
      return "\(position)"
    }
    let first = text(start) { step > 0 ? $0 == 0 || $0 < -Self.far : $0 >= Self.far }
    let last = text(end) { step > 0 ? $0 >= Self.far : $0 < -Self.far }
    return Dimension(
      derived: "slice(\(extent),\(first):\(last)\(step == 1 ? "" : ":\(step)"))", of: [extent] + [start, end].filter { $0.known == nil })
  }
}
