import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// The pixels of several channel-blocked images by turns.
///
/// SAFETY: see `KernelCall`. Every input has the shape of input 0, which with strides and crops gives the shape of the output: rows and
/// columns of a phase stay inside it.
enum PhaseRows {
  static let interleaved = KernelRow("interleaved_phases_f32", [InterleavedPhases.name.name], domain: "onyx", .float32) {
    (op: InterleavedPhases, query) throws(OnyxError) in
    guard let phase = query.input(0)?.shape, let y = query.outputs[0]?.shape, phase.rank == 5, y.rank == 5, y.elementCount > 0,
      query.inputs.count == op.strides[0] * op.strides[1], query.inputs.allSatisfy({ $0?.shape == phase })
    else { return .declined("the output is empty, or the phases differ") }
    let (lanes, isa) = (Int(ONYX_BLOCK), query.isa)
    let (rows, columns, planes) = (y[2], y[3], y[0] * y[1])
    let count = query.inputs.count
    return .run { call in
      let phases = unsafe (0..<count).map { unsafe call.input($0, as: Float.self) }
      let output = unsafe call.output(0, as: Float.self)
      call.pool.parallelFor(count: planes * rows, grain: max(1, 1024 / columns)) { range in
        for task in range {
          let (plane, row) = task.quotientAndRemainder(dividingBy: rows)
          let (line, part) = (row + op.crops[0]).quotientAndRemainder(dividingBy: op.strides[0])
          let target = unsafe output + task * columns * lanes
          for column in 0..<min(op.strides[1], columns) {
            let (place, turn) = (column + op.crops[1]).quotientAndRemainder(dividingBy: op.strides[1])
            let source = unsafe phases[part * op.strides[1] + turn] + ((plane * phase[2] + line) * phase[3] + place) * lanes
            unsafe isa.blocked.spread!(
              target + column * lanes, Int64(op.strides[1] * lanes), source, Int64(lanes),
              Int64((columns - column + op.strides[1] - 1) / op.strides[1]))
          }
        }
      }
    }
  }
}
