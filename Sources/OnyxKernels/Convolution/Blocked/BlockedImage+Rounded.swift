import CKernels
import OnyxThreads

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
          let factors = unsafe factors.map { unsafe $0 + plane * lanes }
          unsafe fillPlane(staged + plane * planeCount, from: image + plane * geometry.inputCount * lanes) { row, line, pixels in
            var numbers = unsafe line
            if let factors = unsafe factors {
              unsafe isa.blocked.scale!(scaled, line, factors, Int64(pixels))
              unsafe numbers = UnsafePointer(scaled)
            }
            unsafe isa.bf16.round!(row, numbers, Int64(pixels * lanes))
          }
        }
      }
    }
  }
}
