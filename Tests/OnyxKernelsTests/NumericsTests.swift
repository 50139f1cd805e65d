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

/// Every line of the tables of docs/numerics.md, whose results are those of PyTorch, the reference evaluator, the standard's text or IEEE
/// 754 (`tools/numerics` writes them), on the scalar reference, on every row of the kernel table that takes it, alone and within a whole
/// program, with every instruction set.
@Suite("What docs/numerics.md promises")
struct NumericsTests {
  static let document =
    (try? String(contentsOf: Repository.root.appending(path: "docs/numerics.md"), encoding: .utf8))
    ?? ""
  static let lines = document.split(separator: "\n").filter {
    $0.hasPrefix("| `") && $0.contains("(")
  }.map { String($0) }

  /// Operators that make each element of elements at its place; many copies of a line then fill vectors.
  private static let copied: Set<String> = [
    "Abs", "Neg", "Sign", "Floor", "Ceil", "Round", "Sqrt", "Reciprocal", "IsNaN", "IsInf", "Relu",
    "Gelu", "Shrink", "PRelu", "Clip",
    "Add", "Sub", "Mul", "Div", "Max", "Min", "Mean", "Sum", "Pow", "Mod", "Equal", "Less",
    "LessOrEqual", "Greater", "GreaterOrEqual",
    "Where", "BitShift", "Cast", "QuantizeLinear", "Exp", "Log", "Sin", "Cos", "Tan", "Asin",
    "Acos", "Atan", "Sinh", "Cosh", "Tanh",
    "Asinh", "Acosh", "Atanh", "Erf", "Sigmoid", "Softplus", "Softsign", "LeakyRelu", "Elu", "Selu", "Celu", "HardSigmoid", "HardSwish",
    "Mish", "ThresholdedRelu", "Swish",
  ]
  /// Those that make each row, or each item, of a row: copies of the first input make copies of the results.
  private static let copiedByRows: Set<String> = [
    "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
    "ReduceSumSquare", "ReduceLogSum",
    "ReduceLogSumExp", "ArgMax", "ArgMin", "TopK", "Hardmax", "CumSum", "CumProd", "Softmax",
    "LogSoftmax", "LpNormalization",
    "LayerNormalization", "MatMul", "Conv", "ConvTranspose", "MaxPool", "AveragePool",
    "GlobalMaxPool", "GlobalAveragePool", "LpPool",
  ]

  @Test func theDocumentHasItsLines() {
    #expect(Self.lines.count > 150)
    let missing = Set(
      KernelTable.rows.filter { $0.name.hasSuffix("_elements") }.flatMap {
        $0.operators.map(\.name)
      }
    )
    .subtracting(Self.lines.compactMap { try? NumericLine($0[...]).op })
    #expect(missing.subtracting(Self.spokenOf) == [], "operators of single elements without a line")
  }

  /// Operators of elements that have no numbers at the edges.
  private static let spokenOf: Set<String> = [
    "BitwiseNot", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "And", "Or", "Xor", "Not", "CastLike",
    "Identity",
  ]

  @Test(arguments: lines) func holds(_ text: String) throws {
    let line = try NumericLine(text[...])
    for type in line.types {
      for copies in Self.copied.contains(line.op) || Self.copiedByRows.contains(line.op)
        ? [1, 37] : [1]
      {
        let expected = try line.results.map { try $0.tensor(type, copies: copies) }
        for given in [Int.max, 1] {
          let test = NodeCase(
            line.op, try Self.inputs(line, type, copies, given: given), line.attributes,
            outputs: line.results.count)
          try Self.check(
            test, expected,
            "\(line), T = \(type), \(copies) times\(given == 1 ? ", constants" : "")")
        }
      }
    }
  }

  /// The first `given` inputs of type T are given to the run, all others are constants.
  private static func inputs(_ line: NumericLine, _ type: ElementType, _ copies: Int, given: Int)
    throws -> [NodeCase.Input]
  {
    var place = 0
    return try line.inputs.enumerated().map { index, input in
      guard let input else { return .none }
      let isCopied = copied.contains(line.op) ? input.shape == line.results[0].shape : index == 0
      let tensor = try input.tensor(type, copies: isCopied ? copies : 1)
      guard input.type == nil else { return .constant(tensor) }
      place += 1
      return place <= given ? .given(tensor) : .constant(tensor)
    }
  }

  private static func check(_ test: NodeCase, _ expected: [Tensor], _ label: String) throws {
    try expect(try test.run(.referenceOnly).results, expected, "\(label), reference")
    let name = OperatorName(test.op, domain: test.domain)
    let all = Set(KernelTable.rows.map(\.name))
    for row in KernelTable.rows where row.operators.contains(name) {
      let table = KernelTable(disabled: all.subtracting([row.name]))
      for isa in ISA.tiers {
        try expect(
          try test.run(table, isa: isa).results, expected, "\(label), \(row.name), \(isa.name)")
      }
    }
    let (graph, tensors) = try test.graph()
    let optimized = try Optimizer.optimize(
      graph, options: OptimizerOptions(level: .all, disabled: [])
    ).graph
    try expect(
      try GraphRun.run(try GraphRun.plan(optimized, tensors), tensors, threads: 2), expected,
      "\(label), optimized")
  }

  /// Limits, zeros with their signs, infinities and NaN are equal; what lies between within a few units of the type.
  private static func expect(_ actual: [Tensor], _ expected: [Tensor], _ label: String) throws {
    #expect(actual.count == expected.count, "\(label)")
    for (actual, expected) in zip(actual, expected) {
      guard actual.elementType == expected.elementType || actual.elementType.isFloating && actual.elementType.byteWidth == 1,
        actual.shape == expected.shape
      else {
        Issue.record("\(label): \(actual.typeDescription) instead of \(expected.typeDescription)")
        return
      }
      guard expected.elementType.isFloating else {
        let (a, e) = (try actual.integers(), try expected.integers())
        if a != e { Issue.record("\(label): \(a.prefix(9)) instead of \(e.prefix(9))") }
        return
      }
      let (a, e) = (try actual.doubles(), try expected.doubles())
      let unit =
        expected.elementType == .float64
        ? 0x1p-48 : expected.elementType == .float32 ? 0x1p-21 : 0x1p-7
      let wrong = e.indices.first { index in
        let (a, e) = (a[index], e[index])
        if e.isNaN || e == 0 || e.isInfinite {
          return !(e.isNaN ? a.isNaN : a.bitPattern == e.bitPattern)
        }
        return (a - e).magnitude > unit * e.magnitude
      }
      if let wrong {
        Issue.record("\(label): element \(wrong) is \(a[wrong]) instead of \(e[wrong])")
      }
    }
  }
}
