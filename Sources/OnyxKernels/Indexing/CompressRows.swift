import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Operators whose output is as large as their data says, and OneHot.
///
/// SAFETY: see `KernelCall`. The plan counted what is selected over the same data; what would be beyond that count is not written.
enum CompressRows {
  static let all = [
    KernelRow("non_zero_scan", ["NonZero"], .input(0, [.bool, .int8, .uint8, .int32, .int64, .float32, .float64, .float16]), nonZero),
    KernelRow("compress_rows", ["Compress"], .any, compress),
    KernelRow("one_hot_fill", ["OneHot"], .input(0, [.int64, .int32, .uint8, .float32]), oneHot),
  ]

  private static let missing = "the input or the output is missing"

  private static func nonZero(_ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), let y = query.outputs[0], y.shape.rank == 2 else { return .declined(missing) }
    switch x.elementType {
    case .bool, .uint8, .int8: return nonZero(x.shape, y.shape[1], UInt8.max)
    case .int32: return nonZero(x.shape, y.shape[1], UInt32.max)
    case .int64: return nonZero(x.shape, y.shape[1], UInt64.max)
    // The sign of a zero does not count.
    case .float32: return nonZero(x.shape, y.shape[1], UInt32.max >> 1)
    case .float64: return nonZero(x.shape, y.shape[1], UInt64.max >> 1)
    default: return nonZero(x.shape, y.shape[1], UInt16.max >> 1)
    }
  }

  /// Elements that one thread counts, then visits.
  private static let piece = 16384

  /// An element is something when one of the bits of `mask` is set in it.
  private static func nonZero<T: FixedWidthInteger & BitwiseCopyable & Sendable>(
    _ shape: Shape, _ found: Int, _ mask: T
  ) -> Preparation {
    let pieces = (shape.elementCount + piece - 1) / piece
    let (coordinates, rank) = (Coordinates(shape), shape.rank)
    return .run(scratchByteCount: pieces * MemoryLayout<Int>.stride) { call in
      let (x, y) = unsafe (call.input(0, as: T.self), call.output(0, as: Int64.self))
      let starts = unsafe call.scratch.assumingMemoryBound(to: Int.self)
      call.pool.parallelFor(count: pieces) { range in
        for index in range {
          var count = 0
          for position in index * piece..<min(shape.elementCount, (index + 1) * piece) { unsafe count &+= x[position] & mask == 0 ? 0 : 1 }
          unsafe starts[index] = count
        }
      }
      // Of work that was ended not every piece was counted.
      if WorkLimits.isOver { return }
      var sum = 0
      for index in 0..<pieces {
        let count = unsafe starts[index]
        unsafe starts[index] = sum
        sum += count
      }
      call.pool.parallelFor(count: pieces) { range in
        for index in range {
          let first = unsafe starts[index]
          let limit = unsafe min(found, index + 1 < pieces ? starts[index + 1] : found)
          guard rank > 0, first < limit else { continue }
          // Positions go to the row of the last axis: each is written, and the next one over it unless it counts.
          let positions = unsafe y + (rank - 1) * found
          var (next, position) = (first, index * piece)
          let end = min(shape.elementCount, position + piece)
          while next < limit, position < end {
            unsafe positions[next] = Int64(position)
            unsafe next &+= x[position] & mask == 0 ? 0 : 1
            position &+= 1
          }
          guard rank > 1 else { continue }
          for column in first..<next { unsafe coordinates.write(Int(positions[column]), to: y + column, stride: found) }
        }
      }
    }
  }

  /// The coordinates of elements in a row-major shape.
  private struct Coordinates: Sendable {
    private let extents: [UInt32]
    private let wide: [Int]?

    init(_ shape: Shape) {
      // 32-bit divisions are several times as fast.
      wide = shape.elementCount <= Int(UInt32.max) ? nil : Array(shape)
      extents = wide == nil ? shape.map { UInt32($0) } : []
    }

    func write(_ position: Int, to target: UnsafeMutablePointer<Int64>, stride: Int) {
      if let wide {
        var rest = position
        for axis in wide.indices.reversed() {
          let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: wide[axis])
          unsafe target[axis * stride] = Int64(remainder)
          rest = quotient
        }
        return
      }
      var rest = UInt32(truncatingIfNeeded: position)
      for axis in extents.indices.reversed() {
        if axis == 0 {
          unsafe target[0] = Int64(rest)
          return
        }
        let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: extents[axis])
        unsafe target[axis &* stride] = Int64(remainder)
        rest = quotient
      }
    }
  }

  private static func compress(_ op: Compress, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    guard let x = query.input(0), let y = query.outputs[0], let condition = query.input(1)?.shape.elementCount, x.shape.rank > 0 else {
      return .declined(missing)
    }
    let axis = try op.axis.map { (axis) throws(OnyxError) in try Shape.normalize(axis: axis, rank: x.shape.rank) }
    let extent = axis.map { x.shape[$0] } ?? x.shape.elementCount
    let outer = axis.map { x.shape[..<$0].reduce(1, *) } ?? 1
    let width = x.elementType.byteWidth
    let run = (axis.map { x.shape[($0 + 1)...].reduce(1, *) } ?? 1) * width
    let count = axis.map { y.shape[$0] } ?? y.shape.elementCount
    guard y.shape.elementCount > 0, let scratch = GatherRows.scratch(count) else { return .run { _ in } }
    return .run(scratchByteCount: scratch) { call in
      let holds = unsafe call.input(1, as: UInt8.self)
      let positions = unsafe call.scratch.assumingMemoryBound(to: Int64.self)
      var found = 0
      for index in 0..<min(condition, extent) where found < count {
        unsafe positions[found] = Int64(index)
        unsafe found += Int(holds[index] & 1)
      }
      let (source, target) = unsafe (call.bytes(0), call.outputBytes())
      let all = found
      let piece = min(all, max(1, 65536 / run))
      guard piece > 0 else { return }
      let pieces = (all + piece - 1) / piece
      call.pool.parallelFor(count: outer * pieces, grain: max(1, 65536 / (piece * run))) { range in
        for task in range {
          let (block, part) = task.quotientAndRemainder(dividingBy: pieces)
          let first = part * piece
          let (from, to) = unsafe (source + block * extent * run, target + (block * count + first) * run)
          unsafe onyx_move_runs(to, from, positions + first, Int64(run), Int64(run), Int64(min(piece, all - first)), 0)
        }
      }
    }
  }

  private static func oneHot(_ op: OneHot, _ query: KernelQuery) throws(OnyxError) -> Preparation {
    switch query.input(0)?.elementType {
    case .int64: try oneHot(op, query, Int64.self) { Int($0) }
    case .int32: try oneHot(op, query, Int32.self) { Int($0) }
    case .uint8: try oneHot(op, query, UInt8.self) { Int($0) }
    default: try oneHot(op, query, Float.self) { Int(exactly: $0.rounded(.towardZero)) }
    }
  }

  private static func oneHot<T: BitwiseCopyable>(
    _ op: OneHot, _ query: KernelQuery, _ type: T.Type, _ integer: @escaping @Sendable (T) -> Int?
  ) throws(OnyxError) -> Preparation {
    guard let y = query.outputs[0], y.shape.rank > 0 else { return .declined(missing) }
    let axis = try Shape.normalize(axis: op.axis, rank: y.shape.rank)
    let (outer, depth, inner) = (y.shape[..<axis].reduce(1, *), y.shape[axis], y.shape[(axis + 1)...].reduce(1, *))
    let width = y.elementType.byteWidth
    guard y.shape.elementCount > 0 else { return .run { _ in } }
    // Indices behind each other are whole rows of the result.
    let piece = inner == 1 ? max(1, min(outer, 65536 / (depth * width))) : 1
    return .run { call in
      let (indices, values) = unsafe (call.input(0, as: T.self), call.bytes(2))
      let target = unsafe call.outputBytes()
      call.pool.parallelFor(count: (outer + piece - 1) / piece, grain: max(1, 65536 / (piece * depth * inner * width))) { range in
        for part in range {
          let blocks = part * piece..<min(outer, (part + 1) * piece)
          unsafe onyx_fill(
            Int64(width), target + blocks.lowerBound * depth * inner * width, values, Int64(blocks.count * depth * inner))
          for position in blocks.lowerBound * inner..<blocks.upperBound * inner {
            guard let given = unsafe integer(indices[position]) else { continue }
            let index = given < 0 ? given &+ depth : given
            guard index >= 0, index < depth else { continue }
            let (block, column) = inner == 1 ? (position, 0) : position.quotientAndRemainder(dividingBy: inner)
            let place = (block * depth + index) * inner + column
            unsafe (target + place * width).copyMemory(from: values + width, byteCount: width)
          }
        }
      }
    }
  }
}
