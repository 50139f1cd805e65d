import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Operators that only move elements, for every element width.
///
/// SAFETY: a query's types are those of the memory that `KernelCall` hands out, so the counts and strides taken from it stay inside.
extension KernelTable {
  /// The output is the input's memory under another shape.
  static let viewRows = [
    KernelRow("view", ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"]) { (query) throws(OnyxError) in
      guard let x = query.input(0), let y = query.outputs[0], x.elementType == y.elementType, x.shape.elementCount == y.shape.elementCount
      else { return nil }
      return .view(of: 0)
    },
    KernelRow("dropout_inference", ["Dropout"]) { (query) throws(OnyxError) in
      guard query.outputs.count == 1 else { return nil }
      if query.input(2) != nil {
        guard let flag = query.constant(2), try flag.booleans() == [false] else { return nil }
      }
      return .view(of: 0)
    },
    KernelRow("cast_same_type", ["Cast", "CastLike"]) { (query) throws(OnyxError) in
      query.input(0)?.elementType == query.outputs[0]?.elementType ? .view(of: 0) : nil
    },
  ]

  static let movementRows = [
    KernelRow("transpose_strided", ["Transpose"]) { (query) throws(OnyxError) in
      guard let x = query.input(0), let y = query.outputs[0] else { return nil }
      var permutation = Array(x.shape.indices.reversed())
      if case .ints(let given) = query.node.attributes["perm"] { permutation = given.map(Int.init) }
      let strides = x.shape.strides
      return copies(
        x,
        [
          .init(
            width: x.elementType.byteWidth, extents: Array(y.shape), sourceStrides: permutation.map { strides[$0] },
            targetStrides: y.shape.strides)
        ])
    },
    KernelRow("expand_strided", ["Expand"]) { (query) throws(OnyxError) in
      guard let x = query.input(0), let y = query.outputs[0] else { return nil }
      return copies(
        x,
        [
          .init(
            width: x.elementType.byteWidth, extents: Array(y.shape), sourceStrides: x.shape.broadcastStrides(to: y.shape),
            targetStrides: y.shape.strides)
        ])
    },
    KernelRow("concat_strided", ["Concat"]) { (query) throws(OnyxError) in
      guard let inputs = query.allInputs, let y = query.outputs[0] else { return nil }
      let axis = try Shape.normalize(axis: query.attribute("axis", default: 0), rank: y.shape.rank)
      let strides = y.shape.strides
      var offset = 0
      let parts = inputs.map { part in
        defer { offset += part.shape[axis] * strides[axis] }
        return StridedCopy(
          width: y.elementType.byteWidth, extents: Array(part.shape), sourceStrides: part.shape.strides, targetOffset: offset,
          targetStrides: strides)
      }
      return PreparedKernel { call in
        for (index, part) in parts.enumerated() {
          unsafe part.run(from: call.input(index, as: UInt8.self), to: call.output(0, as: UInt8.self), pool: call.pool)
        }
      }
    },
    KernelRow("split_strided", ["Split"]) { (query) throws(OnyxError) in
      guard let x = query.input(0) else { return nil }
      let axis = try Shape.normalize(axis: query.attribute("axis", default: 0), rank: x.shape.rank)
      let strides = x.shape.strides
      var offset = 0
      var parts: [StridedCopy] = []
      for output in query.outputs {
        guard let output else { return nil }
        parts.append(
          StridedCopy(
            width: x.elementType.byteWidth, extents: Array(output.shape), sourceOffset: offset, sourceStrides: strides,
            targetStrides: output.shape.strides))
        offset += output.shape[axis] * strides[axis]
      }
      let all = parts
      return PreparedKernel { call in
        for (index, part) in all.enumerated() {
          unsafe part.run(from: call.input(0, as: UInt8.self), to: call.output(index, as: UInt8.self), pool: call.pool)
        }
      }
    },
    KernelRow("slice_strided", ["Slice"]) { (query) throws(OnyxError) in try slice(query) },
    KernelRow("gather_rows", ["Gather"]) { (query) throws(OnyxError) in try gather(query) },
  ]

  private static func copies(_ x: TensorType, _ copies: [StridedCopy]) -> PreparedKernel {
    PreparedKernel { call in
      for copy in copies { unsafe copy.run(from: call.input(0, as: UInt8.self), to: call.output(0, as: UInt8.self), pool: call.pool) }
    }
  }

  private static func slice(_ query: KernelQuery) throws(OnyxError) -> PreparedKernel? {
    guard let x = query.input(0), let y = query.outputs[0], let starts = try query.constant(1)?.ints(),
      let ends = try query.constant(2)?.ints()
    else { return nil }
    guard query.input(3) == nil || query.constant(3) != nil, query.input(4) == nil || query.constant(4) != nil else { return nil }
    let axes = try query.constant(3)?.ints()
    let steps = try query.constant(4)?.ints()
    var strides = x.shape.strides
    var offset = 0
    guard y.shape.elementCount > 0 else { return PreparedKernel { _ in } }
    for index in starts.indices {
      let axis = try Shape.normalize(axis: axes?[index] ?? index, rank: x.shape.rank)
      let step = steps?[index] ?? 1
      let first = SliceRange.Known(start: starts[index], end: ends[index], step: step).resolve(extent: x.shape[axis]).first
      offset += first * strides[axis]
      // An axis of one element takes no step, however large it is.
      strides[axis] = y.shape[axis] == 1 ? 0 : strides[axis] * step
    }
    return copies(
      x,
      [
        .init(
          width: x.elementType.byteWidth, extents: Array(y.shape), sourceOffset: offset, sourceStrides: strides,
          targetStrides: y.shape.strides)
      ])
  }

  /// Gather along an axis: every index moves one run of elements. Indices are checked in the run.
  private static func gather(_ query: KernelQuery) throws(OnyxError) -> PreparedKernel? {
    guard let x = query.input(0), let indices = query.input(1), indices.elementType == .int64 || indices.elementType == .int32 else {
      return nil
    }
    let axis = try Shape.normalize(axis: query.attribute("axis", default: 0), rank: x.shape.rank)
    let (outer, extent) = (x.shape[..<axis].reduce(1, *), x.shape[axis])
    let run = x.shape[(axis + 1)...].reduce(1, *) * x.elementType.byteWidth
    let count = indices.shape.elementCount
    let isWide = indices.elementType == .int64
    return PreparedKernel { (call) throws(OnyxError) in
      var positions = [Int](repeating: 0, count: count)
      for index in 0..<count {
        let given = isWide ? unsafe Int(call.input(1, as: Int64.self)[index]) : unsafe Int(call.input(1, as: Int32.self)[index])
        let position = given < 0 ? given &+ extent : given
        guard position >= 0, position < extent else {
          throw .invalid(
            "The index \(given) is outside the axis of \(extent) elements.", remedy: "Indices must lie in \(-extent) … \(extent - 1).")
        }
        positions[index] = position
      }
      let (source, target) = unsafe (
        UnsafeRawPointer(call.input(0, as: UInt8.self)), UnsafeMutableRawPointer(call.output(0, as: UInt8.self))
      )
      call.pool.parallelFor(count: outer * count, grain: max(1, 65536 / max(run, 1))) { range in
        for item in range {
          let (block, index) = item.quotientAndRemainder(dividingBy: count)
          unsafe (target + item * run).copyMemory(from: source + (block * extent + positions[index]) * run, byteCount: run)
        }
      }
    }
  }
}
