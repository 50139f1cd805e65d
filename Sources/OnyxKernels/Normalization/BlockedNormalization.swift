import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Group and instance normalization over channel-blocked images.
///
/// Pieces of a block have moments of their own, which are joined in order in double precision: the result depends on the shape only.
///
/// SAFETY: `x` and `y` hold batch · blocks · pixels · 16 floats, `scale` and `shift` one for each channel, scratch
/// `scratchByteCount` bytes.
struct BlockedNormalization: Sendable {
  private let batch, channels, groups, pixels: Int
  private let epsilon: Double
  private let isa: ISA

  private static let lanes = Int(ONYX_BLOCK)
  /// Pixels of a piece, which stays in the first-level cache.
  private static let piece = 256

  private var blocks: Int { (channels + Self.lanes - 1) / Self.lanes }
  private var pieces: Int { (pixels + Self.piece - 1) / Self.piece }

  /// nil for an input without elements.
  init?(_ op: BlockedGroupNormalization, input x: Shape, isa: ISA) {
    guard x.rank >= 4, x.elementCount > 0, x[1] == ChannelBlocks.count(op.channels) else { return nil }
    (batch, channels, groups, pixels) = (x[0], op.channels, op.groups, x[2..<x.rank - 1].reduce(1, *))
    epsilon = Double(op.epsilon)
    self.isa = isa
  }

  /// Means and squares of each piece, then mean, factor and shift of each lane.
  var scratchByteCount: Int { (2 * batch * blocks * pieces + 3 * batch * blocks) * Self.lanes * MemoryLayout<Float>.stride }

  func run(
    _ x: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let (lanes, tasks) = (Self.lanes, batch * blocks * pieces)
    let grain = max(1, 16 * Self.piece / max(min(pixels, Self.piece), 1))
    let lanewise = unsafe scratch + 2 * tasks * lanes
    pool.parallelFor(count: tasks, grain: grain) { range in
      for task in range {
        let (start, count) = place(of: task)
        let found = unsafe scratch + 2 * task * lanes
        unsafe isa.blocked.moments!(x + start, Int64(count), found, found + lanes)
      }
    }
    for image in 0..<batch {
      for group in 0..<groups { unsafe join(image, group, scale, shift, scratch, lanewise) }
      for lane in channels..<blocks * lanes {
        let place = unsafe lanewise + (image * blocks + lane / lanes) * 3 * lanes + lane % lanes
        for part in 0..<3 { unsafe place[part * lanes] = 0 }
      }
    }
    pool.parallelFor(count: tasks, grain: grain) { range in
      for task in range {
        let (start, count) = place(of: task)
        let numbers = unsafe lanewise + task / pieces * 3 * lanes
        unsafe isa.blocked.standardize!(y + start, x + start, numbers, numbers + lanes, numbers + 2 * lanes, Int64(count))
      }
    }
  }

  /// The first element and the pixels of a piece.
  private func place(of task: Int) -> (start: Int, count: Int) {
    let (block, part) = task.quotientAndRemainder(dividingBy: pieces)
    let first = part * Self.piece
    return ((block * pixels + first) * Self.lanes, min(Self.piece, pixels - first))
  }

  /// Mean, factor and shift of the lanes of one group from the moments of its pieces.
  private func join(
    _ image: Int, _ group: Int, _ scale: UnsafePointer<Float>, _ shift: UnsafePointer<Float>, _ pieceMoments: UnsafePointer<Float>,
    _ lanewise: UnsafeMutablePointer<Float>
  ) {
    let (lanes, size) = (Self.lanes, channels / groups)
    var (mean, squares, count) = (0.0, 0.0, 0.0)
    for channel in group * size..<(group + 1) * size {
      for part in 0..<pieces {
        let found = unsafe pieceMoments + 2 * (((image * blocks + channel / lanes) * pieces) + part) * lanes + channel % lanes
        let more = Double(min(Self.piece, pixels - part * Self.piece))
        let difference = unsafe Double(found[0]) - mean
        let all = count + more
        unsafe squares += Double(found[lanes]) + difference * difference * count * more / all
        mean += difference * more / all
        count = all
      }
    }
    let factor = 1 / (squares / count + epsilon).squareRoot()
    for channel in group * size..<(group + 1) * size {
      let place = unsafe lanewise + (image * blocks + channel / lanes) * 3 * lanes + channel % lanes
      unsafe place[0] = Float(mean)
      unsafe place[lanes] = Float(factor * Double(scale[channel]))
      unsafe place[2 * lanes] = shift[channel]
    }
  }
}

/// SAFETY: see `KernelCall`.
enum BlockedNormalizationRows {
  static let group = KernelRow("blocked_group_normalization_f32", [BlockedGroupNormalization.name.name], domain: "onyx", .float32) {
    (op: BlockedGroupNormalization, query) throws(OnyxError) in
    guard let x = query.input(0)?.shape, let kernel = BlockedNormalization(op, input: x, isa: query.isa),
      query.input(1)?.shape.elementCount == op.channels, query.input(2)?.shape.elementCount == op.channels
    else { return .declined("the input is empty, or scale or bias are not one for each channel") }
    return .run(scratchByteCount: kernel.scratchByteCount, inPlaceInputs: [0]) { call in
      unsafe kernel.run(
        call.input(0), scale: call.input(1), shift: call.input(2), call.output(),
        scratch: call.scratch.assumingMemoryBound(to: Float.self), pool: call.pool)
    }
  }
}
