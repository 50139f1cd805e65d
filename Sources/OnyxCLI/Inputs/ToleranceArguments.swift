import ArgumentParser
import OnyxCases

/// How far a result may be from what is expected: at most atol + rtol·|expected|.
struct ToleranceArguments: ParsableArguments {
  @Option(parsing: .unconditional, help: ArgumentHelp("Relative tolerance.", valueName: "R"))
  var rtol: Double?

  @Option(parsing: .unconditional, help: ArgumentHelp("Absolute tolerance, added to rtol·|expected|.", valueName: "A"))
  var atol: Double?

  /// Unset parts follow the element type.
  var tolerance: Tolerance { Tolerance(relative: rtol, absolute: atol) }

  func validate() throws {
    for value in [rtol, atol] where value.map({ !($0 >= 0 && $0.isFinite) }) ?? false {
      throw ValidationError("A tolerance must be a number from 0 up.")
    }
  }
}
