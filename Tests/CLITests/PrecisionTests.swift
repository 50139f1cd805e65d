import Foundation
import OnyxTestSupport
import Testing

/// `--precision` on every command that plans a run.
@Suite struct PrecisionTests {
  private static let digits = "digits/model.onnx"

  @Test(arguments: ["run", "bench", "profile", "explain", "compare", "check", "test"]) func wrongNamesAreRefused(_ command: String) throws {
    let result = try onyx(command, Self.digits, "--precision", "bf61")
    #expect(result.exitCode == 64 && result.standardOutput == "")
    #expect(result.standardError.hasPrefix("error: The value 'bf61' is invalid for '--precision <PRECISION>'"), "\(result.standardError)")
    #expect(result.standardError.contains("fp32") && result.standardError.contains("bf16"), "\(result.standardError)")
  }

  @Test func explainNamesTheRows() throws {
    let (plain, rounded) = (
      try onyx("explain", Self.digits, "--dim", "batch=4"), try onyx("explain", Self.digits, "--dim", "batch=4", "--precision", "bf16")
    )
    #expect(!plain.standardOutput.contains("_bf16"))
    #expect(
      rounded.standardOutput.contains(" blocked_conv_bf16 ") && rounded.standardOutput.contains(" linear_bf16 "),
      "\(rounded.standardOutput)")
    #expect(try onyx("explain", Self.digits, "--dim", "batch=4", "--precision", "fp32").standardOutput == plain.standardOutput)
  }

  /// Beside the same model in float32.
  @Test func compareReportsTheError() throws {
    let arguments = ["compare", Self.digits, "--dim", "batch=4", "--precision", "bf16", "--json", "--rtol"]
    #expect(try onyx(Array(arguments.dropLast(2)) + ["--rtol", "0.015625"]).standardOutput.contains(/\s0\.99\d{4}\s/))
    let near = try onyx(arguments + ["0.015625"])
    #expect(near.exitCode == 0)
    let tensor = try #require(rows(try json(near)["tensors"]).first)
    let (cosine, error) = (try #require(tensor["cosine"] as? Double), try #require(tensor["max_abs"] as? Double))
    #expect(cosine > 0.9995 && cosine < 1 && error > 0)
    #expect(try onyx(arguments + ["0.00001"]).exitCode == 1)
  }

  @Test func runsAndTests() throws {
    for isa in ["scalar", "best"] {
      let result = try onyx("test", "digits", "--precision", "bf16", "--isa", isa, "--rtol", "0.015625")
      #expect(result.exitCode == 0, "\(result.standardOutput)")
    }
    #expect(try onyx("check", Self.digits, "--precision", "bf16").exitCode == 0)
    #expect(try onyx("bench", Self.digits, "--precision", "bf16", "--seconds", "0.01").exitCode == 0)
    #expect(try onyx("profile", Self.digits, "--precision", "bf16", "--runs", "1").exitCode == 0)
    let picture = "digits/samples/digit-7-1314.png"
    let result = try onyx("run", Self.digits, "--precision", "bf16", "--input", picture, "--top", "1", "--labels", "digits/labels.txt")
    #expect(result.standardOutput.hasPrefix("7 "), "\(result)")
  }
}
