import Foundation
import Onyx
import OnyxTestSupport

/// Models written by hand.
enum TestedModel {
  /// y = Sqrt(x), x: [n].
  static let root = Onnx.model(Onnx.graph(nodes: [Onnx.node("Sqrt", ["x"], ["y"], name: "root")]))

  /// Two operators that nobody has; one node has no name, another stands in the bodies of an If.
  static let mystery: [UInt8] = {
    let body = Onnx.graph(
      nodes: [Onnx.node("Mystery", ["a"], ["c"], name: "inside", domain: "com.example")], inputs: [], outputs: ["c"])
    let branches = [Onnx.attribute("then_branch", graph: body), Onnx.attribute("else_branch", graph: body)]
    return Onnx.model(
      Onnx.graph(
        nodes: [
          Onnx.node("Sqrt", ["x"], ["a"]), Onnx.node("Mystery", ["a"], ["b"], domain: "com.example"),
          Onnx.node("Riddle", ["b"], ["y"], name: "last", domain: "com.example"),
          Onnx.node("If", ["condition"], ["z"], name: "choice", attributes: branches),
        ], initializers: [Onnx.tensor("condition", type: 9, dims: [], Wire.data(9, [1]))]))
  }()

  /// A backend case of `root` with x = [4, 9].
  static func rootCase(expecting y: [Float]) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    _ = try folder.write(root, to: "model.onnx")
    let set = folder.url.appending(path: "test_data_set_0")
    try FileManager.default.createDirectory(at: set, withIntermediateDirectories: true)
    _ = try folder.write(Onnx.raw("x", floats: [4, 9]), to: "test_data_set_0/input_0.pb")
    _ = try folder.write(Onnx.raw("y", floats: y), to: "test_data_set_0/output_0.pb")
    return folder
  }
}
