import OnyxOperators
import OnyxTensor

/// The inner loops of scattered updates that are combined.
///
/// SAFETY: an index is checked before it is used; see `ScatterRows` for the memory.
enum ScatterLoops<Number: ScatterNumber> {
  /// The loop over a line of ScatterElements, and the one over slices of ScatterND.
  static func loops(_ reduction: ScatterReduction) -> ScatterRows.Loops {
    switch reduction {
    case .mul: unsafe (line(ScatterMultiply<Number>.self), slices(ScatterMultiply<Number>.self))
    case .max: unsafe (line(ScatterMaximum<Number>.self), slices(ScatterMaximum<Number>.self))
    case .min: unsafe (line(ScatterMinimum<Number>.self), slices(ScatterMinimum<Number>.self))
    case .add, .none: unsafe (line(ScatterAdd<Number>.self), slices(ScatterAdd<Number>.self))
    }
  }

  private static func line<F: ScatterFunction>(_ function: F.Type) -> ScatterRows.Line where F.Number == Number {
    { target, updates, indices, indexWidth, count, extent, axisStride, step in
      if indexWidth == 8 {
        unsafe run(function, target, updates, indices.assumingMemoryBound(to: Int64.self), count, extent, axisStride, step)
      } else {
        unsafe run(function, target, updates, indices.assumingMemoryBound(to: Int32.self), count, extent, axisStride, step)
      }
    }
  }

  private static func run<F: ScatterFunction, Index: FixedWidthInteger>(
    _ function: F.Type, _ target: UnsafeMutableRawPointer, _ updates: UnsafeRawPointer, _ indices: UnsafePointer<Index>, _ count: Int,
    _ extent: Int, _ axisStride: Int, _ step: Int
  ) -> Int where F.Number == Number {
    let target = unsafe target.assumingMemoryBound(to: Number.self)
    let updates = unsafe updates.assumingMemoryBound(to: Number.self)
    for position in 0..<count {
      let given = unsafe Int(truncatingIfNeeded: indices[position])
      let index = given < 0 ? given &+ extent : given
      guard index >= 0, index < extent else { return position }
      let place = index &* axisStride &+ position &* step
      unsafe target[place] = F.apply(target[place], updates[position])
    }
    return count
  }

  private static func slices<F: ScatterFunction>(_ function: F.Type) -> ScatterRows.Slices where F.Number == Number {
    { target, updates, offsets, slices, length, columns in
      let target = unsafe target.assumingMemoryBound(to: Number.self)
      let updates = unsafe updates.assumingMemoryBound(to: Number.self)
      for slice in 0..<slices {
        let (to, from) = unsafe (target + Int(offsets[slice]), updates + slice &* length)
        for column in columns { unsafe to[column] = F.apply(to[column], from[column]) }
      }
    }
  }
}
