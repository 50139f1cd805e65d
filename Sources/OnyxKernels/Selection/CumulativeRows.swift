import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// CumSum and CumProd. Floats are added in float64 in the order of the axis and rounded one by one, integers wrap.
///
/// SAFETY: see `KernelCall`.
enum CumulativeRows {
  static let all = ["CumSum", "CumProd"].map { name in
    KernelRow(
      KernelRow.name(of: name, "lines"), [name],
      .input(0, [.float32, .float64, .float16, .bfloat16, .int32, .int64, .uint32, .uint64])
    ) { (op: Cumulative, query) throws(OnyxError) in
      switch query.input(0)?.elementType {
      case .float32: try prepare(op, query, Float.self)
      case .float64: try prepare(op, query, Double.self)
      case .float16: try prepare(op, query, Float16.self)
      case .bfloat16: try prepare(op, query, BFloat16.self)
      case .int32, .uint32: try prepare(op, query, UInt32.self)
      default: try prepare(op, query, UInt64.self)
      }
    }
  }

  private static func prepare<T: CumulativeElement>(_ op: Cumulative, _ query: KernelQuery, _ type: T.Type) throws(OnyxError) -> Preparation
  {
    guard let x = query.input(0)?.shape, x.rank > 0, x.elementCount > 0 else { return .declined("there is nothing to add") }
    guard let axis = try query.constant(1)?.ints().first else { return .declined("the axis is only known in the run") }
    let geometry = AxisGeometry(x, axis: try Shape.normalize(axis: axis, rank: x.rank))
    let (isExclusive, isReversed) = (op.isExclusive, op.isReversed)
    if op.member.name == "CumProd" {
      return run(
        CumulativeKernel<T, ProductOfElements>(geometry: geometry, isExclusive: isExclusive, isReversed: isReversed, isa: query.isa))
    }
    return run(CumulativeKernel<T, SumOfElements>(geometry: geometry, isExclusive: isExclusive, isReversed: isReversed, isa: query.isa))
  }

  private static func run<T, F>(_ kernel: CumulativeKernel<T, F>) -> Preparation {
    .run { call in unsafe kernel.run(call.input(0, as: T.self), call.output(0, as: T.self), call.pool) }
  }
}

/// An element, and what its totals are kept in.
protocol CumulativeElement: BitwiseCopyable, Sendable {
  associatedtype Total: BitwiseCopyable
  static var zero: Total { get }
  static var one: Total { get }
  var total: Total { get }
  init(total: Total)
  static func sum(_ a: Total, _ b: Total) -> Total
  static func product(_ a: Total, _ b: Total) -> Total
}

extension CumulativeElement where Self: RealElement, Total == Double {
  static var zero: Double { 0 }
  static var one: Double { 1 }
  var total: Double { number }
  init(total: Double) { self.init(nearest: total) }
  static func sum(_ a: Double, _ b: Double) -> Double { a + b }
  static func product(_ a: Double, _ b: Double) -> Double { a * b }
}

extension CumulativeElement where Self: FixedWidthInteger, Total == Self {
  static var zero: Self { 0 }
  static var one: Self { 1 }
  var total: Self { self }
  init(total: Self) { self = total }
  static func sum(_ a: Self, _ b: Self) -> Self { a &+ b }
  static func product(_ a: Self, _ b: Self) -> Self { a &* b }
}

extension Float: CumulativeElement { typealias Total = Double }
extension Double: CumulativeElement { typealias Total = Double }
extension Float16: CumulativeElement { typealias Total = Double }
extension BFloat16: CumulativeElement { typealias Total = Double }
extension UInt32: CumulativeElement { typealias Total = UInt32 }
extension UInt64: CumulativeElement { typealias Total = UInt64 }

/// What is accumulated.
protocol CumulativeFunction: Sendable {
  /// Adds a row to totals in float64, where there is a kernel for it.
  typealias Rows = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<Double>?, UnsafeRawPointer?, Int64) -> Void

  static func rows<T: CumulativeElement>(_ type: T.Type, _ isa: ISA) -> Rows?
  static func start<T: CumulativeElement>(_ type: T.Type) -> T.Total
  static func apply<T: CumulativeElement>(_ a: T.Total, _ b: T.Total, _ type: T.Type) -> T.Total
}

extension CumulativeFunction {
  static func rows<T: CumulativeElement>(_ type: T.Type, _ isa: ISA) -> Rows? { nil }
}

enum SumOfElements: CumulativeFunction {
  static func rows<T: CumulativeElement>(_ type: T.Type, _ isa: ISA) -> Rows? {
    guard let type = type as? any LayerElement.Type else { return nil }
    return unsafe isa.layers.accumulate[type.layerType]
  }

  static func start<T: CumulativeElement>(_ type: T.Type) -> T.Total { T.zero }
  static func apply<T: CumulativeElement>(_ a: T.Total, _ b: T.Total, _ type: T.Type) -> T.Total { T.sum(a, b) }
}

enum ProductOfElements: CumulativeFunction {
  static func start<T: CumulativeElement>(_ type: T.Type) -> T.Total { T.one }
  static func apply<T: CumulativeElement>(_ a: T.Total, _ b: T.Total, _ type: T.Type) -> T.Total { T.product(a, b) }
}
