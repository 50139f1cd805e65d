import CKernels
import OnyxOperators
import OnyxThreads

/// Maxima or sums of windows over [planes, spatial...]: first across the rows that a window covers, then along them.
///
/// A maximum along a long window is taken of maxima of twice the length each time. Sums are those of rows, added in order.
struct WindowFold: Sendable {
  enum Kind: Sendable {
    /// Padding never wins; NaN does.
    case max
    case sum
  }

  private let kind: Kind
  private let last: WindowGeometry.Axis
  private let isa: ISA
  /// Elements of a plane of the input.
  let inputCount: Int
  /// Rows of an output plane.
  let rows: Int
  /// Where in a plane the rows of the input begin that the windows of output row r cover: from `firsts[r]` to `firsts[r + 1]`.
  private let starts: [Int64]
  private let firsts: [Int]
  /// Elements that the windows of the last axis reach, from the first padded one.
  private let reach: Int
  /// Whether they lie inside the input.
  private let isInside: Bool
  /// The taps of the last axis.
  private let taps: [Int64]
  /// For a long maximum: pairs of offsets whose maxima cover twice as many taps each time, the last one the whole window.
  private let doublings: [Int64]

  /// Longer maxima along a row are taken of maxima of two.
  private static let mostTaps = 13
  /// Rows of the input that the table of an output plane lists.
  private static let mostStarts = 1 << 20

  /// nil without a spatial axis, without windows, and for windows that reach far past the input.
  init?(_ kind: Kind, _ geometry: WindowGeometry, isa: ISA) {
    guard let last = geometry.axes.last, geometry.axes.allSatisfy({ $0.output > 0 }), last.padBefore >= 0 else { return nil }
    let extents = last.dilation.multipliedReportingOverflow(by: last.kernel - 1)
    let strides = last.stride.multipliedReportingOverflow(by: last.output - 1)
    guard !extents.overflow, !strides.overflow else { return nil }
    let (reach, overflow) = extents.partialValue.addingReportingOverflow(strides.partialValue)
    let limit = 4 * (last.input + 1024)
    guard !overflow, reach < limit, last.padBefore < limit else { return nil }
    guard let table = Self.table(geometry) else { return nil }
    (self.kind, self.last, self.isa, self.reach) = (kind, last, isa, reach + 1)
    (starts, firsts, rows) = (table.starts, table.firsts, table.firsts.count - 1)
    inputCount = geometry.axes.reduce(1) { $0 * $1.input }
    isInside = last.padBefore == 0 && reach < last.input
    taps = (0..<last.kernel).map { Int64($0 * last.dilation) }
    var doublings: [Int64] = []
    if kind == .max && last.kernel > Self.mostTaps {
      var length = 1
      while length * 2 <= last.kernel {
        doublings += [0, Int64(length * last.dilation)]
        length *= 2
      }
      doublings += [0, Int64((last.kernel - length) * last.dilation)]
    }
    self.doublings = doublings
  }

  /// The starts of the rows under the windows of each output row; nil for more than can be listed.
  private static func table(_ geometry: WindowGeometry) -> (starts: [Int64], firsts: [Int])? {
    let outer = geometry.axes.dropLast()
    var total = 1
    for axis in outer {
      guard axis.output <= mostStarts else { return nil }
      let taps = (0..<axis.output).reduce(0) { $0 &+ max(1, axis.taps($1).count) }
      let (product, overflow) = total.multipliedReportingOverflow(by: taps)
      guard !overflow, product <= mostStarts else { return nil }
      total = product
    }
    var rows: [[Int64]] = [[0]]
    var size = geometry.axes.last?.input ?? 1
    for axis in outer.reversed() {
      let step = size
      let own = (0..<axis.output).map { window in
        axis.taps(window).map { Int64((axis.start(window) + $0 * axis.dilation) * step) }
      }
      // The outer axis varies slowest, in the rows and in the taps of each.
      rows = own.flatMap { taps in rows.map { row in taps.flatMap { tap in row.map { tap + $0 } } } }
      size *= axis.input
    }
    var firsts = [0]
    for row in rows { firsts.append(firsts[firsts.count - 1] + row.count) }
    return (rows.flatMap { $0 }, firsts)
  }

  /// Outputs of a row.
  var width: Int { last.output }
  /// Rows that are folded together: a row is read when those behind it have been written, so that no load waits for a store.
  private var group: Int { max(1, min(8, 4096 / rowCount)) }
  /// Elements of scratch memory: the rows of a group, and two for the maxima along each of them.
  var scratchCount: Int { (doublings.isEmpty ? 1 : 3) * group * rowCount }
  /// Whole cache lines, with room for what stands before a row.
  private var rowCount: Int { (lead + max(reach, last.padBefore + last.input) + 15) & ~15 }
  /// Elements before a row, so that what is written to it begins with a cache line.
  private var lead: Int { -last.padBefore & 15 }
  /// What a row costs, in elements that are looked at.
  var rowWork: Int { last.input * max(1, starts.count / rows) + width * (doublings.isEmpty ? taps.count : doublings.count) }

  /// Folds every row of `planes` planes; `finish` gets the results of some, and how many rows there are before them.
  ///
  /// SAFETY: `x` holds `planes` planes of the geometry's input, `y` as many of its output.
  @inline(__always)
  func run<T: LayerElement>(
    _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, planes: Int, pool: ThreadPool,
    _ finish: (_ first: Int, _ count: Int, _ results: UnsafeMutablePointer<T>) -> Void
  ) {
    pool.parallelFor(count: planes * rows, grain: max(1, 32768 / rowWork)) { range in
      unsafe withScratch(pool) { scratch in
        for first in stride(from: range.lowerBound, to: range.upperBound, by: group) {
          let end = min(first + group, range.upperBound)
          for item in first..<end {
            let (plane, row) = item.quotientAndRemainder(dividingBy: rows)
            unsafe across(row, of: x + plane * inputCount, into: scratch + (item - first) * rowCount + lead)
          }
          // Step by step for all rows, so that none is read at once where it was written.
          for step in 0..<max(1, doublings.count / 2) {
            for item in first..<end {
              let (plane, row) = item.quotientAndRemainder(dividingBy: rows)
              let own = unsafe scratch + (item - first) * rowCount + lead
              unsafe along(row, of: x + plane * inputCount, own, y + item * width, step)
            }
          }
          unsafe finish(first, end - first, y + first * width)
        }
      }
    }
  }

  /// Scratch memory for `fold`, with the identity everywhere, and `more` elements behind it.
  @inline(__always)
  func withScratch<T: LayerElement>(_ pool: ThreadPool, more: Int = 0, _ body: (UnsafeMutablePointer<T>) -> Void) {
    unsafe pool.workspace.withFloats((scratchCount + more) * (MemoryLayout<T>.stride / MemoryLayout<Float>.stride)) { memory in
      // SAFETY: floating elements are trivial, and nobody reads the memory as floats.
      let scratch = unsafe UnsafeMutableRawPointer(memory).assumingMemoryBound(to: T.self)
      unsafe scratch.update(repeating: identity(), count: scratchCount)
      unsafe body(scratch)
    }
  }

  private func identity<T: LayerElement>() -> T { kind == .max ? -.infinity : 0 }

  /// Folds row `row` of one plane.
  ///
  /// SAFETY: see `run`; the scratch memory of a row has the identity where there is padding, and keeps it.
  @inline(__always)
  func fold<T: LayerElement>(
    _ row: Int, of plane: UnsafePointer<T>, into target: UnsafeMutablePointer<T>, _ scratch: UnsafeMutablePointer<T>
  ) {
    unsafe across(row, of: plane, into: scratch + lead)
    for step in 0..<max(1, doublings.count / 2) { unsafe along(row, of: plane, scratch + lead, target, step) }
  }

  @inline(__always)
  private func window<T: LayerElement>(of type: T.Type) -> Window {
    unsafe isa.layers.window[T.layerType * Int(ONYX_WINDOW_KINDS) + Int(kind == .max ? ONYX_WINDOW_MAX : ONYX_WINDOW_SUM)]!
  }

  /// Folds the rows of the input that the windows of row `row` cover into `own`, unless they are one that can be read where it lies.
  @inline(__always)
  private func across<T: LayerElement>(_ row: Int, of plane: UnsafePointer<T>, into own: UnsafeMutablePointer<T>) {
    let (first, count) = (firsts[row], firsts[row + 1] - firsts[row])
    guard count > 0, last.input > 0, !(count == 1 && isInside) else { return }
    unsafe starts.withUnsafeBufferPointer { starts in
      guard let starts = starts.baseAddress else { return }
      unsafe window(of: T.self)(own + last.padBefore, Int64(last.input), plane, 1, starts + first, Int64(count))
    }
  }

  /// Folds the windows along row `row`, whose rows of the input were folded into `own`, in one step or by doublings.
  @inline(__always)
  private func along<T: LayerElement>(
    _ row: Int, of plane: UnsafePointer<T>, _ own: UnsafeMutablePointer<T>, _ target: UnsafeMutablePointer<T>, _ step: Int
  ) {
    let count = firsts[row + 1] - firsts[row]
    if count == 0 || last.input == 0 { return unsafe target.update(repeating: identity(), count: width) }
    let source = unsafe count == 1 && isInside ? plane + Int(starts[firsts[row]]) : UnsafePointer(own)
    let window = unsafe window(of: T.self)
    guard !doublings.isEmpty else {
      return unsafe taps.withUnsafeBufferPointer { taps in
        unsafe window(target, Int64(width), source, Int64(last.stride), taps.baseAddress, Int64(taps.count))
      }
    }
    unsafe doublings.withUnsafeBufferPointer { pairs in
      guard let pairs = pairs.baseAddress else { return }
      // Padding is not written: maxima go from the row to the first spare one, from there to the other and back.
      func spare(_ step: Int) -> UnsafeMutablePointer<T> { unsafe own + (1 + step % 2) * group * rowCount }
      let from = unsafe step == 0 ? source : UnsafePointer(spare(step - 1))
      if 2 * step + 2 == doublings.count {
        return unsafe window(target, Int64(width), from, Int64(last.stride), pairs + 2 * step, 2)
      }
      var length = reach
      for done in 0...step { unsafe length -= Int(pairs[2 * done + 1]) }
      unsafe window(spare(step), Int64(length), from, 1, pairs + 2 * step, 2)
    }
  }

  private typealias Window =
    @convention(c) (
      UnsafeMutableRawPointer?, Int64, UnsafeRawPointer?, Int64, UnsafePointer<Int64>?, Int64
    ) -> Void
}
