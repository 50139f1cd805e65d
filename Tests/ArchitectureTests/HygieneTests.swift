import Testing

@Suite("House rules")
struct HygieneTests {
  /// The only places where Swift may be unsafe, each with its reason.
  static let unsafeFolders = [
    "Sources/OnyxTensor/Unsafe/",  // the fence around memory
    "Sources/OnyxProto/",  // mapped files and protobuf-c
    "Sources/OnyxImages/Bridge/",  // libpng, libjpeg, libtiff, libwebp, OpenJPEG
    "Sources/OnyxFiles/Bridge/",  // zlib
    "Sources/OnyxThreads/",  // shared words of the thread pool
    "Sources/OnyxKernels/",  // the bridge to CKernels, addresses of the arena as a kernel sees them, packed weights
    "Sources/OnyxRuntime/Execute/Execution.swift",  // addresses of the arena
    "Sources/OnyxRuntime/Execute/OpenStep.swift",  // addresses that a kernel of open extents is called with
    "Sources/OnyxRuntime/Execute/FixedIterations.swift",  // rows and carried values there
    "Sources/OnyxCLI/Console.swift", "Sources/OnyxReport/Measure/ProcessUsage.swift",  // write(2), getrusage(2)
    "Sources/OnyxCLI/Commands/ServeCommand.swift",  // execvp(3)
    "Sources/OnyxC/",  // what callers in C hold
    "Sources/OnyxTestSupport/",
    "Sources/OnyxFuzzing/",  // memory shared with workers, what callers in C hold, sockets, counters of code
  ]

  static func isUnsafe(_ line: String) -> Bool {
    let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? ""
    return code.split { !$0.isLetter && $0 != "_" }.contains("unsafe")
  }

  @Test(arguments: SourceTree.swiftSources) func unsafeStaysInItsFence(_ file: SourceTree.File) {
    guard !Self.unsafeFolders.contains(where: file.path.hasPrefix) else { return }
    let lines = file.lines.indices.filter { Self.isUnsafe(file.lines[$0]) }
    #expect(lines.isEmpty, "\(file) uses unsafe in line \(lines.first.map { $0 + 1 } ?? 0)")
  }

  @Test(arguments: SourceTree.swiftSources) func unsafeFilesSayWhyTheyAreSafe(_ file: SourceTree.File) {
    guard file.target != "OnyxTestSupport", file.lines.contains(where: Self.isUnsafe) else { return }
    #expect(file.lines.contains { $0.contains("SAFETY") }, "\(file) has no SAFETY comment")
  }

  @Test(arguments: SourceTree.all) func nothingIsLeftToDo(_ file: SourceTree.File) {
    let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:"]
    for (number, line) in file.lines.enumerated() { #expect(!marks.contains(where: line.contains), "\(file):\(number + 1)") }
  }

  @Test(arguments: SourceTree.all) func noMachinePaths(_ file: SourceTree.File) {
    for (number, line) in file.lines.enumerated() {
      #expect(!line.contains("/work" + "/") && !line.contains("/root" + "/"), "\(file):\(number + 1)")
    }
  }

  @Test(arguments: SourceTree.swiftSources) func namesSayWhatThingsAre(_ file: SourceTree.File) {
    let empty = ["Manager", "Helper", "Util", "Utils"]
    for (number, line) in file.lines.enumerated() {
      let words = line.split { !$0.isLetter && !$0.isNumber }
      guard let keyword = words.firstIndex(where: { ["struct", "class", "enum", "protocol", "actor"].contains($0) }),
        keyword + 1 < words.count
      else { continue }
      let name = words[keyword + 1]
      #expect(!empty.contains(where: name.hasSuffix), "\(file):\(number + 1) names a type \(name)")
    }
  }

  /// A fatal error is for bugs of ours, said so in the line before or in its message.
  @Test(arguments: SourceTree.swiftSources) func fatalErrorsAreRare(_ file: SourceTree.File) {
    let count = file.lines.count { $0.contains("fatal" + "Error(") }
    #expect(count == 0, "\(file) has \(count) fatal errors; throw an OnyxError or use a precondition")
  }

  @Test func unsafeIsFound() {
    #expect(Self.isUnsafe("    let x = unsafe y.pointee"))
    #expect(!Self.isUnsafe("    // unsafe"))
    #expect(!Self.isUnsafe("import UnsafeThing"))
  }
}
