import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor
import OnyxThreads

/// What a step of a plan has to compute and to move, counted from its shapes.
struct StepWork: Sendable {
  /// Of the direct form; a kernel may need fewer.
  var multiplyAccumulates = 0
  /// Each input, weights included, read once and each output written once.
  var bytes = 0

  init() {}

  /// Values whose shape depends on data count nothing.
  init(_ step: Plan.Step, of plan: Plan) {
    let operation = plan.program.operators[step.node]
    let macs = operation.multiplyAccumulates(
      inputs: step.inputs.map { Self.type($0, plan) }, outputs: step.outputs.map { Self.type($0, plan) })
    multiplyAccumulates = macs?.known ?? 0
    for value in Set(step.inputs) where value >= 0 { bytes &+= Self.byteCount(value, plan) }
    for value in step.outputs where value >= 0 { bytes &+= Self.byteCount(value, plan) }
  }

  /// The work of all steps of a plan.
  init(of plan: Plan) {
    for step in plan.steps { add(StepWork(step, of: plan)) }
  }

  mutating func add(_ other: StepWork) {
    multiplyAccumulates &+= other.multiplyAccumulates
    bytes &+= other.bytes
  }

  mutating func subtract(_ other: StepWork) {
    multiplyAccumulates &-= other.multiplyAccumulates
    bytes &-= other.bytes
  }

  /// The same work so many times.
  func times(_ count: Int) -> StepWork {
    var many = self
    many.multiplyAccumulates &*= count
    many.bytes &*= count
    return many
  }

  /// Billions of additions and multiplications a second; nil when there are none.
  func gigaflops(milliseconds: Double) -> Double? {
    multiplyAccumulates > 0 && milliseconds > 0 ? 2 * Double(multiplyAccumulates) / milliseconds / 1e6 : nil
  }

  /// Billions of bytes a second; nil when no size is known.
  func gigabytes(milliseconds: Double) -> Double? { bytes > 0 && milliseconds > 0 ? Double(bytes) / milliseconds / 1e6 : nil }

  private static func type(_ value: Int, _ plan: Plan) -> ValueType? {
    guard value >= 0, let type = plan.types[value] else { return nil }
    return .tensor(type.elementType, shape: type.shape.dimensions.map { Dimension($0) })
  }

  private static func byteCount(_ value: Int, _ plan: Plan) -> Int {
    guard let type = plan.types[value], let count = try? type.byteCount() else { return 0 }
    return count
  }
}
