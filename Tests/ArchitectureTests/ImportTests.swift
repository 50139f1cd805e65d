import Testing

@Suite("Imports go upward only")
struct ImportTests {
  /// Pipeline order. A target imports only targets above it.
  static let order = [
    "CProtobufC", "CZlib", "CPNG", "CJPEG", "CTIFF", "CWebP", "COpenJPEG", "COnnxProto", "CCodecs", "COnyxSystem", "CKernels", "OnyxTensor",
    "OnyxImages", "OnyxProto", "OnyxFiles",
    "OnyxGraph",
    "OnyxOperators", "OnyxLoader", "OnyxAttention", "OnyxOptimizer", "OnyxThreads", "OnyxKernels", "OnyxRuntime", "OnyxInsight", "Onyx",
    "COnyx", "OnyxC", "OnyxCases", "OnyxTesting", "OnyxFigures",
    "OnyxReport", "OnyxCLI", "OnyxTestSupport", "COnyxFuzz", "OnyxFuzzing", "OnyxFuzz",
  ]

  /// What the design says a target knows nothing of, beyond the order.
  static let forbidden: [String: Set<String>] = [
    "OnyxImages": ["COnnxProto", "COnyxSystem", "CKernels"],
    "OnyxFiles": ["OnyxGraph", "COnnxProto"],
    "OnyxGraph": ["OnyxProto", "OnyxFiles", "COnnxProto", "CProtobufC"],
    "OnyxOperators": ["CKernels", "OnyxProto", "OnyxFiles"],
    "OnyxLoader": ["OnyxFiles", "CKernels"],
    "OnyxAttention": ["OnyxLoader", "OnyxFiles", "CKernels", "OnyxProto"],
    "OnyxOptimizer": ["OnyxLoader", "OnyxFiles", "CKernels", "OnyxProto"],
    "OnyxThreads": ["OnyxGraph", "OnyxOperators", "OnyxLoader", "OnyxFiles", "OnyxProto", "CKernels"],
    "OnyxKernels": ["OnyxLoader", "OnyxFiles", "OnyxProto", "OnyxOptimizer", "OnyxAttention"],
    "OnyxRuntime": ["OnyxLoader", "OnyxFiles", "OnyxProto", "OnyxOptimizer", "OnyxAttention", "CKernels"],
    "OnyxInsight": ["OnyxLoader", "OnyxFiles", "OnyxProto", "CKernels"],
    "OnyxC": ["Foundation", "OnyxReport"],
    "OnyxCases": ["Testing", "XCTest"],
    "OnyxFigures": ["OnyxFiles", "OnyxGraph", "OnyxOperators", "OnyxRuntime", "Onyx", "OnyxTesting"],
    "OnyxReport": ["OnyxTesting"],
    "OnyxCLI": ["OnyxTesting"],
  ]

  static func imports(_ file: SourceTree.File) -> [String] {
    file.lines.compactMap { line in
      let words = line.split(separator: " ")
      guard let position = words.firstIndex(of: "import"), position == 0 || position == 1 && words[0] != "//", position + 1 < words.count
      else { return nil }
      return String(words[position + 1])
    }
  }

  @Test func everyTargetIsInTheOrder() {
    #expect(Set(SourceTree.swiftSources.map(\.target)).subtracting(Self.order) == [])
  }

  @Test(arguments: SourceTree.swiftSources) func importsPointUpward(_ file: SourceTree.File) throws {
    let position = try #require(Self.order.firstIndex(of: file.target))
    for name in Self.imports(file) {
      if let other = Self.order.firstIndex(of: name) { #expect(other < position, "\(file) imports \(name)") }
      #expect(Self.forbidden[file.target]?.contains(name) != true, "\(file) imports \(name)")
    }
  }

  @Test func importsAreFound() {
    let file = SourceTree.File(path: "Sources/X/Y.swift", lines: ["import A", "@_exported import B", "// import C", "  import D"])
    #expect(Self.imports(file) == ["A", "B", "D"])
  }
}
