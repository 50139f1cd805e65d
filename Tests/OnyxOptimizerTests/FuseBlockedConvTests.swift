import OnyxGraph
import OnyxOperators
import OnyxOptimizer
import OnyxTensor
import Testing

/// Numbers for each channel in blocks, and what joins a product there.
struct FuseBlockedConvTests {
  static let v = BlockMovementTests.v
  static func conv(_ x: Expression) -> Expression { BlockMovementTests.conv(x, "w") }

  static func optimize(_ formula: Expression) throws -> [String] {
    let more = try [
      "factor": random([24, 1, 1], seed: 3), "addend": random([1, 24, 1, 1], seed: 4), "scale": random([24], seed: 5),
      "shift": random([24], seed: 6), "mean": random([24], seed: 7), "variance": random([24], seed: 8, 0.5...2),
    ]
    return try BlockMovementTests.optimize(formula, more)
  }

  static func normalized(_ x: Expression) -> Expression {
    .op("BatchNormalization", x, .value("scale"), .value("shift"), .value("mean"), .value("variance"))
  }

  /// A value that has another reader, so that nothing joins its product.
  static let shared = Expression.op("MaxPool", v, attributes: ["kernel_shape": .is(.ints([1, 1]))]).named("shared")

  @Test func aNormalizationAndItsActivationAreOneStep() throws {
    let found = try Self.optimize(Self.conv(.op("Relu", Self.normalized(Self.shared))) + Self.shared)
    #expect(found.count { $0 == "onyx.BlockedConv" } == 3 && !found.contains("Relu") && !found.contains("BatchNormalization"), "\(found)")
    #expect(BlockMovementTests.reorders(found) == 2)
  }

  @Test func factorsAndAddendsAreOneStep() throws {
    let scaled = Expression.op("Relu", Self.shared * .value("factor") + .value("addend"))
    let found = try Self.optimize(Self.conv(scaled) + Self.shared)
    #expect(found.count { $0 == "onyx.BlockedConv" } == 3 && !found.contains("Mul") && !found.contains("Relu"), "\(found)")
    let after = try Self.optimize(Self.conv(.op("Sigmoid", .value("addend") + Self.shared * .value("factor"))) + Self.shared)
    #expect(after.count { $0 == "onyx.BlockedConv" } == 3 && !after.contains("Sigmoid"), "\(after)")
  }

  @Test func residualsJoinLateProducts() throws {
    let scaled = Self.normalized(Self.shared)
    let found = try Self.optimize(Self.conv(.op("Relu", Self.shared + scaled)) + Self.shared)
    #expect(found.count { $0 == "onyx.BlockedConv" } == 3 && !found.contains("Add") && !found.contains("Relu"), "\(found)")
  }

  @Test func whatOthersReadStays() throws {
    let scaled = Self.normalized(Self.shared).named("scaled")
    let found = try Self.optimize(Self.conv(.op("Relu", scaled)) + scaled)
    #expect(found.contains("Relu"), "\(found)")
  }
}
