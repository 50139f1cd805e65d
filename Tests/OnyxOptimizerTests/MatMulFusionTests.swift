import OnyxGraph
import OnyxOptimizer
import OnyxTensor
import Testing

/// What MatMul of batches takes in: a bias, a factor, a residual, an activation.
struct MatMulFusionTests {
  static let inputs: [(name: String, shape: [Dimension])] = [("x", ["batch", 3, 6]), ("z", ["batch", 3, 4])]
  static let product = Expression.op("MatMul", .value("x"), .value("w"))

  static func optimize(_ formula: Expression, _ more: [String: Tensor] = [:]) throws -> [String] {
    let constants = try ["w": random([6, 4], seed: 3), "c": random([4], seed: 4), "s": random([4], seed: 5)].merging(more) { $1 }
    return try nodeLines(differential(graph(formula, inputs: inputs, constants: constants), symbols: ["batch": 2]).graph)
      .map { String($0.split(separator: " = ")[1]) }
  }

  @Test func bias() throws {
    #expect(try Self.optimize(Self.product + .value("c")) == ["onyx.FusedMatMul(x, w, c)"])
  }

  @Test func everythingBehindIt() throws {
    #expect(
      try Self.optimize(.op("Relu", .value("z") + (Self.product + .value("c")))) == ["onyx.FusedMatMul(x, w, c, z) {activation=\"relu\"}"])
    #expect(try Self.optimize(.op("Gelu", Self.product + .value("c"))) == ["onyx.FusedMatMul(x, w, c) {activation=\"gelu\"}"])
    #expect(try Self.optimize(Self.product + .value("z")) == ["onyx.FusedMatMul(x, w, _, z) {activation=\"none\"}"])
    #expect(try Self.optimize(.op("Sigmoid", Self.product)) == ["onyx.FusedMatMul(x, w) {activation=\"sigmoid\"}"])
  }

  @Test func factor() throws {
    for shape: Shape in [[4], [1, 1, 4], [1]] {
      let found = try Self.optimize((Self.product + .value("c")) * .value("s"), ["s": random(shape)])
      #expect(found.count == 1 && found[0].hasPrefix("onyx.FusedMatMul(x, "), "\(found)")
    }
    let rows = try Self.optimize((Self.product + .value("c")) * .value("s"), ["s": random([3, 1])])
    #expect(rows.count == 2, "one factor for each row")
    let after = try Self.optimize(.op("Relu", Self.product + .value("c")) * .value("s"))
    #expect(after.count == 2, "a factor behind an activation")
  }

  @Test func declines() throws {
    let rows = try graph(Self.product + .value("c"), inputs: Self.inputs, constants: ["w": random([6, 4]), "c": random([3, 1])])
    try expectDeclined(rows, "fuse-matmul-bias", because: "for each column", symbols: ["batch": 2])
    let computed: [(name: String, shape: [Dimension])] = [("x", [2, 3, 6]), ("w", [6, 4])]
    try expectDeclined(graph(.op("Relu", Self.product), inputs: computed), "fuse-activation", because: "constant matrix")
    let batches = try graph(.op("Relu", Self.product), inputs: [("x", [2, 3, 6])], constants: ["w": random([2, 6, 4])])
    try expectDeclined(batches, "fuse-activation", because: "constant matrix")
    let infinite = try graph(
      (Self.product + .value("c")) * .value("s"), inputs: Self.inputs,
      constants: ["w": random([6, 4]), "c": random([4]), "s": floats([1, 2, .infinity, 1])])
    try expectDeclined(infinite, "fold-scale-into-matmul", because: "finite", symbols: ["batch": 2])
  }

  /// Layers that export as matrices: rows joined before, parted behind.
  @Test func rowsThatAreParted() throws {
    func layer(_ bias: String?) -> Expression {
      let rows = Expression.op("Reshape", .value("x"), .value("rows"))
      let product = bias.map { .op("Gemm", rows, .value("w"), .value($0)) } ?? Expression.op("Gemm", rows, .value("w"))
      return .op("Reshape", product, .value("parts"))
    }
    let parts = ["rows": try Tensor([-1, 6]), "parts": try Tensor([-1, 3, 4])]
    #expect(try Self.optimize(layer("c"), parts) == ["onyx.FusedMatMul(x, w, c)"])
    #expect(try Self.optimize(layer(nil), parts) == ["MatMul(x, w)"])
    #expect(
      try Self.optimize(.op("Relu", layer("c") + .value("z")), parts) == ["onyx.FusedMatMul(x, w, c, z) {activation=\"relu\"}"])
    // A layer between two others whose rows were never parted keeps its matrix.
    func declines(_ formula: Expression, _ constants: [String: Tensor], because reason: String) throws {
      let all = try ["w": random([6, 4]), "c": random([4])].merging(constants) { $1 }
      try expectDeclined(graph(formula, inputs: Self.inputs, constants: all), "raise-gemm", because: reason, symbols: ["batch": 2])
    }
    try declines(layer("c"), ["rows": Tensor([-1, 6]), "parts": Tensor([-1, 3, 2, 2])], because: "must stay an axis")
    try declines(layer("d"), parts.merging(["d": random([1, 4])]) { $1 }, because: "for each column")
  }
}
