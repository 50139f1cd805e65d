import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// TopK, ArgMax and ArgMin by the integers that order elements, for every type of numbers.
///
/// SAFETY: see `KernelCall`.
enum SelectionRows {
  static let all = [topK, argExtreme]

  private static let numbers: ServedElements = .input(
    0,
    [.float32, .float64, .float16, .bfloat16, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64])

  private static let topK = KernelRow("top_k_keys", ["TopK"], numbers) { (op: TopK, query) throws(OnyxError) in
    switch query.input(0)?.elementType {
    case .float32: try topK(op, query, Float.self)
    case .float64: try topK(op, query, Double.self)
    case .float16: try topK(op, query, Float16.self)
    case .bfloat16: try topK(op, query, BFloat16.self)
    case .int8: try topK(op, query, Int8.self)
    case .int16: try topK(op, query, Int16.self)
    case .int32: try topK(op, query, Int32.self)
    case .int64: try topK(op, query, Int64.self)
    case .uint8: try topK(op, query, UInt8.self)
    case .uint16: try topK(op, query, UInt16.self)
    case .uint32: try topK(op, query, UInt32.self)
    default: try topK(op, query, UInt64.self)
    }
  }

  private static let argExtreme = KernelRow("arg_extreme_keys", ["ArgMax", "ArgMin"], numbers) {
    (op: ArgExtreme, query) throws(OnyxError) in
    guard let x = query.input(0), x.shape.rank > 0 else { return .declined("the input is a scalar") }
    let geometry = AxisGeometry(x.shape, axis: try Shape.normalize(axis: op.axis, rank: x.shape.rank))
    guard geometry.extent > 0, geometry.extent < Int(Int32.max) else { return .declined("the axis is empty or out of proportion") }
    guard
      let kernel = ArgExtremeKernel(
        x.elementType, geometry: geometry, isLargest: op.isLargest, isLast: op.selectsLast, isa: query.isa)
    else { return .declined("there is no kernel") }
    return .run { call in unsafe kernel.run(call.bytes(0), call.output(0, as: Int64.self), call.pool) }
  }

  private static func topK<T: RankedElement>(_ op: TopK, _ query: KernelQuery, _ type: T.Type) throws(OnyxError) -> Preparation {
    guard let x = query.input(0)?.shape, let y = query.outputs[0]?.shape else { return .declined("an output is missing") }
    guard x.rank > 0, y.elementCount > 0 else { return .declined("nothing is selected") }
    let axis = try Shape.normalize(axis: op.axis, rank: x.rank)
    let (geometry, k) = (AxisGeometry(x, axis: axis), y[axis])
    let selection = LargestKeys<T.Key>(count: geometry.extent, k: k)
    guard k <= geometry.extent, geometry.extent < 1 << 24, selection.byteCount <= 256 << 20 else {
      return .declined("the axis is out of proportion")
    }
    let hasIndices = query.outputs.count > 1 && query.outputs[1] != nil
    let isLargest = op.isLargest
    guard let index = query.input(0)?.elementType.kernelIndex else { return .declined("there is no kernel") }
    let isa = query.isa
    return .run { call in
      let convert = unsafe isa.rank.keys[index]!
      let x = unsafe call.input(0, as: T.self)
      let y = unsafe call.output(0, as: T.self)
      let indices = unsafe hasIndices ? call.output(1, as: Int64.self) : nil
      let (n, inner) = (geometry.extent, geometry.inner)
      // Strips of keys of at most 1 MiB, or one line.
      let strips = geometry.strips(of: min(16, max(1, (1 << 17) / n)))
      let keyBytes = (strips.width * n * MemoryLayout<T.Key>.stride + 15) & ~15
      let pool = call.pool
      pool.parallelFor(count: strips.count, grain: max(1, 16384 / (n * strips.width))) { range in
        unsafe pool.workspace.withFloats((keyBytes + selection.byteCount) / 4 + 1) { memory in
          let keys = unsafe UnsafeMutableRawPointer(memory).assumingMemoryBound(to: T.Key.self)
          let rest = unsafe UnsafeMutableRawPointer(memory) + keyBytes
          for index in range {
            let (block, columns) = geometry.strip(index, width: strips.width)
            let from = unsafe x + block * n * inner + columns.lowerBound
            unsafe Self.keys(of: from, n, columns.count, stride: inner, isLargest, keys, convert)
            for column in columns.indices {
              let (local, to) = (column - columns.lowerBound, block * k * inner + column)
              unsafe selection.select(keys + local * n, rest) { place, index in
                unsafe y[to + place * inner] = from[index * inner + local]
                if let indices = unsafe indices { unsafe indices[to + place * inner] = Int64(index) }
              }
            }
          }
        }
      }
    }
  }

  /// The keys of `columns` lines of `count` elements, line by line, of which the largest are wanted.
  private static func keys<T: RankedElement>(
    of x: UnsafePointer<T>, _ count: Int, _ columns: Int, stride: Int, _ isLargest: Bool, _ keys: UnsafeMutablePointer<T.Key>,
    _ convert: @convention(c) (UnsafeMutableRawPointer?, UnsafeRawPointer?, Int64, Int32) -> Void
  ) {
    let flip: Int32 = isLargest ? 0 : -1
    if columns == 1, stride == 1 { return unsafe convert(keys, x, Int64(count), flip) }
    // Some rows are converted, then turned as a block.
    let height = 32
    unsafe withUnsafeTemporaryAllocation(of: T.Key.self, capacity: height * columns) { rows in
      let block = rows.baseAddress!
      for first in Swift.stride(from: 0, to: count, by: height) {
        let n = min(height, count - first)
        for row in 0..<n { unsafe convert(block + row * columns, x + (first + row) * stride, Int64(columns), flip) }
        unsafe onyx_copy_plane(
          Int64(MemoryLayout<T.Key>.stride), keys + first, Int64(count), 1, block, 1, Int64(columns), Int64(columns), Int64(n))
      }
    }
  }
}
