import OnyxThreads

/// Elementwise functions over memory of any element type. Internal to this module: a generic loop is only fast where the
/// compiler sees the type that it runs for.
///
/// SAFETY: callers pass buffers that hold every element the counts, shapes and strides reach; the loops stay within those.
enum GenericElementwise {
  /// Elements that are worth a thread.
  private static let grain = 16384

  /// `y[i] = f(x[i])`, i < count. `y` may equal `x` when both elements have one width.
  static func unary<F: UnaryElementFunction>(
    _ function: F.Type, _ x: UnsafePointer<F.Operand>, _ y: UnsafeMutablePointer<F.Result>, count: Int, pool: ThreadPool
  ) {
    pool.parallelFor(count: count, grain: grain) { range in
      for index in range { unsafe y[index] = F.apply(x[index]) }
    }
  }

  /// `y = f(a, b)` in the shape of `loops`. `y` may equal an operand that is not broadcast and has elements of one width.
  static func binary<F: BinaryElementFunction>(
    _ function: F.Type, _ a: UnsafePointer<F.Operand>, _ b: UnsafePointer<F.Operand>, _ y: UnsafeMutablePointer<F.Result>,
    _ loops: BroadcastLoops, pool: ThreadPool
  ) {
    let strides = (loops.inner[0], loops.inner[1])
    loops.forEachRow(pool: pool, grain: grain) { target, offsets, count in
      let (a, b, y) = unsafe (a + offsets[0], b + offsets[1], y + target)
      switch strides {
      case (1, 1):
        for index in 0..<count { unsafe y[index] = F.apply(a[index], b[index]) }
      case (1, 0):
        let right = unsafe b[0]
        for index in 0..<count { unsafe y[index] = F.apply(a[index], right) }
      case (0, 1):
        let left = unsafe a[0]
        for index in 0..<count { unsafe y[index] = F.apply(left, b[index]) }
      default:
        for index in 0..<count { unsafe y[index] = F.apply(a[index &* strides.0], b[index &* strides.1]) }
      }
    }
  }

  /// `y = condition ? a : b` in the shape of `loops`, whose operands are condition, a and b. `y` may equal an operand that is
  /// not broadcast and has elements of one width.
  static func select<T: BitwiseCopyable>(
    _ condition: UnsafePointer<UInt8>, _ a: UnsafePointer<T>, _ b: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, _ loops: BroadcastLoops,
    pool: ThreadPool
  ) {
    let strides = loops.inner
    loops.forEachRow(pool: pool, grain: grain) { target, offsets, count in
      let (condition, a, b, y) = unsafe (condition + offsets[0], a + offsets[1], b + offsets[2], y + target)
      // Both sides are read before one is taken: a selection instead of a branch.
      switch (strides[0], strides[1], strides[2]) {
      case (1, 1, 1):
        for index in 0..<count {
          let (left, right) = unsafe (a[index], b[index])
          unsafe y[index] = condition[index] != 0 ? left : right
        }
      case (1, 0, 1):
        let left = unsafe a[0]
        for index in 0..<count {
          let right = unsafe b[index]
          unsafe y[index] = condition[index] != 0 ? left : right
        }
      case (1, 1, 0):
        let right = unsafe b[0]
        for index in 0..<count {
          let left = unsafe a[index]
          unsafe y[index] = condition[index] != 0 ? left : right
        }
      case (let c, let leftStride, let rightStride):
        for index in 0..<count {
          let (left, right) = unsafe (a[index &* leftStride], b[index &* rightStride])
          unsafe y[index] = condition[index &* c] != 0 ? left : right
        }
      }
    }
  }
}
