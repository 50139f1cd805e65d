import OnyxTensor
import Synchronization

/// The memory of runs, handed on from plan to plan: the plans of a program for ever new shapes take as much as the largest of them.
///
/// A plan that runs again keeps its memory; a run that needs another plan gets what the others left idle.
final class RunMemory: Sendable {
  private let idle = Mutex<[Buffer]>([])

  /// Blocks that are kept idle: one for each of two runs at a time.
  private static let limit = 2

  /// A block of at least so many bytes. One that is too small is freed for it, so that sizes that grow from run to run leave nothing.
  func take(_ byteCount: Int) throws(OnyxError) -> Buffer {
    let (found, isGrowing) = idle.withLock { idle -> (Buffer?, Bool) in
      let fitting = idle.indices.filter { idle[$0].byteCount >= byteCount }
      if let place = fitting.min(by: { idle[$0].byteCount < idle[$1].byteCount }) { return (idle.remove(at: place), false) }
      guard let place = Self.smallest(idle) else { return (nil, false) }
      return (nil, idle.remove(at: place).byteCount > 0)
    }
    if let found { return found }
    // Some room beside what is needed, so that not every step of growth takes fresh memory. No pages stand behind it before it is used.
    let (roomy, overflow) = byteCount.addingReportingOverflow(byteCount / 8)
    let hasRoom = isGrowing && !overflow && roomy <= min(Buffer.largestByteCount, WorkLimits.memoryBudget)
    return try Buffer(uninitializedByteCount: hasRoom ? roomy : byteCount)
  }

  /// Takes back a block. The smallest is freed when there are too many.
  func give(_ buffer: Buffer) {
    idle.withLock { idle in
      idle.append(buffer)
      if idle.count > Self.limit, let place = Self.smallest(idle) { idle.remove(at: place) }
    }
  }

  private static func smallest(_ buffers: [Buffer]) -> Int? {
    buffers.indices.min { buffers[$0].byteCount < buffers[$1].byteCount }
  }
}
