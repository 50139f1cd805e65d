import COnyxFuzz

/// The regions of code that have run so far, where the program was compiled with coverage.
///
/// SAFETY: the array has one byte for each counter, whose number is fixed when the program was linked.
struct Regions {
  private var seen = [UInt8](repeating: 0, count: onyx_fuzz_counter_count())

  /// Whether code is counted at all.
  var isCounting: Bool { !seen.isEmpty }
  /// Regions that have run.
  private(set) var count = 0

  /// Regions that have run since the last call and not before.
  mutating func update() -> Int {
    let new = unsafe seen.withUnsafeMutableBufferPointer { unsafe onyx_fuzz_new_regions($0.baseAddress) }
    count += new
    return new
  }
}
