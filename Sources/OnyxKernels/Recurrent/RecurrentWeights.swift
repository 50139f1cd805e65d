import CKernels
import OnyxTensor
import OnyxThreads

/// Where a recurrent layer has W [D, gates · hidden, inputs] and R [D, gates · hidden, hidden] from.
enum RecurrentMatrices: Sendable {
  /// Constants, packed once for the session: W and R of each direction.
  case packed(w: [PackedMatrix], r: [PackedFloats])
  /// Tensors of the run. R is packed in the run where it is read often enough, otherwise read as it lies.
  case given(packsR: Bool)
  /// Constants of bytes, those of each direction: states and inputs are rounded to bytes too.
  case bytes([RecurrentBytes])
}

/// SAFETY: constants and panels have the sizes of the geometry.
extension RecurrentGeometry {
  /// Packs W and R when they are constants.
  func matrices(_ query: KernelQuery) -> RecurrentMatrices {
    guard let w = query.constant(1), let r = query.constant(2) else {
      // Packing moves an element in the time of several multiply-adds.
      return .given(packsR: steps * min(batch, 4) >= 6)
    }
    let (sides, isa) = (0..<directions, query.isa)
    let (width, inputs, geometry) = (width, inputs, self)
    let packedW = sides.map { side in
      let count = PackedMatrix.floatCount(.columns, lanes: width, depth: inputs, isa: isa)
      let floats = unsafe query.packedFloats("recurrent_w_\(isa.name)_\(side)", count: count, from: [w]) { target, sources, pool in
        let matrix = unsafe Matrix(sources[0] + side * width * inputs, rowStride: inputs)
        unsafe PackedMatrix.pack(.columns, matrix.transposed, lanes: width, depth: inputs, isa: isa, into: target, pool)
      }
      return PackedMatrix(.columns, lanes: width, depth: inputs, isa: isa, in: floats)
    }
    let packedR = sides.map { side in
      unsafe query.packedFloats("recurrent_r_\(isa.name)_\(side)", count: blocks * gates * panelFloats, from: [r]) {
        target, sources, pool in
        unsafe geometry.packR(sources[0] + side * width * geometry.hidden, into: target, isa, pool)
      }
    }
    return .packed(w: packedW, r: packedR)
  }

  /// Writes R of one direction in panels: for each phase and block of units those of its gates.
  ///
  /// SAFETY: `r` holds width · hidden floats, `target` blocks · gates panels.
  func packR(_ r: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, _ isa: ISA, _ pool: ThreadPool) {
    pool.parallelFor(count: blocks, grain: max(1, 16384 / (gates * panelFloats))) { range in
      for block in range {
        let lanes = min(panel, hidden - block * panel)
        for phase in (0..<cell.phaseCount).map({ cell.phase($0) }) {
          for gate in phase {
            let place = firstPanel(phase, block: block) + gate - phase.lowerBound
            unsafe isa.gemm.pack!(
              target + place * panelFloats, Int64(panel), Int64(panelFloats), r + (gate * hidden + block * panel) * hidden, Int64(hidden),
              1,
              Int64(lanes), Int64(hidden))
          }
        }
      }
    }
  }
}
