import OnyxGraph
import OnyxLoader
import OnyxOperators
import Testing

/// The adapters against the history of the standard: an operator that somebody adds to the catalog must name the versions
/// that the standard has, and every version with another form must have an adapter.
struct OpsetCoverageTests {
  /// Versions whose schema fits today's operator although they mean something else.
  static let changedInMeaning: [OpsetHistory.Version: String] = [
    .init(op: "Erf", version: 9): "integers are allowed",
    .init(op: "GroupNormalization", version: 18): "scale and bias belong to groups",
    .init(op: "PRelu", version: 6): "a slope of rank 1 belongs to the channels",
    .init(op: "ReduceLogSum", version: 18): "integers are allowed",
    .init(op: "ReduceLogSumExp", version: 18): "integers are allowed",
    .init(op: "Resize", version: 11): "inputs without effect are empty tensors",
    .init(op: "RoiAlign", version: 10): "the default of the later attribute is another rule",
    .init(op: "Split", version: 13): "equal parts are asked for by an attribute since 18",
  ]

  @Test func everyChangedFormHasAnAdapter() {
    let expected = OpsetHistory.changed.union(Self.changedInMeaning.keys)
    let adapted = OpsetHistory.versions.flatMap { name, versions in
      versions.filter { OpsetAdapter.row(for: OperatorName(name), opset: $0) != nil }.map { OpsetHistory.Version(op: name, version: $0) }
    }
    #expect(expected.subtracting(adapted).map { "\($0.op)-\($0.version)" } == [], "without an adapter")
    #expect(Set(adapted).subtracting(expected).map { "\($0.op)-\($0.version)" } == [], "adapted, but of today's form")
  }

  /// Between two versions nothing changes, so a row must begin and end with one.
  @Test func rowsBeginAndEndAtVersions() throws {
    for row in OpsetAdapter.table {
      for name in row.operators {
        let versions = try #require(Self.versions(of: name), "\(name) is no operator of the standard")
        let newest = try #require(Catalog.newestOpset(of: name.domain))
        #expect(row.opsets.lowerBound == 1 || versions.contains(row.opsets.lowerBound), "\(name)")
        #expect(row.opsets.upperBound > newest || versions.contains(row.opsets.upperBound), "\(name)")
        let others = OpsetAdapter.table.filter { $0.operators.contains(name) && $0.opsets != row.opsets }
        #expect(others.allSatisfy { !$0.opsets.overlaps(row.opsets) }, "\(name) has two rows for a version")
      }
    }
  }

  /// The history tells of the main domain; the others are few.
  private static func versions(of op: OperatorName) -> [Int]? {
    op.domain.isEmpty ? OpsetHistory.versions[op.name] : StandardOperators.all.first { $0.op == op }?.versions
  }

  @Test func theOldFormsOfOtherDomainsAreAdapted() {
    let adapted = StandardOperators.all.filter { !$0.op.domain.isEmpty }.flatMap { standard in
      standard.versions.filter { OpsetAdapter.row(for: standard.op, opset: $0) != nil }.map { "\(standard.op)-\($0)" }
    }
    #expect(adapted == ["ai.onnx.ml.LabelEncoder-1"])
  }

  @Test func theCatalogNamesTheVersionsOfTheStandard() {
    for definition in Catalog.definitions where definition.signature.op.domain.isEmpty {
      let signature = definition.signature
      #expect(OpsetHistory.versions[signature.op.name] == signature.versions, "\(signature.op)")
    }
  }

  @Test func theCatalogIsOfTheNewestVersion() {
    // onnx.defs.onnx_opset_version() of onnx 1.23.2.
    #expect(Catalog.newestOpset == 28)
    #expect(Catalog.newestOpset(of: "ai.onnx.ml") == 5)
    #expect(Catalog.newestOpset(of: "ai.onnx.preview.training") == 1)
    #expect(Catalog.newestOpset(of: "com.example") == nil)
    #expect(OpsetHistory.versions.values.joined().max() == 28)
    #expect(OpsetHistory.versions.count == 203)
  }
}
