import CKernels
import OnyxOperators
import OnyxTensor

/// An axis of a Resize as a table: the elements of which each result is a weighted sum.
struct ResampledAxis: Sendable {
  let input, output: Int
  /// Elements for each result; where fewer count, the others weigh 0.
  let taps: Int
  /// [result][tap]
  let indices: [Int32]
  let weights: [Float]

  /// Most entries of a table.
  private static let largestTable = 1 << 24
  /// Places in rows of short runs fit an `Int32`.
  private static let longestInput = 1 << 27

  /// nil for results that are not made of the input, and for tables that are out of proportion.
  init?(_ op: Resize, _ axis: ResizeAxis) throws(OnyxError) {
    // The taps of one place can be several times the input.
    guard axis.input <= min(Self.longestInput, Self.largestTable) else { return nil }
    // The taps of all results one behind the other, without those at the ends that weigh nothing.
    var all: [(index: Int, weight: Double)] = []
    var starts = [0]
    var longest = 1
    for x in 0..<axis.output {
      guard let taps = try op.taps(of: x, on: axis) else { return nil }
      let first = taps.firstIndex { $0.weight != 0 } ?? 0
      let end = (taps.lastIndex { $0.weight != 0 } ?? 0) + 1
      all += taps[first..<end]
      starts.append(all.count)
      longest = max(longest, end - first)
      guard longest * axis.output <= Self.largestTable else { return nil }
    }
    (input, output, taps) = (axis.input, axis.output, longest)
    var indices: [Int32] = []
    var weights: [Float] = []
    indices.reserveCapacity(longest * axis.output)
    weights.reserveCapacity(longest * axis.output)
    for x in 0..<axis.output {
      for tap in starts[x]..<starts[x] + longest {
        let counts = tap < starts[x + 1]
        indices.append(Int32(all[counts ? tap : starts[x + 1] - 1].index))
        weights.append(counts ? Float(all[tap].weight) : 0)
      }
    }
    (self.indices, self.weights) = (indices, weights)
  }

  /// The nearest element of each result; nil for results that are not made of the input.
  init?(nearest op: Resize, _ axis: ResizeAxis) {
    var indices: [Int32] = []
    for x in 0..<axis.output {
      guard let index = op.nearestElement(to: x, on: axis), let small = Int32(exactly: index) else { return nil }
      indices.append(small)
    }
    (input, output, taps) = (axis.input, axis.output, 1)
    self.indices = indices
    weights = Array(repeating: 1, count: indices.count)
  }

  /// Whether every result is the element of its place.
  var isIdentity: Bool {
    input == output
      && (0..<output).allSatisfy { x in
        weights[x * taps] == 1 && Int(indices[x * taps]) == x && weights[x * taps + 1..<(x + 1) * taps].allSatisfy { $0 == 0 }
      }
  }

  var tableByteCount: Int { (indices.count + weights.count) * MemoryLayout<Int32>.stride }

  /// The elements that some results are made of.
  func sources(of results: Range<Int>) -> ClosedRange<Int> {
    let some = indices[results.lowerBound * taps..<results.upperBound * taps]
    return Int(some.min() ?? 0)...Int(some.max() ?? 0)
  }
}

/// A row of an axis in the groups of a tier's kernels, `run` neighbouring elements for each of the axis.
struct ResampledRow: Sendable {
  let count, length, taps: Int
  private let bases, indices: [Int32]
  private let weights: [Float]

  init(_ axis: ResampledAxis, run: Int, isa: ISA) {
    let (lanes, window) = unsafe (Int(isa.resize.lanes), Int32(isa.resize.window))
    (count, length, taps) = (axis.output * run, axis.input * run, axis.taps)
    var bases: [Int32] = []
    var indices: [Int32] = []
    var weights: [Float] = []
    for first in stride(from: 0, to: count, by: lanes) {
      let start = indices.count
      var (low, high) = (Int32.max, Int32.min)
      for tap in 0..<taps {
        for lane in first..<first + lanes {
          let (x, part) = min(lane, count - 1).quotientAndRemainder(dividingBy: run)
          let index = axis.indices[x * taps + tap] * Int32(run) + Int32(part)
          indices.append(index)
          weights.append(lane < count ? axis.weights[x * taps + tap] : 0)
          (low, high) = (min(low, index), max(high, index))
        }
      }
      let isNear = high - low < window
      bases.append(isNear ? low : -1)
      if isNear { for place in start..<indices.count { indices[place] -= low } }
    }
    (self.bases, self.indices, self.weights) = (bases, indices, weights)
  }

  var tableByteCount: Int { (bases.count + indices.count + weights.count) * MemoryLayout<Int32>.stride }

  /// SAFETY: indices stay inside `length` elements; `body` gets pointers that are valid until it returns.
  func withAxis(_ body: (UnsafePointer<onyx_resize_axis>) -> Void) {
    unsafe bases.withUnsafeBufferPointer { bases in
      unsafe indices.withUnsafeBufferPointer { indices in
        unsafe weights.withUnsafeBufferPointer { weights in
          guard let bases = bases.baseAddress, let indices = indices.baseAddress, let weights = weights.baseAddress else { return }
          var axis = unsafe onyx_resize_axis(
            count: Int64(count), length: Int64(length), taps: Int64(taps), bases: bases, indices: indices, weights: weights)
          unsafe body(&axis)
        }
      }
    }
  }
}
