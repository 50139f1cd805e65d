import Foundation
import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxOptimizer
import OnyxRuntime
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// Every attribute of every operator, and every small input, at numbers that no good model has: a result or an error, at once and within
/// the budget, whether the node is rewritten or not, planned or found out in the run, folded or run.
@Suite("No attribute can break an operator")
struct AttributeSweepTests {
  /// Those that a file can name: the loader refuses Onyx's own.
  static let operators = Catalog.definitions.map(\.signature.op).filter { $0.domain != "onyx" }

  /// A case for each operator of the catalog: found by chance from its signature, or listed.
  @Test func everyOperatorIsSwept() {
    let uncovered = Self.operators.filter { Self.cases(of: $0).isEmpty }
    #expect(uncovered.isEmpty, "no case for \(uncovered.map(\.description).sorted().joined(separator: ", "))")
  }

  /// Each listed case is valid.
  @Test func listedCasesRun() throws {
    for test in SweptCase.listed {
      for constants in SweptCase.Constants.allCases {
        let error = Self.failure(test, constants, .all)
        #expect(error == nil, "\(test.op), constants \(constants): \(error?.description ?? "")")
      }
    }
  }

  private static let budget = 64 << 20
  private static let patience = Duration.milliseconds(30)

  /// Whether the memory of a case is looked at, which is that of the process: for
  /// `ONYX_SWEEP_MEMORY=1 swift test --no-parallel --filter AttributeSweepTests`.
  private static let isAlone = ProcessInfo.processInfo.environment["ONYX_SWEEP_MEMORY"] != nil

  @Test(arguments: operators) func answersAtOnce(_ op: OperatorName) throws {
    for test in Self.cases(of: op) {
      for (label, mutation) in test.mutations() {
        for (constants, level) in [
          (SweptCase.Constants.none, OptimizerOptions.Level.none), (.small, .all), (.all, .all),
        ] {
          let resident = Self.isAlone ? PeakMemory.restart() : 0
          let start = ContinuousClock.now
          let error = Self.failure(mutation, constants, level)
          let time = ContinuousClock.now - start
          if Self.isAlone {
            let growth = PeakMemory.now() - resident
            #expect(growth < 2 * Self.budget, "\(op) \(label), constants \(constants), \(level): \(growth >> 20) MB")
          }
          #expect(error?.code != .internalBug, "\(op) \(label), constants \(constants), \(level): \(error?.description ?? "")")
          #expect(time < .seconds(1) * Sanitizer.patience, "\(op) \(label), constants \(constants), \(level): \(time)")
        }
      }
    }
  }

  /// What Onyx says; nil for a result.
  static func failure(_ test: SweptCase, _ constants: SweptCase.Constants, _ level: OptimizerOptions.Level) -> OnyxError? {
    let (graph, given) = test.graph(constants)
    do throws(OnyxError) {
      let optimized = try Optimizer.optimize(graph, options: OptimizerOptions(level: level, foldingByteBudget: budget / 16)).graph
      let program = try Program(optimized, table: KernelTable(), isa: .host, memoryBudget: budget)
      let cache = PlanCache(program, memoryBudget: budget)
      let control = RunControl(deadline: .now + patience, memoryBudget: budget)
      _ = try cache.plan(for: given.map { $0 }).withExecution { (execution) throws(OnyxError) in
        try Executor(pool: pool).run(execution, values: given.map { $0 }, control: control)
      }
      return nil
    } catch { return error }
  }

  private static let pool = ThreadPool(threads: 1)
}

// Cases.
extension AttributeSweepTests {
  static func cases(of op: OperatorName) -> [SweptCase] {
    let listed = SweptCase.listed.filter { $0.op == op }
    return listed.isEmpty ? found(op) : listed
  }

  /// Valid nodes of plain attributes and random small inputs, with few and with many inputs.
  private static func found(_ op: OperatorName) -> [SweptCase] {
    guard let signature = Catalog.definition(of: op)?.signature else { return [] }
    var random = SeededGenerator(seed: op.name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    var byCount: [Int: SweptCase] = [:]
    for _ in 0..<600 where byCount.count < 2 {
      guard let inputs = inputs(signature, &random) else { continue }
      guard let attributes = plainAttributes(of: op, inputs: inputs.count, outputs: 1) else { continue }
      let test = SweptCase(op, inputs.map { $0.map { .tensor($0) } ?? .none }, attributes)
      if byCount[inputs.count] == nil, failure(test, .none, .none) == nil { byCount[inputs.count] = test }
    }
    return byCount.sorted { $0.key < $1.key }.map(\.value)
  }

  private static func inputs(_ signature: Signature, _ random: inout SeededGenerator) -> [Tensor?]? {
    let extents = (0..<5).map { _ in [1, 2, 2, 4].randomElement(using: &random)! }
    let rank = Int.random(in: 0...4, using: &random)
    var bound: [String: ElementType] = [:]
    var inputs: [Tensor?] = []
    let takesOptional = Bool.random(using: &random)
    for parameter in signature.inputs {
      if case .optional = parameter.presence, !takesOptional { break }
      let named = ElementType.allCases.filter { $0.description == parameter.type }
      let candidates = (signature.types[parameter.type].map(Array.init) ?? named).filter { $0.bitsInFiles >= 8 || $0 == .string }
      let preferred = candidates.filter { [.float32, .int64, .bool, .string, .uint8].contains($0) }.sorted { $0.rawValue < $1.rawValue }
      guard let type = bound[parameter.type] ?? preferred.randomElement(using: &random) ?? candidates.min(by: { $0.rawValue < $1.rawValue })
      else { return nil }
      bound[parameter.type] = type
      let own = Int.random(in: 0..<3, using: &random) == 0 ? Int.random(in: 0...1, using: &random) : rank
      guard let shape = try? Shape(Array(extents.prefix(own))) else { return nil }
      let numbers = (0..<shape.elementCount).map { _ in Int64.random(in: 0...2, using: &random) }
      let tensor: Tensor?
      switch type.domain {
      case .string: tensor = try? Tensor(numbers.map { "\($0)" }, shape: shape)
      case .complex: tensor = try? Tensor(complex: numbers.map { Complex128(Double($0), 0) }, as: type, shape: shape)
      case .floating: tensor = try? Tensor(floating: numbers.map { Double($0) + 0.5 }, as: type, shape: shape)
      default: tensor = try? Tensor(integral: numbers, as: type, shape: shape)
      }
      inputs.append(tensor)
    }
    return inputs
  }
}

/// The most memory that the process had at once, by Linux; 0 elsewhere.
private enum PeakMemory {
  /// Forgets what was; the bytes of now.
  static func restart() -> Int {
    try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    return now()
  }

  static func now() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return (line.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0) << 10
  }
}
