import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// DFT and STFT, computed in float64 and rounded once.
///
/// SAFETY: see `KernelCall`.
enum FourierRows {
  static let all = [transform, frames]

  private static let elements: ServedElements = .input(0, [.float32, .float64, .float16, .bfloat16])

  private static let transform = KernelRow("dft_lanes", ["DFT"], elements) { (op: DFT, query) throws(OnyxError) in
    guard let x = query.input(0), let y = query.outputs[0]?.shape, x.shape.rank >= 2 else { return .declined("an input is missing") }
    guard query.input(2) == nil || query.constant(2) != nil else { return .declined("the axis is no constant") }
    let axis = try Shape.normalize(axis: query.constant(2)?.ints().first ?? -2, rank: x.shape.rank)
    let halvesResult = op.isOnesided && !op.isInverse
    guard !halvesResult || query.isFixed(1) else { return .declined("the length is no constant") }
    let length = halvesResult ? try query.constant(1)?.ints().first ?? x.shape[axis] : y[axis]
    let parts = x.shape[x.shape.rank - 1]
    guard length > 0, y.elementCount > 0, parts == 1 || parts == 2 else { return .declined("there is nothing to transform") }
    let outer = x.shape[..<axis].reduce(1, *)
    let inner = x.shape[(axis + 1)...].dropLast().reduce(1, *)
    let kind: FourierGeometry.Kind = op.isInverse ? op.isOnesided ? .realInverse : .inverse : parts == 1 ? .real : .complex
    let geometry = FourierGeometry(
      kind: kind, length: length, lines: outer * inner, linesOfBlock: inner, parts: parts,
      taken: min(x.shape[axis], op.isInverse && op.isOnesided ? length / 2 + 1 : length),
      source: FourierGeometry.Placement(blockStride: x.shape[axis] * inner, lineStride: 1, stride: inner),
      target: FourierGeometry.Placement(blockStride: y[axis] * inner, lineStride: 1, stride: inner), extent: y[axis])
    return try prepare(query, geometry, window: nil)
  }

  private static let frames = KernelRow("stft_lanes", ["STFT"], elements) { (op: STFT, query) throws(OnyxError) in
    guard let x = query.input(0), let y = query.outputs[0]?.shape, y.rank == 4, x.shape.rank == 2 || x.shape.rank == 3 else {
      return .declined("an input is missing")
    }
    guard let step = try query.constant(1)?.ints().first, query.isFixed(3) else {
      return .declined("the step or the length of the frames is no constant")
    }
    let parts = x.shape.rank == 3 ? x.shape[2] : 1
    let window = query.input(2)?.shape.elementCount
    let length = try query.constant(3)?.ints().first ?? window ?? x.shape[1]
    guard length > 0, step > 0, y.elementCount > 0, parts == 1 || parts == 2, window == nil || window == length,
      (y[1] - 1) * step + length <= x.shape[1]
    else { return .declined("there is nothing to transform") }
    let geometry = FourierGeometry(
      kind: parts == 1 ? .real : .complex, length: length, lines: y[0] * y[1], linesOfBlock: y[1], parts: parts, taken: length,
      source: FourierGeometry.Placement(blockStride: x.shape[1], lineStride: step, stride: 1),
      target: FourierGeometry.Placement(blockStride: y[1] * y[2], lineStride: y[2], stride: 1), extent: y[2])
    return try prepare(query, geometry, window: query.input(2) == nil ? nil : 2)
  }

  private static func prepare(_ query: KernelQuery, _ geometry: FourierGeometry, window: Int?) throws(OnyxError) -> Preparation {
    guard let lines = unsafe FourierLines(geometry, query.isa.fourier) else { return .declined("the length is out of proportion") }
    let threads = query.pool.threadCount
    return switch query.input(0)?.elementType {
    case .float32: run(lines, threads, window: window, Float.self)
    case .float64: run(lines, threads, window: window, Double.self)
    case .float16: run(lines, threads, window: window, Float16.self)
    default: run(lines, threads, window: window, BFloat16.self)
    }
  }

  private static func run<T: RealElement>(_ lines: FourierLines, _ threads: Int, window: Int?, _ type: T.Type) -> Preparation {
    let windowBytes = window == nil ? 0 : lines.geometry.length * MemoryLayout<Double>.stride
    return .run(borrowedByteCount: lines.bufferByteCount(threads: threads) + windowBytes, tableByteCount: lines.tableByteCount) { call in
      let factors = window.map { index in
        let window = unsafe call.input(index, as: T.self)
        return (0..<lines.geometry.length).map { unsafe window[$0].number }
      }
      unsafe lines.run(call.input(0, as: T.self), window: factors ?? [], call.output(0, as: T.self), call.pool)
    }
  }
}
