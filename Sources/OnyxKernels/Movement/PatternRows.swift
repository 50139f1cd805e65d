import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Operators that arrange, repeat, surround or mask elements of any width.
///
/// SAFETY: see `KernelCall`.
enum PatternRows {
  static let all = [
    KernelRow("tile_strided", ["Tile"], .any, tile), KernelRow("depth_to_space_strided", ["DepthToSpace"], .any, depthToSpace),
    KernelRow("space_to_depth_strided", ["SpaceToDepth"], .any, spaceToDepth), KernelRow("pad_rows", ["Pad"], .any, pad),
    KernelRow("center_crop_pad_rows", ["CenterCropPad"], .any, centerCropPad),
    KernelRow("reverse_sequence_rows", ["ReverseSequence"], .any, reverseSequence), KernelRow("trilu_rows", ["Trilu"], .any, trilu),
    KernelRow("eye_like_fill", ["EyeLike"], .output(0, ServedElements.any.types), eyeLike),
    KernelRow("constant_of_shape_fill", ["ConstantOfShape"], .output(0, ServedElements.any.types), constantOfShape),
  ]

  private static let missing = "the input or the output is missing"
  private static let parallelByteCount = 1 << 16

  private static func tile(_ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), let y = query.outputs[0], x.shape.rank == y.shape.rank else { return .declined(missing) }
    guard y.shape.elementCount > 0 else { return .run { _ in } }
    var (extents, source) = ([Int](), [Int]())
    for (axis, stride) in x.shape.strides.enumerated() {
      extents += [y.shape[axis] / x.shape[axis], x.shape[axis]]
      source += [0, stride]
    }
    return copy(x, extents, source)
  }

  private static func depthToSpace(_ op: DepthToSpace, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), x.shape.rank == 4 else { return .declined(missing) }
    return try transposed(x, op.parts(x.shape))
  }

  private static func spaceToDepth(_ op: SpaceToDepth, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), x.shape.rank == 4 else { return .declined(missing) }
    return try transposed(x, op.parts(x.shape))
  }

  private static func transposed(_ x: TensorType, _ parts: (extents: [Int], permutation: [Int])) throws(OnyxError) -> Preparation {
    let strides = try Shape(parts.extents).strides
    return copy(x, parts.permutation.map { parts.extents[$0] }, parts.permutation.map { strides[$0] })
  }

  /// Copies to a dense target of these extents.
  private static func copy(_ x: TensorType, _ extents: [Int], _ strides: [Int]) -> Preparation {
    var (target, stride) = (extents, 1)
    for axis in extents.indices.reversed() {
      target[axis] = stride
      stride *= extents[axis]
    }
    let copy = StridedCopy(width: x.elementType.byteWidth, extents: extents, sourceStrides: strides, targetStrides: target)
    return .run { call in unsafe copy.run(from: call.bytes(0), to: call.outputBytes(), pool: call.pool) }
  }

  private static func pad(_ op: Pad, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), let y = query.outputs[0], x.shape.rank > 0 else { return .declined(missing) }
    guard let pads = try query.constant(1)?.ints(), query.isFixed(3) else { return .declined("pads or axes are only known in the run") }
    let axes = try op.axes(x.shape, pads: pads, axes: try query.constant(3)?.ints())
    let copy = PaddedCopy(
      width: x.elementType.byteWidth, source: x.shape, result: y.shape, changes: axes.map { $0.begin != 0 || $0.end != 0 }
    ) { axis, coordinate in axes[axis].piece(at: coordinate) }
    let blank = ElementBits(try .blank(x.elementType))
    return .run { call in
      if let value = unsafe call.optionalInput(2, as: UInt8.self) {
        unsafe copy.run(from: call.bytes(0), to: call.outputBytes(), fill: UnsafeRawPointer(value), pool: call.pool)
      } else {
        unsafe blank.withPointer { fill in unsafe copy.run(from: call.bytes(0), to: call.outputBytes(), fill: fill, pool: call.pool) }
      }
    }
  }

  private static func centerCropPad(_ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, let type = query.input(0)?.elementType, let y = query.outputs[0]?.shape, x.rank > 0 else {
      return .declined(missing)
    }
    let copy = PaddedCopy(width: type.byteWidth, source: x, result: y, changes: x.indices.map { x[$0] != y[$0] }) { axis, coordinate in
      CenterCropPad.piece(at: coordinate, extent: x[axis], result: y[axis])
    }
    let blank = ElementBits(try .blank(type))
    return .run { call in
      unsafe blank.withPointer { fill in unsafe copy.run(from: call.bytes(0), to: call.outputBytes(), fill: fill, pool: call.pool) }
    }
  }

  private static func reverseSequence(_ op: ReverseSequence, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), x.shape.rank >= 2, query.input(1)?.shape.elementCount == x.shape[op.batch] else {
      return .declined(missing)
    }
    let (extent, columns) = (x.shape[op.time], x.shape[1])
    let isTimeFirst = op.time == 0
    let bytes = x.shape[2...].reduce(1, *) * x.elementType.byteWidth
    let (rows, batch) = (x.shape[0] * columns, x.shape[op.batch])
    return .run { (call) throws(OnyxError) in
      let lengths = unsafe call.input(1, as: Int64.self)
      for index in 0..<batch {
        let length = unsafe lengths[index]
        guard length >= 0, length <= extent else { throw .invalid("The sequence length \(length) is outside 0 … \(extent).") }
      }
      let (source, target) = unsafe (call.bytes(0), call.outputBytes())
      call.pool.parallelFor(count: rows, grain: max(1, parallelByteCount / max(1, bytes))) { range in
        for row in range {
          let (first, second) = row.quotientAndRemainder(dividingBy: columns)
          let (step, length) = unsafe isTimeFirst ? (first, Int(lengths[second])) : (second, Int(lengths[first]))
          let moved = step < length ? length - 1 - 2 * step : 0
          let from = row + (isTimeFirst ? moved * columns : moved)
          unsafe (target + row * bytes).copyMemory(from: source + from * bytes, byteCount: bytes)
        }
      }
    }
  }

  private static func trilu(_ op: Trilu, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), x.shape.rank >= 2 else { return .declined(missing) }
    let (rows, columns) = (x.shape[x.shape.rank - 2], x.shape[x.shape.rank - 1])
    let (width, all) = (x.elementType.byteWidth, x.shape.dropLast().reduce(1, *))
    let isUpper = op.isUpper
    let blank = ElementBits(try .blank(x.elementType))
    return .run(inPlaceInputs: [0]) { call in
      let given = unsafe call.optionalInput(1, as: Int64.self).map { unsafe Int($0.pointee) } ?? 0
      // Beyond these diagonals nothing changes any more.
      let diagonal = min(max(given, -rows - 1), columns + 1)
      let (source, target) = unsafe (call.bytes(0), call.outputBytes())
      unsafe blank.withPointer { fill in
        call.pool.parallelFor(count: all, grain: max(1, parallelByteCount / max(1, columns * width))) { range in
          for row in range {
            let edge = min(max(row % rows + diagonal + (isUpper ? 0 : 1), 0), columns)
            let (kept, cleared) = isUpper ? (edge..<columns, 0..<edge) : (0..<edge, edge..<columns)
            let start = row * columns
            unsafe onyx_fill(Int64(width), target + (start + cleared.lowerBound) * width, fill, Int64(cleared.count))
            let from = unsafe source + (start + kept.lowerBound) * width
            let to = unsafe target + (start + kept.lowerBound) * width
            if unsafe from != UnsafeRawPointer(to) { unsafe to.copyMemory(from: from, byteCount: kept.count * width) }
          }
        }
      }
    }
  }

  private static func eyeLike(_ op: EyeLike, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let y = query.outputs[0], y.shape.rank == 2 else { return .declined(missing) }
    let (type, rows, columns, diagonal) = (y.elementType, y.shape[0], y.shape[1], op.diagonal)
    let one = ElementBits(
      type.isFloating ? try Tensor(floating: [1], as: type, shape: .scalar) : try Tensor(integral: [1], as: type, shape: .scalar))
    let blank = ElementBits(try .blank(type))
    let width = type.byteWidth
    return .run { call in
      let target = unsafe call.outputBytes()
      unsafe blank.withPointer { zero in unsafe fill(target, with: zero, count: rows * columns, width: width, pool: call.pool) }
      unsafe one.withPointer { one in
        for row in 0..<rows {
          let (column, overflow) = row.addingReportingOverflow(diagonal)
          guard !overflow, column >= 0, column < columns else { continue }
          unsafe (target + (row * columns + column) * width).copyMemory(from: one, byteCount: width)
        }
      }
    }
  }

  private static func constantOfShape(_ op: ConstantOfShape, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let y = query.outputs[0] else { return .declined(missing) }
    let (value, count, width) = (ElementBits(op.value), y.shape.elementCount, y.elementType.byteWidth)
    return .run { call in
      unsafe value.withPointer { value in unsafe fill(call.outputBytes(), with: value, count: count, width: width, pool: call.pool) }
    }
  }

  /// SAFETY: `target` holds `count` elements of `width` bytes, `value` one.
  static func fill(_ target: UnsafeMutableRawPointer, with value: UnsafeRawPointer, count: Int, width: Int, pool: ThreadPool) {
    pool.parallelFor(count: count, grain: parallelByteCount / width) { range in
      unsafe onyx_fill(Int64(width), target + range.lowerBound * width, value, Int64(range.count))
    }
  }
}
