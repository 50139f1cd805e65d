import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// The boxes with the best scores that do not overlap one another too much, for each batch and class.
///
/// The best candidates are found by the ranks of some scores, gathered and sorted, twice as many each time the last ones are used up: who
/// takes few pays for few. Batches and classes are shared by the threads.
///
/// SAFETY: `boxes` holds `batches` × `count` × 4 floats, `scores` `batches` × `classes` × `count`; a thread keeps to the memory of
/// `floatCount`, and writes the slots of its own tasks.
@safe struct BoxSuppression: Sendable {
  let batches: Int
  let classes: Int
  /// Boxes of a batch, at least 1 and less than 2³².
  let count: Int
  let isCentered: Bool
  let isa: ISA

  /// Scores that are worth a thread.
  private static let work = 16384
  /// Boxes of which all are sorted at once.
  private static let few = 512
  /// Scores that say where the candidates are.
  private var sampleCount: Int { count < 16384 ? 128 : 256 }

  /// Floats of memory for one thread: two lists of keys, the ranks of the samples, and five numbers for each box that is kept.
  private func floatCount(_ most: Int) -> Int { 4 * count + 256 + 5 * most }

  /// Bytes that all threads borrow.
  func borrowedByteCount(_ threads: Int) -> Int { min(threads, batches * classes) * floatCount(count) * MemoryLayout<Float>.stride }

  /// Rows of [batch, class, box].
  func run(
    _ boxes: UnsafePointer<Float>, _ scores: UnsafePointer<Float>, _ limits: NonMaxSuppression.Limits, _ pool: ThreadPool
  ) throws(OnyxError) -> Tensor {
    let groups = batches * classes
    let height = max(1, Self.work / count)
    let most = Int(min(limits.most, Int64(count)))
    // Of each task, group after group, how many boxes it takes and which.
    var taken = [[UInt32]](repeating: [], count: most > 0 ? (groups + height - 1) / height : 0)
    unsafe taken.withUnsafeMutableBufferPointer { slots in
      let slots = unsafe slots
      pool.parallelFor(count: slots.count) { range in
        unsafe pool.workspace.withFloats(floatCount(most)) { memory in
          let search = unsafe Search(self, boxes, scores, limits, most, memory)
          for task in range {
            for group in task * height..<min(groups, (task + 1) * height) { unsafe search.select(group, into: &slots[task]) }
          }
        }
      }
    }
    // Of work that was ended some tasks left nothing, not even how many boxes a group takes.
    try WorkLimits.check()
    return try rows(taken)
  }

  private func rows(_ taken: [[UInt32]]) throws(OnyxError) -> Tensor {
    let count = taken.isEmpty ? 0 : taken.reduce(-batches * classes) { $0 + $1.count }
    let shape = try Shape([max(count, 0), 3])
    let buffer = try Buffer(uninitializedByteCount: max(count, 0) * 3 * MemoryLayout<Int64>.stride)
    var row = unsafe buffer.pointer.assumingMemoryBound(to: Int64.self)
    var group = 0
    for list in taken where count > 0 {
      var place = 0
      while place < list.count {
        let (batch, label) = group.quotientAndRemainder(dividingBy: classes)
        let number = Int(list[place])
        for box in list[place + 1..<place + 1 + number] {
          unsafe (row[0], row[1], row[2]) = (Int64(batch), Int64(label), Int64(box))
          unsafe row += 3
        }
        place += 1 + number
        group += 1
      }
    }
    return Tensor(elementType: .int64, shape: shape, storage: .bytes(buffer, offset: 0))
  }

  /// One thread's search, group by group.
  @safe private struct Search {
    private let geometry: BoxSuppression
    private let boxes: UnsafePointer<Float>
    private let scores: UnsafePointer<Float>
    private let overlap: Float
    private let most: Int
    /// Ranks from here on are no candidates.
    private let end: UInt32
    private let keys: UnsafeMutablePointer<UInt64>
    private let others: UnsafeMutablePointer<UInt64>
    private let samples: UnsafeMutablePointer<UInt32>
    private let kept: UnsafeMutablePointer<Float>

    init(
      _ geometry: BoxSuppression, _ boxes: UnsafePointer<Float>, _ scores: UnsafePointer<Float>, _ limits: NonMaxSuppression.Limits,
      _ most: Int, _ memory: UnsafeMutablePointer<Float>
    ) {
      (self.geometry, self.most, overlap) = (geometry, most, limits.overlap)
      unsafe (self.boxes, self.scores) = unsafe (boxes, scores)
      let count = geometry.count
      unsafe keys = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: UInt64.self)
      unsafe others = keys + count
      unsafe samples = UnsafeMutableRawPointer(memory + 4 * count).assumingMemoryBound(to: UInt32.self)
      unsafe kept = memory + 4 * count + 256
      guard let least = limits.least else {
        end = .max
        return
      }
      // Nothing is greater than NaN.
      var key: UInt64 = 0
      _ = unsafe withUnsafePointer(to: least) { unsafe geometry.isa.boxes.candidates!(&key, $0, 1, 0, .max) }
      end = least.isNaN ? 0 : UInt32(truncatingIfNeeded: key >> 32)
    }

    /// Appends how many boxes of a batch and class are taken, and which.
    func select(_ group: Int, into taken: inout [UInt32]) {
      let count = geometry.count
      let from = unsafe scores + group * count
      let corners = unsafe boxes + group / geometry.classes * count * 4
      let (candidates, take) = unsafe (geometry.isa.boxes.candidates!, geometry.isa.boxes.take!)
      let head = taken.count
      taken.append(0)
      var inKept: Int64 = 0
      var pace = WorkPace(every: 1 << 16)
      var (start, step) = (UInt32(0), 2 * most + 64)
      let sampled = unsafe count > BoxSuppression.few && step < count / 2 ? sample(from) : 0
      var place = step * geometry.sampleCount / count
      while start < end {
        let limit = unsafe place < sampled ? samples[place] + 1 : end
        step = place + 1
        place += step
        // Samples of one rank.
        guard limit > start else { continue }
        let found = unsafe Int(candidates(keys, from, Int64(count), start, limit - start))
        let order = unsafe sort(found)
        for index in 0..<found {
          if pace.isOver(after: 16 + Int(inKept)) { break }
          let box = unsafe Int(order[index] & 0xffff_ffff)
          guard unsafe take(kept, Int64(most), &inKept, corners + box * 4, geometry.isCentered ? 1 : 0, overlap) != 0 else { continue }
          taken.append(UInt32(truncatingIfNeeded: box))
          if taken.count - head > most { break }
        }
        if taken.count - head > most || WorkLimits.isOver { break }
        start = limit
      }
      taken[head] = UInt32(truncatingIfNeeded: taken.count - head - 1)
    }

    /// Puts the ranks of some candidates into `samples`, best first, and returns their number.
    private func sample(_ scores: UnsafePointer<Float>) -> Int {
      let (wanted, stride) = (geometry.sampleCount, geometry.count / geometry.sampleCount)
      let looked = unsafe UnsafeMutableRawPointer(samples).assumingMemoryBound(to: Float.self)
      // No fixed distance apart, since scores often come in a pattern.
      for index in 0..<wanted { unsafe looked[index] = scores[index * stride + index &* 40503 % stride] }
      let found = unsafe Int(geometry.isa.boxes.candidates!(keys, looked, Int64(wanted), 0, end))
      let order = unsafe sort(found)
      for index in 0..<found { unsafe samples[index] = UInt32(truncatingIfNeeded: order[index] >> 32) }
      return found
    }

    /// Sorts the first keys by rank; those of equal rank stay in order.
    private func sort(_ count: Int) -> UnsafeMutablePointer<UInt64> {
      if count <= 32 {
        for index in 0..<count {
          let key = unsafe keys[index]
          var place = index
          while place > 0, unsafe keys[place - 1] > key {
            unsafe keys[place] = keys[place - 1]
            place -= 1
          }
          unsafe keys[place] = key
        }
        return unsafe keys
      }
      return unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 4 * 256) { places in
        unsafe places.initialize(repeating: 0)
        for index in 0..<count {
          var rank = unsafe Int(truncatingIfNeeded: keys[index] >> 32)
          for byte in 0..<4 {
            unsafe places[byte * 256 + rank & 0xff] &+= 1
            rank >>= 8
          }
        }
        var (from, to) = unsafe (keys, others)
        for byte in 0..<4 {
          let digits = unsafe places.baseAddress! + byte * 256
          let shift = UInt64(32 + 8 * byte)
          if unsafe digits[Int(truncatingIfNeeded: from[0] >> shift) & 0xff] == count { continue }
          var start: UInt32 = 0
          for digit in 0..<256 { unsafe (digits[digit], start) = unsafe (start, start &+ digits[digit]) }
          for index in 0..<count {
            let key = unsafe from[index]
            let digit = Int(truncatingIfNeeded: key >> shift) & 0xff
            unsafe to[Int(digits[digit])] = key
            unsafe digits[digit] &+= 1
          }
          unsafe swap(&from, &to)
        }
        return unsafe from
      }
    }
  }
}
