import Foundation
import OnyxTesting
import Testing

/// The models that a program ships, held to what Onyx can run.
@Suite struct CoverageTests {
  static let models = URL(filePath: #filePath).appending(path: "../../../../../models").standardized.path(percentEncoded: false)

  @Test(arguments: ["digits", "attention/cbam-fc/dynamo-dynamic"])
  func onyxHasEveryOperator(_ name: String) throws {
    expectSupported(try Model(path: "\(Self.models)/\(name)/model.onnx"))
  }

  /// `test_data_set_N` beside the model holds what PyTorch computed.
  @Test func digitsAreReadAsInPyTorch() {
    expectCase("\(Self.models)/digits")
  }
}
