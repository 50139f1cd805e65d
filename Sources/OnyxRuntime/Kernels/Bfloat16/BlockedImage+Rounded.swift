import CKernels

extension BlockedImage {
  /// Rounds a blocked image into `staged`, each lane times its factor if there are factors, with the border of zeros that `needsCopy` asks
  /// for. Runs and strides hold for it as for float32.
  ///
  /// SAFETY: reads the planes of one image and, with factors, 16 of them for each; writes `imageCount` elements.
  func stageRounded(
    _ image: UnsafePointer<Float>, factors: UnsafePointer<Float>?, into staged: UnsafeMutablePointer<UInt16>, isa: ISA, pool: ThreadPool
  ) {
    let isScaled = unsafe factors != nil
    if !isScaled && !needsCopy {
      pool.parallelFor(count: imageCount, grain: 16384) { range in
        unsafe isa.bf16.round!(staged + range.lowerBound, image + range.lowerBound, Int64(range.count))
      }
      return
    }
    let lanes = Int(ONYX_BLOCK)
    pool.parallelFor(count: planes, grain: max(1, 8192 / max(planeCount, 1))) { range in
      unsafe pool.workspace.withFloats(isScaled ? geometry.input[1] * lanes : 0) { scaled in
        for plane in range {
          unsafe stageRounded(
            plane: image + plane * geometry.inputCount * lanes, factors: factors.map { unsafe $0 + plane * lanes }, scaled,
            into: staged + plane * planeCount, isa: isa)
        }
      }
    }
  }

  /// One plane; `scaled` has room for a row of it when there are factors.
  private func stageRounded(
    plane: UnsafePointer<Float>, factors: UnsafePointer<Float>?, _ scaled: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<UInt16>,
    isa: ISA
  ) {
    let lanes = Int(ONYX_BLOCK)
    let (top, left) = needsCopy ? (geometry.padsBegin[0], geometry.padsBegin[1]) : (0, 0)
    // The part of a source row that the windows reach.
    let present = max(0, min(geometry.input[1], width - left))
    for y in 0..<height {
      let row = unsafe target + y * width * lanes
      guard y >= top, y - top < geometry.input[0], left < width else {
        unsafe row.update(repeating: 0, count: width * lanes)
        continue
      }
      unsafe row.update(repeating: 0, count: left * lanes)
      var line = unsafe plane + (y - top) * geometry.input[1] * lanes
      if let factors = unsafe factors {
        unsafe isa.blocked.scale!(scaled, line, factors, Int64(present))
        unsafe line = UnsafePointer(scaled)
      }
      unsafe isa.bf16.round!(row + left * lanes, line, Int64(present * lanes))
      unsafe (row + (left + present) * lanes).update(repeating: 0, count: (width - left - present) * lanes)
    }
  }
}
