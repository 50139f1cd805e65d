import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Operators that only move elements, for every element width.
///
/// SAFETY: see `KernelCall`.
enum MovementRows {
  static let all = [
    KernelRow("transpose_strided", ["Transpose"], .any, transpose),
    KernelRow("expand_strided", ["Expand"], .any) { (query) throws(OnyxError) in
      guard let x = query.input(0), let y = query.outputs[0] else { return .declined(missing) }
      return copy(x, to: y.shape, strides: x.shape.broadcastStrides(to: y.shape))
    },
    KernelRow("concat_strided", ["Concat"], .any, concat),
    KernelRow("split_strided", ["Split"], .any, split),
    KernelRow("slice_strided", ["Slice"], .any, slice),
  ]

  private static let missing = "the input or the output is missing"

  private static func copy(_ x: TensorType, to target: Shape, offset: Int = 0, strides: [Int]) -> Preparation {
    let copy = StridedCopy(
      width: x.elementType.byteWidth, extents: Array(target), sourceOffset: offset, sourceStrides: strides, targetStrides: target.strides)
    return .run { call in unsafe copy.run(from: call.input(0, as: UInt8.self), to: call.output(0, as: UInt8.self), pool: call.pool) }
  }

  private static func transpose(_ op: Transpose, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), let y = query.outputs[0] else { return .declined(missing) }
    let strides = x.shape.strides
    let permutation = op.permutation ?? x.shape.indices.reversed()
    return copy(x, to: y.shape, strides: permutation.map { strides[$0] })
  }

  private static func concat(_ op: Concat, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let inputs = query.allInputs, let y = query.outputs[0] else { return .declined("an input or the output is missing") }
    let axis = try Shape.normalize(axis: op.axis, rank: y.shape.rank)
    let strides = y.shape.strides
    var offset = 0
    let parts = inputs.map { part in
      defer { offset += part.shape[axis] * strides[axis] }
      return StridedCopy(
        width: y.elementType.byteWidth, extents: Array(part.shape), sourceStrides: part.shape.strides, targetOffset: offset,
        targetStrides: strides)
    }
    return .run { call in
      for (index, part) in parts.enumerated() {
        unsafe part.run(from: call.input(index, as: UInt8.self), to: call.output(0, as: UInt8.self), pool: call.pool)
      }
    }
  }

  private static func split(_ op: Split, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0) else { return .declined(missing) }
    let axis = try Shape.normalize(axis: op.axis, rank: x.shape.rank)
    let strides = x.shape.strides
    var offset = 0
    var parts: [StridedCopy] = []
    for output in query.outputs {
      guard let output else { return .declined("an output is not asked for") }
      parts.append(
        StridedCopy(
          width: x.elementType.byteWidth, extents: Array(output.shape), sourceOffset: offset, sourceStrides: strides,
          targetStrides: output.shape.strides))
      offset += output.shape[axis] * strides[axis]
    }
    let all = parts
    return .run { call in
      for (index, part) in all.enumerated() {
        unsafe part.run(from: call.input(0, as: UInt8.self), to: call.output(index, as: UInt8.self), pool: call.pool)
      }
    }
  }

  private static func slice(_ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), let y = query.outputs[0] else { return .declined(missing) }
    guard let starts = try query.constant(1)?.ints(), let ends = try query.constant(2)?.ints(), query.isFixed(3), query.isFixed(4) else {
      return .declined("starts, ends, axes or steps are only known in the run")
    }
    let axes = try query.constant(3)?.ints()
    let steps = try query.constant(4)?.ints()
    var strides = x.shape.strides
    var offset = 0
    guard y.shape.elementCount > 0 else { return .run { _ in } }
    for index in starts.indices {
      let axis = try Shape.normalize(axis: axes?[index] ?? index, rank: x.shape.rank)
      let step = steps?[index] ?? 1
      let first = SliceRange.Known(start: starts[index], end: ends[index], step: step).resolve(extent: x.shape[axis]).first
      offset += first * strides[axis]
      // An axis of one element takes no step, however large it is.
      strides[axis] = y.shape[axis] == 1 ? 0 : strides[axis] * step
    }
    return copy(x, to: y.shape, offset: offset, strides: strides)
  }
}
