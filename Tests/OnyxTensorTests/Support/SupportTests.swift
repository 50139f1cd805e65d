import Foundation
import OnyxTensor
import OnyxTestSupport
import Testing

struct ULPTests {
  @Test func floats() {
    #expect(ulpDistance(Float(1), 1) == 0)
    #expect(ulpDistance(Float(0), -0.0) == 0)
    #expect(ulpDistance(Float(1), Float(1).nextUp) == 1)
    #expect(ulpDistance(Float(1), Float(1).nextDown) == 1)
    #expect(ulpDistance(Float.leastNonzeroMagnitude, -.leastNonzeroMagnitude) == 2)
    #expect(ulpDistance(Float(0), .leastNonzeroMagnitude) == 1)
    #expect(ulpDistance(Float.greatestFiniteMagnitude, .infinity) == 1)
    #expect(ulpDistance(-Float.infinity, .infinity) == 2 * 0x7F80_0000)
    #expect(ulpDistance(Float.nan, .nan) == 0)
    #expect(ulpDistance(Float.nan, 1) == .max && ulpDistance(1, Float.nan) == .max)
    // 2 - 1 in steps of 2^-23.
    #expect(ulpDistance(Float(1), 2) == 1 << 23)
  }

  @Test func otherWidths() {
    #expect(ulpDistance(1.0, 2.0) == 1 << 52)
    #expect(ulpDistance(-Double.infinity, .infinity) == 0xFFE0_0000_0000_0000)
    #expect(ulpDistance(0.0, -0.0) == 0 && ulpDistance(-0x1p-1074, 0x1p-1074) == 2)
    #expect(ulpDistance(Float16(1), 2) == 1024 && ulpDistance(Float16.nan, .nan) == 0)
    #expect(ulpDistance(Float16(-1), 1) == 2 * 0x3C00)
  }
}

struct AllCloseTests {
  private func floats(_ values: [Float], _ shape: Shape? = nil) throws -> Tensor {
    try Tensor(values, shape: shape ?? Shape([values.count]))
  }

  @Test func agrees() throws {
    #expect(allClose(try floats([1, .nan, .infinity, 0]), try floats([1, .nan, .infinity, -0.0]), rtol: 0, atol: 0) == nil)
    #expect(allClose(try floats([100.0005]), try floats([100])) == nil)
    #expect(allClose(try floats([1e-7]), try floats([0])) == nil)
    #expect(allClose(try floats([]), try floats([])) == nil)
    #expect(allClose(try Tensor(["a"], shape: [1]), try Tensor(["a"], shape: [1])) == nil)
    #expect(allClose(try Tensor([5]), try Tensor([6]), atol: 1) == nil)
  }

  @Test func namesTheFirstDifference() throws {
    let a = try floats([1, 2, 3, 4, 5, 6], [2, 3])
    let b = try floats([1, 2, 3, 4, 5.5, 7], [2, 3])
    #expect(allClose(a, b) == "2 of 6 elements differ, the first at [1,1]: 5.0, expected 5.5; the largest difference is 1.0 at [1,2]")
    #expect(allClose(try floats([.nan], .scalar), try floats([1], .scalar)) == "1 of 1 elements differ, the first at []: nan, expected 1.0")
    #expect(allClose(try floats([.infinity]), try floats([1]), rtol: 1) != nil)
    #expect(allClose(try floats([1]), try floats([.infinity]), rtol: 1) != nil)
    #expect(allClose(try floats([-.infinity]), try floats([.infinity])) != nil)
    #expect(allClose(a, try b.reshaped(to: [3, 2])) == "the tensor is float32[2,3], expected float32[3,2]")
    #expect(allClose(try Tensor([Double(1)], shape: [1]), try floats([1])) == "the tensor is float64[1], expected float32[1]")
    #expect(
      allClose(try Tensor(["a"], shape: [1]), try Tensor(["b"], shape: [1]))
        == "1 of 1 elements differ, the first at [0]: \"a\", expected \"b\"")
    #expect(allClose(try Tensor([true], shape: [1]), try Tensor([false], shape: [1]), atol: 9) != nil)
    // Equal as doubles, different as integers.
    #expect(allClose(try Tensor([Int.max]), try Tensor([Int.max - 1]), rtol: 0, atol: 0) != nil)
    #expect(allClose(try Tensor([Complex64(1, 2)], shape: [1]), try Tensor([Complex64(1, 3)], shape: [1])) != nil)
  }
}

struct RandomTensorTests {
  @Test func equalSeedsGiveEqualTensors() throws {
    for type in ElementType.allCases {
      let a = try Tensor.random(type, [50], in: -4...4, seed: 1)
      #expect(allClose(a, try Tensor.random(type, [50], in: -4...4, seed: 1), rtol: 0, atol: 0) == nil)
      #expect(allClose(a, try Tensor.random(type, [50], in: -4...4, seed: 2), rtol: 0, atol: 0) != nil, "\(type)")
    }
  }

  /// The published SplitMix64: seed 1234567 gives these first three numbers.
  @Test func isSplitMix64() {
    var generator = SeededGenerator(seed: 1_234_567)
    let published: [UInt64] = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
    for number in published { #expect(generator.next() == number) }
  }

  @Test func staysInRange() throws {
    let values = try Tensor.random(.float64, [1000], in: 2...3, seed: 4).doubles()
    #expect(values.allSatisfy { $0 >= 2 && $0 <= 3 } && (values.max() ?? 0) - (values.min() ?? 0) > 0.9)
    #expect(try Set(Tensor.random(.int8, [1000], in: -2...2, seed: 4).integers()).isSubset(of: [-2, -1, 0, 1, 2]))
    #expect(try Tensor.random(.uint8, [100], in: -500...500, seed: 4).integers().allSatisfy { (0...255).contains($0) })
    #expect(try Tensor.random(.int64, [100], in: -1e30...1e30, seed: 4).integers().contains(.min))
  }
}

struct FixtureTests {
  @Test func temporaryDirectoriesGo() throws {
    var path = ""
    do {
      let folder = try TemporaryDirectory()
      path = try folder.write([1, 2, 3], to: "a.bin")
      #expect(try [UInt8](Data(contentsOf: URL(filePath: path))) == [1, 2, 3])
      #expect(path == folder.path("a.bin"))
      withExtendedLifetime(folder) {}
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func theRepositoryIsFound() {
    #expect(FileManager.default.fileExists(atPath: Repository.root.appending(path: "Package.swift").path(percentEncoded: false)))
    #expect(Repository.models.lastPathComponent == "models")
  }

  @Test func withEveryNamesItsCase() {
    struct Failure: Error {}
    var seen: [String] = []
    let error = #expect(throws: CaseError.self) {
      try withEvery([1, 2], ["a", "b"]) { number, letter in
        seen.append("\(number)\(letter)")
        if seen.count == 3 { throw Failure() }
      }
    }
    #expect(seen == ["1a", "1b", "2a"])
    #expect(error?.description == "in case 2: in case a: Failure()")
  }

  @Test func base64Text() {
    #expect(base64("AAEC\n/w==") == [0, 1, 2, 255])
  }
}

struct ProcessTests {
  private let shell = URL(filePath: "/bin/sh")

  @Test func capturesEverything() throws {
    let result = try runProcess(
      shell, ["-c", "cat; echo err >&2; echo $ONYX_TEST; exit 7"], input: Array("in\n".utf8), environment: ["ONYX_TEST": "x y"])
    #expect(result.exitCode == 7)
    #expect(result.standardOutput == "in\nx y\n")
    #expect(result.standardError == "err\n")
  }

  /// More than a pipe holds, on both streams, and input that nobody reads.
  @Test func drainsBothStreams() throws {
    let script = "i=0; while [ $i -lt 20000 ]; do echo 0123456789; echo 0123456789 >&2; i=$((i+1)); done"
    let result = try runProcess(shell, ["-c", script], input: [UInt8](repeating: 65, count: 300_000))
    #expect(result.exitCode == 0 && result.standardOutput.count == 220_000 && result.standardError.count == 220_000)
  }

  @Test func endsWhatTakesTooLong() throws {
    let result = try runProcess(URL(filePath: "/bin/sleep"), ["30"], timeout: 0.2)
    #expect(result.exitCode == 128 + SIGKILL)
  }

  @Test func whatCannotStartThrows() {
    #expect(throws: (any Error).self) { try runProcess(URL(filePath: "/no/such/program"), []) }
  }

  @Test func theProductIsFound() throws {
    let executable = try #require(onyxExecutable)
    #expect(executable.lastPathComponent == "onyx")
  }
}
