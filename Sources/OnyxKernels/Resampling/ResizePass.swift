import CKernels
import OnyxThreads

/// Resamples the rows of planes, and what is in a row: the last two axes of an image, either of them alone, or any axis with all that lies
/// inside it.
///
/// Planes are cut into tiles of rows. When rows become more, those of the source are resampled before they are mixed; when they become
/// fewer, they are mixed first.
///
/// SAFETY: the source holds planes · rows · width elements, the result as many of its own; the tables of the axes stay inside.
struct ResizePass: Sendable {
  /// What happens inside a row.
  enum Across: Sendable {
    /// Elements one by one.
    case row(ResampledRow)
    /// Runs of neighbouring elements of the axis.
    case runs(ResampledAxis, run: Int)
  }

  private struct Tile: Sendable {
    let results: Range<Int>
    let sources: ClosedRange<Int>
  }

  private let planes: Int
  private let sourceRows, sourceWidth: Int
  private let rows, width: Int
  private let down: ResampledAxis?
  private let across: Across?
  private let tiles: [Tile]
  private let isa: ISA

  /// Floats of the rows between both steps, which stay in the second-level cache.
  private static let residentFloats = 1 << 15
  private static let leastRows = 8

  /// `rows` is the number of rows when `down` is nil, `width` that of elements when `across` is nil.
  init(planes: Int, rows: Int, down: ResampledAxis?, width: Int, across: Across?, isa: ISA) {
    (self.planes, self.down, self.across, self.isa) = (planes, down, across, isa)
    (sourceRows, self.rows) = (down?.input ?? rows, down?.output ?? rows)
    switch across {
    case .row(let row): (sourceWidth, self.width) = (row.length, row.count)
    case .runs(let axis, let run): (sourceWidth, self.width) = (axis.input * run, axis.output * run)
    case nil: (sourceWidth, self.width) = (width, width)
    }
    let resident = max(1, Self.residentFloats / max(self.width, sourceWidth, 1))
    let step = max(Self.leastRows, resident * self.rows / max(self.rows, sourceRows, 1))
    var tiles: [Tile] = []
    for first in stride(from: 0, to: self.rows, by: step) {
      let results = first..<min(first + step, self.rows)
      tiles.append(Tile(results: results, sources: down?.sources(of: results) ?? results.lowerBound...results.upperBound - 1))
    }
    self.tiles = tiles
  }

  /// Elements of the result.
  var resultCount: Int { planes * rows * width }

  private var mixesFirst: Bool { rows < sourceRows }

  var tableByteCount: Int {
    let inner =
      switch across {
      case .row(let row): row.tableByteCount
      case .runs(let axis, _): axis.tableByteCount
      case nil: 0
      }
    return inner + (down?.tableByteCount ?? 0) + tiles.count * MemoryLayout<Tile>.stride
  }

  /// Floats that a thread borrows for a tile: its rows widened, those between both steps, and a row of the result.
  func tileFloatCount(isWidened: Bool) -> Int {
    let longest = tiles.reduce(1) { max($0, $1.sources.count) }
    return (isWidened ? longest * sourceWidth : 0) + longest * width + sourceWidth + width
  }

  func run<Source: ResampledElement, Result: ResampledElement>(
    _ x: UnsafePointer<Source>, _ y: UnsafeMutablePointer<Result>, pool: ThreadPool
  ) {
    let longest = tiles.reduce(1) { max($0, $1.sources.count) }
    let work = width * (tiles.first?.results.count ?? 1)
    let (widened, mixed) = (Source.self == Float.self ? 0 : longest * sourceWidth, longest * width + sourceWidth)
    pool.parallelFor(count: planes * tiles.count, grain: max(1, 8192 / max(work, 1))) { range in
      unsafe pool.workspace.withFloats(widened + mixed + width) { scratch in
        for item in range {
          let (plane, index) = item.quotientAndRemainder(dividingBy: tiles.count)
          let tile = tiles[index]
          let first = unsafe x + (plane * sourceRows + tile.sources.lowerBound) * sourceWidth
          let source: UnsafePointer<Float>
          if Source.self == Float.self {
            unsafe source = UnsafeRawPointer(first).assumingMemoryBound(to: Float.self)
          } else {
            unsafe Source.widen(first, into: scratch, count: tile.sources.count * sourceWidth)
            unsafe source = UnsafePointer(scratch)
          }
          unsafe run(
            tile, source, scratch + widened, y + (plane * rows + tile.results.lowerBound) * width, row: scratch + widened + mixed)
        }
      }
    }
  }

  /// One tile; `x` begins with the first row that it is made of. `mixed` and `row` are scratch.
  private func run<Result: ResampledElement>(
    _ tile: Tile, _ x: UnsafePointer<Float>, _ mixed: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Result>,
    row: UnsafeMutablePointer<Float>
  ) {
    var source = unsafe x
    if across != nil, down != nil, !mixesFirst {
      unsafe resampleRows(x, mixed, count: tile.sources.count)
      unsafe source = UnsafePointer(mixed)
    }
    for result in tile.results {
      let place = unsafe y + (result - tile.results.lowerBound) * width
      let target = unsafe Result.self == Float.self ? UnsafeMutableRawPointer(place).assumingMemoryBound(to: Float.self) : row
      if let down {
        let mixesAll = across != nil && mixesFirst
        unsafe mix(down, result, source, mixesAll ? mixed : target, count: mixesAll ? sourceWidth : width, from: tile.sources.lowerBound)
        if mixesAll { unsafe resampleRows(mixed, target, count: 1) }
      } else {
        unsafe resampleRows(source + (result - tile.results.lowerBound) * sourceWidth, target, count: 1)
      }
      if Result.self != Float.self { unsafe Result.narrow(row, into: place, count: width) }
    }
  }

  /// One row of the result from rows of `count` elements, the first of them row `first` of the plane.
  private func mix(
    _ axis: ResampledAxis, _ result: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, from first: Int
  ) {
    unsafe axis.indices.withUnsafeBufferPointer { indices in
      unsafe axis.weights.withUnsafeBufferPointer { weights in
        guard let indices = indices.baseAddress, let weights = weights.baseAddress else { return }
        unsafe isa.resize.down!(
          y, x, Int64(count), Int64(first), indices + result * axis.taps, weights + result * axis.taps, Int64(axis.taps), Int64(count))
      }
    }
  }

  private func resampleRows(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
    switch across {
    case .row(let row):
      let kernel = unsafe isa.resize.across!
      unsafe row.withAxis { axis in
        for index in 0..<count { unsafe kernel(y + index * width, x + index * sourceWidth, axis) }
      }
    case .runs(let axis, let run):
      unsafe axis.indices.withUnsafeBufferPointer { indices in
        unsafe axis.weights.withUnsafeBufferPointer { weights in
          guard let indices = indices.baseAddress, let weights = weights.baseAddress else { return }
          for index in 0..<count {
            unsafe isa.resize.across_runs!(
              y + index * width, x + index * sourceWidth, indices, weights, Int64(axis.taps), Int64(axis.output), Int64(run))
          }
        }
      }
    case nil: unsafe y.update(from: x, count: count * width)
    }
  }
}
