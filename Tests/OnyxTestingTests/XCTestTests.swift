import OnyxTesting
import XCTest

/// Failures as XCTest gets them: those that the expectations record are caught before they fail the case.
final class XCTestTests: XCTestCase {
  /// nil while nothing is caught.
  private var caught: [(message: String, line: Int)]?

  #if canImport(Darwin)
    override func record(_ issue: XCTIssue) {
      if caught == nil { return super.record(issue) }
      caught?.append((issue.compactDescription, issue.sourceCodeContext.location?.lineNumber ?? 0))
    }
  #else
    override func recordFailure(withDescription description: String, inFile filePath: String, atLine lineNumber: Int, expected: Bool) {
      if caught == nil {
        return super.recordFailure(withDescription: description, inFile: filePath, atLine: lineNumber, expected: expected)
      }
      caught?.append((description, lineNumber))
    }
  #endif

  private func failures(_ body: () -> Void) -> [(message: String, line: Int)] {
    caught = []
    defer { caught = nil }
    body()
    return caught ?? []
  }

  func testFailuresReachXCTest() throws {
    let (a, b) = (try Tensor([1, 2] as [Float]), try Tensor([1, 3] as [Float]))
    XCTAssertEqual(failures { expectClose(a, a) }.count, 0)
    let found = failures { expectClose(a, b) }
    XCTAssertEqual(found.map(\.line), [#line - 1])
    XCTAssertEqual(found.count { $0.message.contains("1 of 2 elements differ, the first at [1]: 2.0, expected 3.0") }, 1)
    let model = try Model(bytes: TestedModel.mystery)
    let operators = failures { expectSupported(model) }
    XCTAssertEqual(operators.count { $0.message.contains("last (com.example.Riddle, opset 1): not implemented") }, 1)
  }
}
