/// A box by its lesser and its greater coordinate along both axes.
struct Box {
  let left, right, top, bottom: Float
  /// A box whose area is not positive overlaps nothing.
  let area: Float

  /// Four coordinates from `first` on: [y, x, y, x] of any two opposite corners, or [x, y, width, height] of the centre and the size.
  init(_ coordinates: Span<Float>, at first: Int, isCentered: Bool) {
    let (a, b, c, d) = (coordinates[first], coordinates[first + 1], coordinates[first + 2], coordinates[first + 3])
    left = isCentered ? a - c / 2 : min(b, d)
    right = isCentered ? a + c / 2 : max(b, d)
    top = isCentered ? b - d / 2 : min(a, c)
    bottom = isCentered ? b + d / 2 : max(a, c)
    area = (right - left) * (bottom - top)
  }

  /// Whether the shared area, divided by the area that both cover, is greater than `threshold`.
  func overlaps(_ other: Box, by threshold: Float) -> Bool {
    let width = min(right, other.right) - max(left, other.left)
    let height = min(bottom, other.bottom) - max(top, other.top)
    guard width > 0, height > 0, area > 0, other.area > 0 else { return false }
    let shared = width * height
    let both = area + other.area - shared
    return shared > 0 && both > 0 && shared / both > threshold
  }
}

/// The boxes of one batch and class that are kept, in the order in which they were taken.
/// Complexity: O(n · kept) for n boxes that are added.
struct KeptBoxes {
  /// The boxes' indices.
  private(set) var indices: [Int] = []
  /// Those with an area, eight in a group.
  private var boxes: [Box] = []
  private var groups: [Group] = []

  /// Keeps a box unless it overlaps a kept one by more than `overlap`.
  mutating func add(_ index: Int, _ box: Box, overlap: Float) {
    if box.area > 0 {
      for group in groups.indices where groups[group].mayOverlap(box, by: overlap) {
        let first = group * Group.size
        for place in first..<min(first + Group.size, boxes.count) where boxes[place].overlaps(box, by: overlap) { return }
      }
      let lane = boxes.count % Group.size
      if lane == 0 { groups.append(Group()) }
      groups[groups.count - 1].set(lane, box)
      boxes.append(box)
    }
    indices.append(index)
  }

  /// Eight boxes, coordinate by coordinate; empty ones lie at the origin.
  private struct Group {
    static let size = 8

    private var left = SIMD8<Float>()
    private var right = SIMD8<Float>()
    private var top = SIMD8<Float>()
    private var bottom = SIMD8<Float>()
    private var area = SIMD8<Float>()

    mutating func set(_ lane: Int, _ box: Box) {
      left[lane] = box.left
      right[lane] = box.right
      top[lane] = box.top
      bottom[lane] = box.bottom
      area[lane] = box.area
    }

    /// Whether one of the boxes may overlap another by more than `threshold`. When it does, the quotient of the areas is above the
    /// threshold, so that their rounded product is not below.
    func mayOverlap(_ box: Box, by threshold: Float) -> Bool {
      let (ends, starts) = (SIMD8(repeating: box.right), SIMD8(repeating: box.left))
      let (lower, upper) = (SIMD8(repeating: box.bottom), SIMD8(repeating: box.top))
      let width = ends.replacing(with: right, where: right .< ends) - starts.replacing(with: left, where: left .>= starts)
      let height = lower.replacing(with: bottom, where: bottom .< lower) - upper.replacing(with: top, where: top .>= upper)
      let shared = width * height
      let both = SIMD8(repeating: box.area) + area - shared
      return any((width .> 0) .& (height .> 0) .& (shared .>= both * threshold))
    }
  }
}
