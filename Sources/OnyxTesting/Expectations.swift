import Onyx
import OnyxCases

/// Fails unless Onyx has every operator of the model; the failure names each node that it cannot run, with operator and reason.
///
/// Works in Swift Testing and in XCTest, as all expectations of this module do: the current test fails and goes on.
/// - Returns: whether Onyx has every operator.
@discardableResult
public func expectSupported(
  _ model: Model, fileID: String = #fileID, filePath: StaticString = #filePath, line: UInt = #line, column: UInt = #column
) -> Bool {
  let nodes = UnsupportedNode.all(in: model)
  guard !nodes.isEmpty else { return true }
  let count = nodes.count == 1 ? "1 node" : "\(nodes.count) nodes"
  CodePlace(fileID: fileID, filePath: filePath, line: line, column: column)
    .fail("Onyx cannot run \(count):" + nodes.map { "\n  \($0)" }.joined())
  return false
}

/// Fails unless two tensors agree: equal types and shapes, and |actual − expected| ≤ `atol` + `rtol` · |expected| for each element.
///
/// NaN agrees with NaN and with nothing else, an infinity only with itself; bools and strings must be equal. `Mismatch` has the rule, and
/// its text is the failure: how many elements differ, the index and the values of the first, and the largest difference.
/// - Returns: whether they agree. Complexity: O(elements).
@discardableResult
public func expectClose(
  _ actual: Tensor, _ expected: Tensor, rtol: Double = 1e-5, atol: Double = 1e-6, fileID: String = #fileID,
  filePath: StaticString = #filePath, line: UInt = #line, column: UInt = #column
) -> Bool {
  guard let mismatch = Mismatch(actual, expected, rtol: rtol, atol: atol) else { return true }
  CodePlace(fileID: fileID, filePath: filePath, line: line, column: column).fail("\(mismatch)")
  return false
}

/// Fails unless the results of a run have all expected tensors, and each agrees as `expectClose(_:_:rtol:atol:)` for two tensors has it.
///
/// The failure has one line for each tensor that is missing or differs, by name. Results that nothing is expected of do not matter.
/// - Returns: whether all agree.
@discardableResult
public func expectClose(
  _ actual: [String: Tensor], _ expected: [String: Tensor], rtol: Double = 1e-5, atol: Double = 1e-6, fileID: String = #fileID,
  filePath: StaticString = #filePath, line: UInt = #line, column: UInt = #column
) -> Bool {
  var lines: [String] = []
  for (name, tensor) in expected.sorted(by: { $0.key < $1.key }) {
    if let result = actual[name] {
      if let mismatch = Mismatch(result, tensor, rtol: rtol, atol: atol) { lines.append("'\(name)': \(mismatch)") }
    } else {
      lines.append("'\(name)' is missing, expected \(tensor.typeDescription)")
    }
  }
  guard !lines.isEmpty else { return true }
  CodePlace(fileID: fileID, filePath: filePath, line: line, column: column).fail(lines.joined(separator: "\n"))
  return false
}

/// Fails unless every ONNX backend case at or below `directory` passes: `model.onnx` with the files `input_M.pb` and `output_M.pb` of each
/// `test_data_set_N`, as the ONNX project keeps its own.
///
/// Without `atol` an output agrees when every element differs by at most `rtol` times the largest expected magnitude of its tensor; `rtol`
/// is by default 1e-5 for float32, 1e-7 for float64, 2e-3 for float16, 1.6e-2 for bfloat16. With `atol` the rule is
/// |actual − expected| ≤ `atol` + `rtol` · |expected|; ONNX's own cases are meant for `rtol` 1e-3 and `atol` 1e-7. Integers, bools and
/// strings must be equal, NaN agrees with NaN. A failure names the output, the node that makes it and the first element that differs, or
/// what loading or running threw. A directory without a case is a failure, and so is a case whose result is random.
/// - Returns: whether all pass.
@discardableResult
public func expectCase(
  _ directory: String, rtol: Double? = nil, atol: Double? = nil, options: SessionOptions = .init(), fileID: String = #fileID,
  filePath: StaticString = #filePath, line: UInt = #line, column: UInt = #column
) -> Bool {
  let place = CodePlace(fileID: fileID, filePath: filePath, line: line, column: column)
  do throws(OnyxError) {
    var report = CaseReport()
    for test in try BackendCase.find(in: [directory]) {
      let row = report.run(test, options: options, tolerance: Tolerance(relative: rtol, absolute: atol))
      if row.result != .pass { place.fail("The case '\(row.name)' does not pass:\n\(row.reason ?? "")") }
    }
    return report.failed + report.skipped == 0
  } catch {
    place.fail(error.description)
    return false
  }
}
