import Onyx
import OnyxTestSupport
import Testing

/// Models in bfloat16 beside what their frameworks computed in float32.
@Suite struct PrecisionTests {
  private static func options(_ precision: SessionOptions.Precision, threads: Int = 1) -> SessionOptions {
    var options = SessionOptions(threads: threads)
    options.precision = precision
    return options
  }

  /// A rounded operand is off by 2⁻⁹ of its size on average; through the few layers of these models results move by less than 2⁻⁶ of the
  /// largest one.
  static let relative = 0x1p-6

  @Test(arguments: ModelCase.all.filter { $0.name.hasSuffix("-static") || $0.name == "digits" }) func bfloat16IsNear(_ model: ModelCase)
    throws
  {
    var first: [[String: [UInt32]]] = []
    for threads in 1...3 {
      let session = try Session(path: model.path, options: Self.options(.bfloat16, threads: threads))
      var results: [[String: [UInt32]]] = []
      for (inputs, expected) in try model.named(session) {
        let outputs = try session.run(inputs)
        #expect(try difference(outputs, expected, relative: Self.relative) == nil)
        results.append(try bits(outputs))
      }
      if first.isEmpty { first = results }
      #expect(results == first, "not bit-equal: 1 and \(threads) threads")
    }
  }

  @Test func digitsAreRounded() throws {
    let (float32, bfloat16) = (
      try Session(path: SessionTests.digits.path), try Session(path: SessionTests.digits.path, options: Self.options(.bfloat16))
    )
    let (inputs, _) = try #require(try SessionTests.digits.named(float32).first)
    let (expected, actual) = (try float32.run(inputs), try bfloat16.run(inputs))
    #expect(try difference(actual, expected, relative: 0) != nil)
    #expect(try difference(actual, expected, relative: Self.relative) == nil)
  }

  /// Without the option a session has the numbers of one that lacks the rounding rows.
  @Test(arguments: ModelCase.all.filter { $0.name.hasSuffix("-static") || $0.name == "digits" }) func float32IsTheDefault(
    _ model: ModelCase
  ) throws {
    var without = Self.options(.float32, threads: 2)
    without.disabledKernels = ["blocked_conv_bf16", "linear_bf16"]
    let sessions = [try Session(path: model.path), try Session(path: model.path, options: without)]
    for (inputs, _) in try model.named(sessions[0]) { #expect(try bits(sessions[0].run(inputs)) == bits(sessions[1].run(inputs))) }
  }
}
