import Foundation
import OnyxTestSupport
import Testing

/// What terminals get: colors, progress; and errors for programs.
@Suite struct ConsoleTests {
  @Test func colorsAreForTerminals() throws {
    let plain = "error: The file 'none' does not exist.\n  Check the path.\n"
    let colored = "\u{1B}[1;31merror:\u{1B}[0m The file 'none' does not exist.\n  Check the path.\n"
    #expect(try onyx("run", "none").standardError == plain)
    // SwiftPM sets NO_COLOR for tests; empty it means nothing.
    #expect(try onyx("run", "none", environment: ["CLICOLOR_FORCE": "1", "NO_COLOR": ""]).standardError == colored)
    #expect(try onyx("run", "none", environment: ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"]).standardError == plain)
    #expect(try onyx("run", "none", environment: ["CLICOLOR_FORCE": "0", "NO_COLOR": ""]).standardError == plain)
  }

  /// script(1) gives a program a terminal.
  private func onTerminal(_ arguments: String) throws -> ProcessResult {
    let executable = try #require(onyxExecutable).path(percentEncoded: false)
    #if os(macOS)
      let words = ["-q", "/dev/null", "/bin/sh", "-c", "'\(executable)' \(arguments)"]
    #else
      let words = ["-qec", "'\(executable)' \(arguments)", "/dev/null"]
    #endif
    return try runProcess(
      URL(filePath: "/usr/bin/script"), words, environment: ["TERM": "xterm", "NO_COLOR": ""], directory: Repository.models)
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script"))) func longWorkTellsHowFarItIs() throws {
    let long = try onTerminal("bench digits/model.onnx --seconds 2.8").standardOutput
    #expect(long.contains(#/\x{1B}\[K\d+ runs, [\d.]+ a second/#), "\(long)")
    let short = try onTerminal("bench digits/model.onnx --runs 5 --seconds 0").standardOutput
    #expect(!short.contains(#/\x{1B}\[K\d/#), "\(short)")
    #expect(try onTerminal("run none").standardOutput.contains("\u{1B}[1;31merror:"))
    // Nothing of it goes into a file.
    #expect(!(try onyx("bench", "digits/model.onnx", "--seconds", "2.3").standardError.contains("a second")))
  }

  @Test func programsGetErrorsAsJSON() throws {
    let result = try onyx("run", "none", "--json")
    #expect(result.exitCode == 66 && result.standardError.hasPrefix("error: "))
    let failure = try json(result)["error"] as? [String: Any]
    #expect(failure?["code"] as? Int == 66 && failure?["message"] as? String == "The file 'none' does not exist.")
    #expect(failure?["remedy"] as? String == "Check the path.")
  }

  @Test func benchCountsRuns() throws {
    let result = try onyx("bench", "digits", "--runs", "7", "--warmup", "0", "--percentiles", "0,50,99.9,100", "--json")
    let report = try json(result)
    #expect(report["runs"] as? Int == 7 && report["runs_per_second"] as? Double ?? 0 > 0)
    let percentiles = try #require(report["percentiles"] as? [String: Double])
    #expect(Set(percentiles.keys) == ["0", "50", "99.9", "100"])
    #expect(percentiles["0"] == report["min_ms"] as? Double && percentiles["50"] == report["median_ms"] as? Double)
    #expect(percentiles["99.9"] ?? 0 >= percentiles["50"] ?? 1 && percentiles["100"] ?? 0 >= percentiles["99.9"] ?? 1)
    let text = try onyx("bench", "digits", "--runs", "7", "--percentiles", "99").standardOutput
    #expect(text.contains(" over 7 runs") && text.contains("\n  p99 "))
    let several = try onyx("bench", "digits", "attention/sse/dynamo-static", "--runs", "1", "--json")
    #expect(
      rows(try json(several)["models"]).map { $0["model"] as? String } == [
        "digits/model.onnx", "attention/sse/dynamo-static/model.onnx",
      ])
    for flags in ["--runs 0", "--warmup -1", "--percentiles 101", "--percentiles x"] {
      #expect(try onyx(["bench", "digits"] + flags.split(separator: " ").map(String.init)).exitCode == 64)
    }
  }

  /// People with narrow windows see whole lines.
  @Test func helpFitsInto80Columns() throws {
    for command in [[], ["run"], ["bench"], ["compare"]] {
      for line in try onyx(command + ["--help"]).standardOutput.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
  }
}
