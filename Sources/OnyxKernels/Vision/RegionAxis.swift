import CKernels
import OnyxTensor

/// One axis of the regions of an operator: what each bin makes of the elements of the axis, one table for each region.
///
/// SAFETY: a table takes `byteCount` bytes, aligned to 8. Bins are runs of elements that ascend from bin to bin or descend from bin to
/// bin and share two elements at most with the bin before, so a table has `capacity` elements at most; bins of `points` have two each.
struct RegionAxis: Sendable {
  /// How bins are made.
  enum Form: Sendable {
    /// RoiAlign: samples of each bin, 0 for as many as it has elements; whether the first element lies at half a pixel, and a region may
    /// be shorter than an element.
    case samples(ratio: Int, isHalfPixel: Bool)
    /// MaxRoiPool: whole elements.
    case elements
    /// CropAndResize: one sample, between two elements or at the nearest.
    case points(isNearest: Bool)
  }

  let form: Form
  let bins: Int
  /// Elements of the input, and how many floats apart they are.
  let extent, step: Int
  let isMaximum: Bool

  /// The part of a region along the axis.
  struct Span: Sendable {
    /// In elements: where it starts, where it ends, and the length of a bin. For points in shares of the axis.
    let start, end, bin: Float
    /// Samples of each bin.
    let samples: Int
  }

  private var capacity: Int {
    let bound = extent + 2 * bins
    return switch form {
    case .samples(let ratio, _): ratio == 0 ? bound : min(bound, 2 * ratio * bins)
    case .elements: bound
    case .points: 2 * bins
    }
  }

  /// A multiple of 8.
  var byteCount: Int { (capacity * (isMaximum ? 20 : 12) + 4 * (bins + 1) + bins + 7) & ~7 }

  /// The span between two coordinates; nil when it is not finite. Throws `budgetExceeded` when `regions` such regions have more samples
  /// than memory would hold.
  func span(_ first: Float, _ last: Float, scale: Float, regions: Int) throws(OnyxError) -> Span? {
    guard case .samples(let ratio, let isHalfPixel) = form else {
      guard case .elements = form else { return Span(start: first, end: last, bin: 0, samples: 1) }
      let start = (first * scale).rounded(.toNearestOrAwayFromZero)
      let end = (last * scale).rounded(.toNearestOrAwayFromZero)
      return Span(start: start, end: end, bin: max(end - start + 1, 1) / Float(bins), samples: 1)
    }
    guard first.isFinite, last.isFinite else { return nil }
    let shift: Float = isHalfPixel ? 0.5 : 0
    let (start, end) = (first * scale - shift, last * scale - shift)
    let length = isHalfPixel ? end - start : max(end - start, 1)
    guard start.isFinite, length.isFinite else { return nil }
    let bin = length / Float(bins)
    let adaptive = max(bin.rounded(.up), 0)
    let count = ratio > 0 ? ratio : Int(exactly: adaptive) ?? .max
    let (perRegion, isLarge) = count.multipliedReportingOverflow(by: bins)
    let (total, isLarger) = perRegion.multipliedReportingOverflow(by: regions)
    guard !isLarge, !isLarger, total <= Buffer.largestByteCount / 48 else {
      throw .budget("A region of \(length) elements has too many samples.", remedy: "Use smaller regions, or set 'sampling_ratio'.")
    }
    return Span(start: start, end: end, bin: bin, samples: count)
  }

  /// The table that lies in `memory`.
  func table(_ memory: UnsafeMutableRawPointer) -> onyx_sample_axis {
    let parts = unsafe Parts(self, memory)
    return unsafe onyx_sample_axis(
      bins: Int64(bins), starts: parts.starts, offsets: parts.offsets, sums: parts.sums, least: parts.least, greatest: parts.greatest,
      clipped: parts.clipped)
  }

  /// Writes the table of one region.
  func fill(_ memory: UnsafeMutableRawPointer, _ span: Span) {
    var parts = unsafe Parts(self, memory)
    for index in 0..<bins {
      unsafe parts.begin(index)
      let isClipped =
        switch form {
        case .samples: unsafe addSamples(index, span, &parts)
        case .elements: unsafe addElements(index, span, &parts)
        case .points(let isNearest): unsafe addPoint(index, span, isNearest: isNearest, &parts)
        }
      unsafe parts.end(index, isClipped: isClipped)
    }
  }

  /// Whether a sample lies outside, or there is none.
  private func addSamples(_ index: Int, _ span: Span, _ parts: inout Parts) -> Bool {
    let (start, bin, samples) = (span.start, span.bin, span.samples)
    var inside = 0
    for sample in 0..<samples {
      // Regions whose corners are exchanged are sampled from the end.
      let place = bin < 0 ? samples - 1 - sample : sample
      let position = start + Float(index) * bin + (Float(place) + 0.5) * bin / Float(samples)
      guard position >= -1, position <= Float(extent) else { continue }
      inside += 1
      let from = max(position, 0)
      let low = min(Int(from), extent - 1)
      let share = low == extent - 1 ? 0 : from - Float(low)
      unsafe parts.add(low * step, 1 - share)
      unsafe parts.add(min(low + 1, extent - 1) * step, share)
    }
    return samples == 0 || inside < samples
  }

  /// Whether the bin is empty.
  private func addElements(_ index: Int, _ span: Span, _ parts: inout Parts) -> Bool {
    func place(_ edge: Float) -> Int { edge >= Float(extent) ? extent : (edge > 0 ? Int(edge) : 0) }
    let first = place((Float(index) * span.bin).rounded(.down) + span.start)
    let end = place((Float(index + 1) * span.bin).rounded(.up) + span.start)
    if first >= end { return true }
    for element in first..<end { unsafe parts.add(element * step, 1) }
    return false
  }

  /// Whether the point lies outside.
  private func addPoint(_ index: Int, _ span: Span, isNearest: Bool, _ parts: inout Parts) -> Bool {
    let (start, end, last) = (Double(span.start), Double(span.end), Double(extent - 1))
    let step = bins > 1 ? (end - start) * last / Double(bins - 1) : 0
    let place = bins > 1 ? start * last + Double(index) * step : 0.5 * (start + end) * last
    guard place >= 0, place <= last else { return true }
    let low = place.rounded(isNearest ? .toNearestOrAwayFromZero : .down)
    let share = isNearest ? 0 : Float(place - low)
    unsafe parts.add(Int(low) * self.step, 1 - share)
    unsafe parts.add(min(Int(low) + 1, extent - 1) * self.step, share)
    return false
  }

  /// The arrays of a table, and the bin that is being written.
  @unsafe private struct Parts {
    let offsets: UnsafeMutablePointer<Int64>
    let sums, least, greatest: UnsafeMutablePointer<Float>
    let starts: UnsafeMutablePointer<Int32>
    let clipped: UnsafeMutablePointer<UInt8>
    let isMaximum: Bool
    private var count = 0
    private var first = 0

    init(_ axis: RegionAxis, _ memory: UnsafeMutableRawPointer) {
      let (capacity, isMaximum) = (axis.capacity, axis.isMaximum)
      unsafe offsets = memory.assumingMemoryBound(to: Int64.self)
      unsafe sums = (memory + 8 * capacity).assumingMemoryBound(to: Float.self)
      unsafe least = isMaximum ? sums + capacity : sums
      unsafe greatest = isMaximum ? least + capacity : sums
      let end = unsafe UnsafeMutableRawPointer(greatest + capacity)
      unsafe starts = end.assumingMemoryBound(to: Int32.self)
      unsafe clipped = (end + 4 * (axis.bins + 1)).assumingMemoryBound(to: UInt8.self)
      unsafe self.isMaximum = isMaximum
    }

    mutating func begin(_ bin: Int) {
      unsafe starts[bin] = Int32(count)
      unsafe first = count
    }

    /// Adds an element of the next of ascending samples.
    mutating func add(_ offset: Int, _ weight: Float) {
      // The first element of a sample may be the first one of the sample before.
      var place = unsafe count
      while unsafe place > first && offsets[place - 1] > Int64(offset) { place -= 1 }
      if unsafe place > first && offsets[place - 1] == Int64(offset) {
        unsafe sums[place - 1] += weight
        if unsafe isMaximum {
          unsafe least[place - 1] = min(least[place - 1], weight)
          unsafe greatest[place - 1] = max(greatest[place - 1], weight)
        }
        return
      }
      unsafe move(from: place, to: place + 1)
      unsafe offsets[place] = Int64(offset)
      unsafe sums[place] = weight
      if unsafe isMaximum {
        unsafe least[place] = weight
        unsafe greatest[place] = weight
      }
      unsafe count += 1
    }

    private func move(from place: Int, to target: Int) {
      var last = unsafe count
      while last > place {
        last -= 1
        unsafe offsets[last + target - place] = offsets[last]
        unsafe sums[last + target - place] = sums[last]
        if unsafe isMaximum {
          unsafe least[last + target - place] = least[last]
          unsafe greatest[last + target - place] = greatest[last]
        }
      }
    }

    mutating func end(_ bin: Int, isClipped: Bool) {
      if unsafe !isMaximum {
        // An element of no weight does not count, whatever it is.
        var kept = unsafe first
        for place in unsafe first..<count where unsafe sums[place] != 0 {
          unsafe offsets[kept] = offsets[place]
          unsafe sums[kept] = sums[place]
          kept += 1
        }
        unsafe count = kept
      }
      unsafe clipped[bin] = isClipped ? 1 : 0
      unsafe starts[bin + 1] = Int32(count)
    }
  }
}
