import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

@Suite("Rows of the kernel table")
struct KernelTableTests {
  @Test(arguments: [
    ("Relu", "relu_f32"), ("ReduceSum", "reduce_sum_f32"), ("ReduceL1", "reduce_l1_f32"), ("PRelu", "prelu_f32"),
    ("GreaterOrEqual", "greater_or_equal_f32"),
  ])
  func rowsAreNamedInSnakeCase(_ op: String, _ name: String) { #expect(KernelRow.name(of: op, "f32") == name) }

  @Test func namesAreUnique() {
    let names = KernelTable.rows.map(\.name)
    #expect(Set(names).count == names.count)
  }

  /// A row that lists an operator of another struct than its closure reads would end in `internalBug` for a valid model.
  @Test func rowsListOperatorsOfTheCatalog() {
    let known = Set(Catalog.definitions.map(\.signature.op))
    for row in KernelTable.rows { #expect(row.operators.isSubset(of: known), "\(row.name)") }
  }

  @Test func servedElementsAreAllowedByTheOperator() {
    for row in KernelTable.rows {
      for op in row.operators {
        #expect(!row.elements(of: op).isEmpty, "\(row.name) serves no element type of \(op)")
      }
    }
  }

  private func query(_ op: String, _ inputs: [TensorType?], _ output: TensorType, constants: [Tensor?] = []) throws -> KernelQuery {
    try Self.query(op, inputs, output, constants: constants)
  }

  static func query(
    _ op: String, _ inputs: [TensorType?], _ output: TensorType, constants: [Tensor?] = [], weights: WeightCache = WeightCache(),
    pool: ThreadPool = ThreadPool(threads: 1), nodeIndex: Int = 0
  ) throws -> KernelQuery {
    let node = Node(
      op: OperatorName(op), opset: Catalog.newestOpset, inputs: inputs.indices.map { ValueID($0) }, outputs: [ValueID(inputs.count)])
    return KernelQuery(
      node: node, op: try Catalog.make(node), inputs: inputs, outputs: [output], constants: constants, isa: .host, precision: .float32,
      weights: weights, pool: pool, nodeIndex: nodeIndex)
  }

  @Test func everyCandidateSaysWhyItDeclines() throws {
    let image = TensorType(.float32, [1, 3, 8, 8])
    let conv = try query("Conv", [image, TensorType(.float32, [4, 3, 3, 3])], TensorType(.float32, [1, 4, 6, 6]))
    let candidates = try KernelTable(disabled: ["conv_f32_point"]).candidates(conv)
    #expect(candidates.map(\.name) == ["conv_f32_point", "conv_f32_packed", "conv_f32_run_packed", "conv_f64"])
    #expect(
      candidates.map(\.declined) == ["it is switched off", "the weights or the bias are no constants, or empty", nil, "input 0 is float32"])
    let half = TensorType(.float16, [2, 3])
    #expect(
      try KernelTable().candidates(try query("Add", [half, half], half)).map(\.declined) == ["input 0 is float16", nil])
    let word = TensorType(.int64, [2, 3])
    let words = try KernelTable().candidates(try query("Add", [word, word], word))
    #expect(words.map(\.name) == ["add_f32", "add_elements"])
    #expect(words.map(\.declined) == ["input 0 is int64", nil])
    #expect(try KernelTable().select(try query("Add", [word, word], word))?.name == "add_elements")
  }

  @Test func elementsServedAreThoseOfAllRows() {
    let add = KernelTable.elements(of: OperatorName("Add"))
    #expect(add.fast == .numbers && add.allowed == .numbers)
    #expect(KernelTable.elements(of: OperatorName("Sin")).fast == Set.floats)
    let reshape = KernelTable.elements(of: OperatorName("Reshape"))
    #expect(reshape.fast == reshape.allowed.subtracting([.string]))
    let choice = KernelTable.elements(of: OperatorName("Where"))
    #expect(choice.allowed.contains(.string) && choice.fast == choice.allowed.subtracting([.string]))
    #expect(KernelTable.elements(of: OperatorName("Mystery")) == ([], []))
  }
}
