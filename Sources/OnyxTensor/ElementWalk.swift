/// Elements that a walk visits one after the other: from `position` on, each `stride` behind the last.
package struct ElementRun: Sendable, Hashable {
  package let position: Int
  package let stride: Int
  package let count: Int

  package init(position: Int, stride: Int, count: Int) {
    self.position = position
    self.stride = stride
    self.count = count
  }
}

/// An order in which the elements of a tensor are read, each as often as it is needed.
package protocol ElementWalk: Sendable {
  /// What the walk visits at its step `index`, counted from 0, and behind it: 1 to `limit` elements. `limit` is positive, and no more
  /// steps are asked for than the walk has.
  func run(at index: Int, atMost limit: Int) -> ElementRun
}

extension ElementWalk {
  /// The positions that the walk visits at its steps.
  package func positions(_ steps: Range<Int>) -> [Int] {
    var positions: [Int] = []
    positions.reserveCapacity(steps.count)
    while positions.count < steps.count {
      let run = run(at: steps.lowerBound + positions.count, atMost: steps.count - positions.count)
      for index in 0..<run.count { positions.append(run.position + index * run.stride) }
    }
    return positions
  }
}

/// The elements of an operand where broadcasting puts them in a result, in the result's row-major order.
package struct BroadcastWalk: ElementWalk {
  /// Axes of the result, innermost last; neighbours that are walked as one are one.
  private var axes: [(extent: Int, stride: Int)] = []

  /// `operand` must be broadcastable to `result`.
  package init(_ operand: Shape, in result: Shape) {
    let lead = result.rank - operand.rank
    let strides = operand.strides
    for (axis, extent) in result.enumerated() where extent != 1 {
      let stride = axis < lead || operand[axis - lead] == 1 ? 0 : strides[axis - lead]
      if let outer = axes.last, outer.stride == stride &* extent {
        axes[axes.count - 1] = (outer.extent &* extent, stride)
      } else {
        axes.append((extent, stride))
      }
    }
  }

  /// Complexity: O(rank).
  package func run(at index: Int, atMost limit: Int) -> ElementRun {
    guard let inner = axes.last else { return ElementRun(position: 0, stride: 0, count: 1) }
    if axes.count == 1 { return ElementRun(position: index * inner.stride, stride: inner.stride, count: limit) }
    var (rest, place) = index.quotientAndRemainder(dividingBy: inner.extent)
    let count = min(limit, inner.extent - place)
    var position = place * inner.stride
    for axis in axes.dropLast().reversed() {
      (rest, place) = rest.quotientAndRemainder(dividingBy: axis.extent)
      position += place * axis.stride
    }
    return ElementRun(position: position, stride: inner.stride, count: count)
  }
}
