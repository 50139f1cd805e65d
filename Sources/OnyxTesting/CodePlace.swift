#if canImport(Testing)
  internal import Testing
#endif
#if canImport(XCTest)
  internal import XCTest
#endif

/// A place in the code of a test, to which a failure belongs.
struct CodePlace {
  let fileID: String
  let filePath: StaticString
  let line: UInt
  let column: UInt

  /// Lets the current test fail.
  ///
  /// Swift Testing knows by a task-local value whether one of its tests is running; that is missing in detached tasks. XCTest does not
  /// tell and drops what is recorded outside its tests, and Swift Testing drops what is recorded while XCTest's tests run. So both are told
  /// unless a test of Swift Testing is known to be running, and no failure is lost.
  func fail(_ message: String) {
    #if canImport(Testing)
      let location = SourceLocation(fileID: fileID, filePath: "\(filePath)", line: Int(line), column: Int(column))
      Issue.record(Comment(rawValue: message), sourceLocation: location)
      if Test.current != nil { return }
    #endif
    #if canImport(XCTest)
      XCTFail(message, file: filePath, line: line)
    #endif
  }
}
