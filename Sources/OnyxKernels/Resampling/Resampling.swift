import CKernels
import OnyxTensor
import OnyxThreads

/// An interpolation along any axes of a tensor, as passes over neighbouring axes, outermost first.
///
/// SAFETY: see `ResizePass`; what lies between two passes is scratch memory of `scratchFloatCount`.
struct Resampling: Sendable {
  private var passes: [ResizePass] = []

  /// Elements of a run that is resampled as one: a vector on each instruction set.
  private static let leastRun = 16

  /// `axes` has an entry for each axis of a tensor of this shape, nil for those that stay as they are; not all are. nil when what lies
  /// between passes is out of proportion to input and result.
  init?(_ source: Shape, _ axes: [ResampledAxis?], isa: ISA) {
    var extents = Array(source)
    let resampled = axes.indices.filter { axes[$0] != nil }
    guard let last = resampled.last else { return nil }
    let hasPair = resampled.contains(last - 1)
    for axis in resampled.dropLast(hasPair ? 2 : 1) {
      guard let table = axes[axis] else { continue }
      let inner = extents[(axis + 1)...].reduce(1, *)
      passes.append(ResizePass(planes: extents[..<axis].reduce(1, *), rows: 0, down: table, width: inner, across: nil, isa: isa))
      extents[axis] = table.output
      let (count, overflow) = (source.elementCount / table.input).multipliedReportingOverflow(by: table.output)
      guard !overflow, count <= max(1 << 24, 4 * source.elementCount) else { return nil }
    }
    guard let table = axes[last] else { return nil }
    let run = extents[(last + 1)...].reduce(1, *)
    if run >= Self.leastRun && !hasPair {
      passes.append(ResizePass(planes: extents[..<last].reduce(1, *), rows: 0, down: table, width: run, across: nil, isa: isa))
      return
    }
    let across: ResizePass.Across = run >= Self.leastRun ? .runs(table, run: run) : .row(ResampledRow(table, run: run, isa: isa))
    let outer = extents[..<(hasPair ? last - 1 : last)].reduce(1, *)
    let down = hasPair ? axes[last - 1] : nil
    passes.append(ResizePass(planes: hasPair ? outer : 1, rows: outer, down: down, width: 0, across: across, isa: isa))
  }

  /// Elements of the largest result between two passes.
  private var largest: Int { passes.dropLast().map(\.resultCount).max() ?? 0 }

  var scratchFloatCount: Int { min(passes.count - 1, 2) * largest }

  /// Bytes of the tables, and of what each thread borrows for its tiles.
  var tableByteCount: Int { passes.reduce(0) { $0 + $1.tableByteCount } }
  func borrowedByteCount(isFloat: Bool) -> Int {
    (passes.map { $0.tileFloatCount(isWidened: !isFloat) }.max() ?? 0) * MemoryLayout<Float>.stride
  }

  func run<Element: ResampledElement>(
    _ x: UnsafePointer<Element>, _ y: UnsafeMutablePointer<Element>, scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    guard passes.count > 1 else { return unsafe passes[0].run(x, y, pool: pool) }
    let halves = unsafe [scratch, passes.count > 2 ? scratch + largest : scratch]
    unsafe passes[0].run(x, halves[0], pool: pool)
    for index in 1..<passes.count - 1 { unsafe passes[index].run(halves[(index + 1) % 2], halves[index % 2], pool: pool) }
    unsafe passes[passes.count - 1].run(halves[passes.count % 2], y, pool: pool)
  }
}
