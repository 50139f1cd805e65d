import OnyxGraph
import OnyxOperators
import Testing

@Suite("The catalog agrees with the files and the standard")
struct CatalogTests {
  static let folders = [
    "Elementwise", "Reduction", "Conversion", "Movement", "ShapeArithmetic", "Convolution", "Pooling", "MatrixProduct", "Normalization",
    "Quantization",
    "Attention", "Fused", "Blocked", "Contrib", "TraditionalML", "Training",
  ]

  @Test func everyDefinitionIsListed() {
    let catalog = SourceTree.swiftSources.first { $0.path == "Sources/OnyxOperators/Catalog.swift" }?.lines.joined(separator: "\n") ?? ""
    for file in SourceTree.swiftSources where Self.folders.contains(where: { file.path.hasPrefix("Sources/OnyxOperators/\($0)/") }) {
      var type: Substring?
      for line in file.lines {
        let words = line.split { !$0.isLetter && !$0.isNumber }
        if let keyword = words.firstIndex(where: { $0 == "struct" || $0 == "enum" }), keyword + 1 < words.count, !line.hasPrefix("  ") {
          type = words[keyword + 1]
        }
        if line.hasPrefix("extension "), words.count > 1 { type = words[1] }
        guard line.contains("static let definition"), !line.contains(": "), let type else { continue }
        #expect(catalog.contains("\(type).definition"), "\(file): \(type) is not in the catalog")
      }
    }
  }

  @Test func everyOperatorIsListedOnce() {
    let names = Catalog.definitions.map(\.signature.op)
    #expect(Set(names).count == names.count)
  }

  /// Versions are copied from the standard; a typing error or a forgotten new version shows here.
  @Test(arguments: Catalog.definitions.map(\.signature)) func versionsAreTheStandards(_ signature: Signature) {
    guard !["onyx", "com.microsoft"].contains(signature.op.domain) else { return }
    let standard = StandardOperators.all.first { $0.op == signature.op }
    #expect(standard?.versions == signature.versions, "\(signature.op)")
  }
}
