import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// NonMaxSuppression.
///
/// SAFETY: see `KernelCall`.
enum SuppressionRows {
  static let all = [
    KernelRow("suppress_boxes", ["NonMaxSuppression"], .input(0, [.float32]), findsSizes: true) {
      (op: NonMaxSuppression, query) throws(OnyxError) in
      guard let boxes = query.input(0)?.shape, let scores = query.input(1)?.shape, boxes.rank == 3, scores.rank == 3, boxes[2] == 4,
        boxes[0] == scores[0], boxes[1] == scores[2]
      else { return .declined("boxes and scores do not fit") }
      guard scores.elementCount > 0, scores[2] < 1 << 24 else { return .declined("there are no boxes, or too many") }
      for index in 2..<5 where query.input(index).map({ $0.shape.elementCount != 1 }) ?? false {
        return .declined("input \(index) is no single number")
      }
      let suppression = BoxSuppression(
        batches: scores[0], classes: scores[1], count: scores[2], isCentered: op.boxesAreCentered, isa: query.isa)
      return .make(borrowedByteCount: suppression.borrowedByteCount(query.pool.threadCount)) { call throws(OnyxError) in
        let limits = try unsafe NonMaxSuppression.Limits(
          most: call.optionalInput(2, as: Int64.self)?.pointee, overlap: call.optionalInput(3, as: Float.self)?.pointee,
          least: call.optionalInput(4, as: Float.self)?.pointee)
        return [try unsafe suppression.run(call.input(0), call.input(1), limits, call.pool)]
      }
    }
  ]
}
