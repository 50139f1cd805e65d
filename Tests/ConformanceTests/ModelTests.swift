import Foundation
import Onyx
import OnyxCases
import OnyxTestSupport
import Testing

/// The models in `models/`, whose expected outputs PyTorch and Keras computed.
@Suite struct ModelTests {
  static let cases: [BackendCase] = (try? BackendCase.find(in: [Repository.models.path(percentEncoded: false)])) ?? []

  @Test func everyModelIsACase() { #expect(Self.cases.count == ModelCase.all.count && Self.cases.count >= 105) }

  @Test(arguments: cases.map(\.name)) func agreesWithItsFramework(_ path: String) throws {
    let test = try #require(Self.cases.first { $0.name == path })
    var report = CaseReport()
    let row = report.run(test, options: SessionOptions(), tolerance: Tolerance(relative: 1e-5))
    #expect(row.result == .pass, "\(row.text)")
    #expect((row.error ?? 1) <= 1e-5)
  }

  /// A comparison that could not fail would prove nothing.
  @Test func aWrongOutputFails() throws {
    let test = try #require(Self.cases.first { $0.name.hasSuffix("digits") })
    var options = SessionOptions()
    options.deadline = .nanoseconds(1)
    var report = CaseReport()
    #expect(report.run(test, options: options, tolerance: Tolerance()).result == .fail)
    #expect(report.run(test, options: SessionOptions(), tolerance: Tolerance(relative: 0)).result == .fail)
    #expect(report.run(test, options: SessionOptions(), tolerance: Tolerance()).result == .pass)
    #expect(report.passed == 1 && report.failed == 2 && report.skipped == 0)
  }
}
