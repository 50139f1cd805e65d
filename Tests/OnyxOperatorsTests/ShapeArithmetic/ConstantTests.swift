import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// Constant. Expected: the attribute.
struct ConstantTests {
  static let dense: [(String, Attribute, Tensor)] = [
    ("value", .tensor(f64([1, 2], [2, 1])), f64([1, 2], [2, 1])),
    ("value_float", .float(1.5), f32([1.5], [])),
    ("value_floats", .floats([1.5, -2]), f32([1.5, -2])),
    ("value_int", .int(.min), i64([.min], [])),
    ("value_ints", .ints([]), i64([])),
    ("value_string", .text("é"), strings(["é"], [])),
    ("value_strings", .strings([[97], []]), strings(["a", ""])),
  ]

  @Test(arguments: dense.indices) func denseValues(_ index: Int) throws {
    let (name, attribute, expected) = Self.dense[index]
    try OperatorCase("Constant", [], [name: attribute], gives: expected, tolerance: 0).run()
  }

  static let sparse: [(SparseTensor, Tensor)] = [
    (SparseTensor(values: f32([1, 2]), indices: i64([4, 1]), shape: [2, 3]), f32([0, 2, 0, 0, 1, 0], [2, 3])),
    (SparseTensor(values: f32([1, 2]), indices: i64([1, 1, 0, 2], [2, 2]), shape: [2, 3]), f32([0, 0, 2, 0, 1, 0], [2, 3])),
    (SparseTensor(values: strings(["a"]), indices: i64([1]), shape: [2]), strings(["", "a"])),
    (SparseTensor(values: i64([]), indices: i64([]), shape: [0, 2]), i64([], [0, 2])),
  ]

  @Test(arguments: sparse.indices) func sparseValues(_ index: Int) throws {
    let (tensor, expected) = Self.sparse[index]
    try OperatorCase("Constant", [], ["sparse_value": .sparseTensor(tensor)], gives: expected, tolerance: 0).run()
  }

  @Test func sparseValuesAreNotMadeDenseByInference() throws {
    let huge = SparseTensor(values: f32([1]), indices: i64([0]), shape: [1_099_511_627_776])
    try RuleCase("Constant", [], ["sparse_value": .sparseTensor(huge)], gives: "float32[1099511627776]").run()
    FailureCase("Constant", [], ["sparse_value": .sparseTensor(huge)], code: .budgetExceeded, says: "too large").run()
  }

  static let refusals: [FailureCase] = [
    FailureCase("Constant", [], says: "0 value attributes"),
    FailureCase("Constant", [], ["value_int": .int(1), "value_float": .float(1)], says: "2 value attributes"),
    FailureCase("Constant", [], ["value": .int(1)], says: "'value' is of kind int"),
    FailureCase("Constant", [], ["values": .int(1), "value_int": .int(1)], says: "'values' is not defined"),
    FailureCase(
      "Constant", [], ["sparse_value": .sparseTensor(SparseTensor(values: f32([1]), indices: i64([6]), shape: [2, 3]))],
      says: "index 6 is outside"),
    FailureCase(
      "Constant", [], ["sparse_value": .sparseTensor(SparseTensor(values: f32([1]), indices: i64([0, 3], [1, 2]), shape: [2, 3]))],
      says: "index 3 is outside axis 1"),
    FailureCase(
      "Constant", [], ["sparse_value": .sparseTensor(SparseTensor(values: f32([1, 2]), indices: i64([0]), shape: [2, 3]))],
      says: "one index"),
    FailureCase(
      "Constant", [], ["sparse_value": .sparseTensor(SparseTensor(values: f32([1]), indices: i64([0], [1, 1]), shape: [2, 3]))],
      says: "1 entries for a shape of rank 2"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
