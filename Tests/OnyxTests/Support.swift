import Onyx
import OnyxTestSupport

/// Graphs of float32 vectors, written by hand.
enum SmallModel {
  /// y = Sqrt(x), x: [n].
  static let root = Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"], name: "root")]))

  /// y = Concat(Sqrt(x), w) with everything that a file can say of itself.
  static let described =
    Onnx.good + Wire.text(4, "com.example") + Wire.int(5, 3) + Wire.text(6, "What it is.")

  /// y = Twice(x) = x + x by a function of the model.
  static let function = Onnx.model(
    Onnx.graph(nodes: [Onnx.node("Twice", ["x"], ["y"], domain: "local")]),
    Onnx.function("Twice", inputs: ["a"], outputs: ["b"], nodes: [Onnx.node("Add", ["a", "a"], ["b"])]),
    Wire.message(8, Wire.text(1, "local"), Wire.int(2, 1)))

  /// Two operators that nobody has, one after the other.
  static let mystery = Onnx.model(
    Onnx.graph(
      nodes: [
        Onnx.node("Sqrt", ["x"], ["a"]), Onnx.node("Mystery", ["a"], ["b"], domain: "com.example"),
        Onnx.node("Mystery", ["b"], ["y"], domain: "com.example"),
      ]))

  /// y = a + b with dimensions of the given names.
  static func sum(_ a: String = "n", _ b: String = "n") -> [UInt8] {
    Onnx.model(
      Onnx.graph(
        nodes: [Onnx.node("Add", ["a", "b"], ["y"])], inputs: [], Wire.data(11, Onnx.value("a", dims: [Wire.text(2, a)])),
        Wire.data(11, Onnx.value("b", dims: [Wire.text(2, b)]))))
  }

  /// Square matrix products one after the other: y = x·x·…, `count` of them.
  static func products(_ count: Int) -> [UInt8] {
    let dims = [Wire.text(2, "n"), Wire.text(2, "n")]
    let nodes = (0..<count).map { Onnx.node("MatMul", [$0 == 0 ? "x" : "t\($0)", "x"], [$0 == count - 1 ? "y" : "t\($0 + 1)"]) }
    return Onnx.model(
      Onnx.graph(
        nodes: nodes, inputs: [], outputs: [], Wire.data(11, Onnx.value("x", dims: dims)), Wire.data(12, Onnx.value("y", dims: dims))))
  }
}

func vector(_ values: Float...) throws -> Tensor { try Tensor(values, shape: try Shape([values.count])) }

/// The bits of float32 tensors by name: equal for results that are the same bit for bit.
func bits(_ tensors: [String: Tensor]) throws -> [String: [UInt32]] {
  try tensors.mapValues { try $0.elements(as: Float.self).map(\.bitPattern) }
}

/// The instruction sets that this machine has, `best` left out: it is one of them.
let instructionSets: [SessionOptions.InstructionSet] = SessionOptions.InstructionSet.allCases.filter { isa in
  var options = SessionOptions(threads: 1)
  options.instructionSet = isa
  return isa != .best && (try? Session(bytes: SmallModel.root, options: options)) != nil
}

extension ModelCase {
  /// The data sets with inputs and outputs by name.
  func named(_ session: Session) throws -> [(inputs: [String: Tensor], outputs: [String: Tensor])] {
    try dataSets().map { set in
      (
        Dictionary(uniqueKeysWithValues: zip(session.inputs.map(\.name), set.inputs)),
        Dictionary(uniqueKeysWithValues: zip(session.outputs.map(\.name), set.outputs))
      )
    }
  }
}

/// nil when the tensors have equal names and agree within `relative` of the largest magnitude of each.
func difference(_ actual: [String: Tensor], _ expected: [String: Tensor], relative: Double = 1e-5) throws -> String? {
  guard actual.keys.sorted() == expected.keys.sorted() else { return "\(actual.keys.sorted()) instead of \(expected.keys.sorted())" }
  for (name, tensor) in expected {
    guard let other = actual[name] else { return "no \(name)" }
    let scale = tensor.elementType.isFloating ? try tensor.doubles().reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 } : 0
    if let text = allClose(other, tensor, rtol: 0, atol: relative * scale) { return "\(name): \(text)" }
  }
  return nil
}
