import CKernels
import OnyxThreads

/// Max and average pooling over [planes, spatial...].
///
/// SAFETY: `x` holds `planes` input planes of the geometry and `y` as many output planes; window offsets stay inside
/// a staged plane.
package final class Pooling: Sendable {
  package enum Kind: Sendable, Hashable {
    /// Padding never wins; NaN does.
    case max
    /// Divides by the elements inside the image, or inside image and padding.
    case average(countsPadding: Bool)
  }

  package let geometry: WindowExtents
  package let kind: Kind

  private let image: StagedImage
  private let isa: ISA
  /// Elements that count, per output position of the last axis and per row of the outer axes.
  private let columnDivisors: [Float]
  private let rowDivisors: [Float]

  package init(_ kind: Kind, geometry: WindowExtents, isa: ISA) {
    self.kind = kind
    self.geometry = geometry
    self.isa = isa
    image = StagedImage(geometry)
    (rowDivisors, columnDivisors) = Pooling.divisors(kind, geometry: geometry) ?? ([], [])
  }

  /// How many elements of a window count for an average: per row of the outer axes times per position of the last one. Nil for a
  /// maximum.
  static func divisors(_ kind: Kind, geometry: WindowExtents) -> (rows: [Float], columns: [Float])? {
    guard case .average(let countsPadding) = kind else { return nil }
    let counts = geometry.input.indices.map { axis in
      (0..<geometry.output[axis]).map { Pooling.count(geometry, axis, at: $0, countsPadding) }
    }
    let rows = counts.dropLast().reduce([1]) { rows, axis in rows.flatMap { r in axis.map { r * $0 } } }
    return counts.last.map { (rows, $0) }
  }

  private static func count(_ g: WindowExtents, _ axis: Int, at position: Int, _ countsPadding: Bool) -> Float {
    let low = countsPadding ? 0 : g.padsBegin[axis]
    let high = g.padsBegin[axis] + g.input[axis] + (countsPadding ? g.padsEnd[axis] : 0)
    let start = position * g.strides[axis]
    let taps = (0..<g.kernel[axis]).count { (low..<high).contains(start + $0 * g.dilations[axis]) }
    return Float(taps)
  }

  /// Pools every plane.
  package func run(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, planes: Int, pool: ThreadPool) {
    guard geometry.outputCount > 0 else { return }
    let work = geometry.outputCount * geometry.tapCount
    let width = geometry.output.last!
    pool.parallelFor(count: planes, grain: max(1, 32768 / max(work, 1))) { range in
      unsafe pool.workspace.withFloats(image.planeCount + width) { scratch in
        for plane in range {
          let output = unsafe y + plane * geometry.outputCount
          var source = unsafe x + plane * geometry.inputCount
          if image.needsCopy {
            unsafe image.stage(source, into: scratch, fill: kind == .max ? -.infinity : 0, isa: isa)
            unsafe source = UnsafePointer(scratch)
          }
          unsafe poolPlane(source, output, divisors: scratch + image.planeCount)
        }
      }
    }
  }

  /// One plane, row by row; `divisors` is scratch for one output row.
  private func poolPlane(
    _ source: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, divisors: UnsafeMutablePointer<Float>
  ) {
    let width = geometry.output.last!
    let taps = Int64(image.taps.count)
    unsafe image.taps.withUnsafeBufferPointer { offsets in
      for row in image.bases.indices {
        let at = unsafe source + Int(image.bases[row])
        if kind == .max {
          unsafe isa.pool.max_row!(output + row * width, Int64(width), at, offsets.baseAddress!, taps)
        } else {
          for i in 0..<width { unsafe divisors[i] = columnDivisors[i] * rowDivisors[row] }
          unsafe isa.pool.average_row!(
            output + row * width, Int64(width), at, offsets.baseAddress!, taps, divisors)
        }
      }
    }
  }
}
