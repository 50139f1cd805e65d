import CKernels
import OnyxThreads

/// How a dense convolution of bytes reads its input: where the runs of a window lie, and how output pixels follow each other. Counts and
/// offsets are those of staged elements (see onyx_blocked_int8.h).
///
/// A run of a blocked image is a channel block, or half of one, under one tap; one of a plain image is a kernel row over one channel.
struct ByteImage: PixelRows, Sendable {
  let geometry: WindowExtents
  /// Whether planes must be copied first: for a border, or since elements are no plain bytes.
  let isStaged: Bool
  let planes: Int
  /// Elements of a pixel: 16 lanes, or 1 in a plain image.
  let lanes: Int
  /// Elements of a plane.
  let planeCount: Int
  /// Offset of each run from the element of a pixel.
  let runs: [Int64]
  let pixelStride: Int
  let rowLength, rowCount: Int
  /// From one row's first element to the next one's.
  let rowStride: Int
  /// Bytes of an element.
  let elementSize: Int
  private let isSigned: Bool
  /// Pixels of a staged plane.
  private let width, height: Int
  private let isa: ISA

  /// The geometry has two spatial axes; runs have `runLength` elements. The kernel columns of a plain image are not dilated.
  init(_ g: WindowExtents, channels: Int, isBlocked: Bool, runLength: Int, isSigned: Bool, isa: ISA) {
    (geometry, self.isSigned, self.isa) = (g, isSigned, isa)
    elementSize = unsafe 4 / Int(isa.blocked_int8.group)
    let isConverted = isSigned || elementSize != 1
    if isBlocked {
      let image = BlockedImage(g, groups: (channels + runLength - 1) / runLength, runLength: runLength)
      isStaged = image.needsCopy || isConverted
      (planes, lanes, planeCount) = (image.planes, Int(ONYX_BLOCK), image.planeCount)
      (runs, pixelStride, rowStride) = (image.runs, image.pixelStride, image.rowStride)
      (rowLength, rowCount) = (image.rowLength, image.rowCount)
      (width, height) = (image.width, image.height)
      return
    }
    let line = (g.output[1] - 1) * g.strides[1] + runLength
    isStaged = true
    (planes, lanes) = (channels, 1)
    (width, height) = (line, g.reach(0))
    planeCount = line * g.reach(0)
    let plane = planeCount
    runs = (0..<channels).flatMap { c in (0..<g.kernel[0]).map { Int64(c * plane + $0 * g.dilations[0] * line) } }
    (pixelStride, rowStride) = (g.strides[1], g.strides[0] * line)
    (rowLength, rowCount) = (g.output[1], g.output[0])
  }

  /// Bytes of one staged image; 0 when it is read in place.
  var stagedByteCount: Int { isStaged ? planes * planeCount * elementSize : 0 }

  /// Copies the planes of an image, with a border of zero points.
  ///
  /// SAFETY: reads the geometry's input planes of 16 lanes, or of one; writes `stagedByteCount` bytes.
  func stage(_ image: UnsafePointer<UInt8>, zeroPoint: Int32, into staged: UnsafeMutablePointer<UInt8>, pool: ThreadPool) {
    pool.parallelFor(count: planes, grain: max(1, 65536 / max(planeCount, 1))) { range in
      for plane in range {
        unsafe stagePlane(
          image + plane * geometry.inputCount * lanes, UInt8(truncatingIfNeeded: zeroPoint), staged + plane * planeCount * elementSize)
      }
    }
  }

  private func stagePlane(_ source: UnsafePointer<UInt8>, _ fill: UInt8, _ target: UnsafeMutablePointer<UInt8>) {
    let (top, left) = (geometry.padsBegin[0], min(geometry.padsBegin[1], width))
    let present = max(0, min(geometry.input[1], width - left))
    let isSigned: Int32 = self.isSigned ? 1 : 0
    if top == 0, left == 0, height <= geometry.input[0], width == geometry.input[1] {
      return unsafe isa.blocked_int8.stage!(target, source, 0, Int64(height * width * lanes), 0, fill, isSigned)
    }
    for y in 0..<height {
      let row = unsafe target + y * width * lanes * elementSize
      guard y >= top, y - top < geometry.input[0] else {
        unsafe isa.blocked_int8.stage!(row, source, Int64(width * lanes), 0, 0, fill, isSigned)
        continue
      }
      unsafe isa.blocked_int8.stage!(
        row, source + (y - top) * geometry.input[1] * lanes, Int64(left * lanes), Int64(present * lanes),
        Int64((width - left - present) * lanes), fill, isSigned)
    }
  }
}
