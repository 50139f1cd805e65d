import Onyx
import OnyxGraph
import OnyxTensor

/// The outcome of a set of backend cases.
package struct CaseReport: Encodable, Sendable {
  package enum Result: String, Encodable, Sendable { case pass, fail, skip }

  package struct Row: Encodable, Sendable {
    package let name: String
    package let result: Result
    /// Why it failed or was skipped.
    package let reason: String?
    /// The largest relative error over all outputs.
    package let error: Double?

    enum CodingKeys: String, CodingKey { case name, result, reason, error }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(result, forKey: .result)
      try container.encode(reason, forKey: .reason)
      try container.encode(error, forKey: .error)
    }

    /// "pass  models/a  (error 1.2e-07)", or the reason on lines of its own.
    package var text: String {
      let note = error.map { $0 == 0 ? "  (exact)" : "  (error \(Float($0)))" } ?? ""
      let lines = (reason ?? "").split(separator: "\n", omittingEmptySubsequences: false).map { "      \($0)\n" }
      return "\(result.rawValue)  \(name)\(note)\n" + (reason == nil ? "" : lines.joined())
    }
  }

  package private(set) var passed = 0
  package private(set) var failed = 0
  package private(set) var skipped = 0
  package private(set) var cases: [Row] = []

  enum CodingKeys: String, CodingKey { case passed, failed, skipped, cases }

  package init() {}

  /// Loads and runs the case and compares every output of every data set; an error is a failure with its text.
  @discardableResult
  package mutating func run(_ test: BackendCase, options: SessionOptions, tolerance: Tolerance) -> Row {
    let row: Row
    do throws(OnyxError) {
      let error = try test.run(options: options, tolerance: tolerance)
      row = Row(name: test.name, result: .pass, reason: nil, error: error)
    } catch {
      row = Self.judgedByTypes(test, options, tolerance) ?? Row(name: test.name, result: .fail, reason: error.description, error: nil)
    }
    switch row.result {
    case .pass: passed += 1
    case .fail: failed += 1
    case .skip: skipped += 1
    }
    cases.append(row)
    return row
  }

  /// The row of a case that draws random numbers and whose outputs have the types that the standard promises; nil for any other.
  private static func judgedByTypes(_ test: BackendCase, _ options: SessionOptions, _ tolerance: Tolerance) -> Row? {
    do throws(OnyxError) {
      guard try Session(path: test.modelPath, options: options).drawsNumbers() else { return nil }
      _ = try test.run(options: options, tolerance: tolerance, comparesElements: false)
    } catch { return nil }
    return Row(
      name: test.name, result: .pass, reason: "The model draws random numbers: the standard says types and shapes, and these are right.",
      error: nil)
  }

  /// "12 passed, 0 failed, 0 skipped".
  package var text: String { "\(passed) passed, \(failed) failed, \(skipped) skipped\n" }
}
