import ArgumentParser
import Onyx

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Becomes `onyx-serve`, which is a package of its own.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serves a folder of models over HTTP and gRPC, by the program 'onyx-serve'.",
    discussion: "All arguments go to 'onyx-serve', which stands beside this program or in a folder of PATH: see docs/serving.md.")

  @Argument(parsing: .captureForPassthrough, help: "The folder of models, and the options of 'onyx-serve'.")
  var arguments: [String] = []

  func run() throws {
    let name = "onyx-serve"
    let own = CommandLine.arguments.first ?? ""
    let beside = own.lastIndex(of: "/").map { String(own[...$0]) + name }
    for path in [beside, name].compactMap(\.self) { Self.become(path, arguments) }
    throw OnyxError(
      .missingFile, "There is no program '\(name)' beside 'onyx' or in a folder of PATH.",
      remedy: "Build it in a copy of Onyx: swift build -c release --package-path tools/serve; it is then "
        + "tools/serve/.build/release/\(name).")
  }

  /// Returns only when there is no such program that can be run. A name without a slash is looked for in the folders of PATH.
  ///
  /// SAFETY: the words are C strings that live until the call is over, and end with null.
  private static func become(_ program: String, _ arguments: [String]) {
    var words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe words.indices { unsafe free(words[index]) } }
    _ = unsafe execvp(program, &words)
  }
}
