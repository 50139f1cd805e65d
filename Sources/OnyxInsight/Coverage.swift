import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor

/// Which operators of some models, or of the ONNX standard, Onyx has.
///
/// Operators are counted as the files spell them, those in functions and in bodies of control flow included.
public struct Coverage: Sendable, Hashable, CustomStringConvertible {
  /// One operator in one version.
  public struct Operator: Sendable, Hashable {
    /// "ai.onnx" for the standard.
    public let domain: String
    /// "Conv".
    public let name: String
    /// The version of its domain that the model imports; for the standard as a whole the newest one that changed it.
    public let opset: Int
    /// Nodes of the models; 1 for each operator of the standard.
    public let count: Int
    /// Why Onyx cannot run it; nil when it can.
    public let reason: String?

    /// The element types that it takes in its first input, in the order of ONNX's numbers; empty for one that Onyx lacks, that
    /// takes no tensor there, or that runs as other operators.
    public let elementTypes: [ElementType]
    /// Those of `elementTypes` for which there is a fast kernel, for most shapes and attributes; the others run the scalar reference.
    /// `onyx explain --candidates` tells for the nodes of a model which kernel serves, and why the others decline.
    public let fastElementTypes: [ElementType]

    /// Whether Onyx can run it.
    public var isSupported: Bool { reason == nil }

    /// `reason` says why Onyx cannot run it, nil when it can.
    package init(_ op: OperatorName, opset: Int, count: Int, reason: String?) {
      domain = op.domain.isEmpty ? "ai.onnx" : op.domain
      name = op.name
      self.opset = opset
      self.count = count
      self.reason = reason
      let elements = reason == nil ? KernelTable.elements(of: op) : (allowed: [], fast: [])
      elementTypes = elements.allowed.sorted { $0.rawValue < $1.rawValue }
      fastElementTypes = elements.fast.sorted { $0.rawValue < $1.rawValue }
    }

    /// "all", "none", "all but string", or the names of the element types that have a fast kernel; empty for an operator that Onyx lacks.
    fileprivate var fastText: String {
      if !isSupported || elementTypes.isEmpty { return "" }
      if fastElementTypes.isEmpty { return "none" }
      let slow = elementTypes.filter { !fastElementTypes.contains($0) }
      if slow.isEmpty { return "all" }
      let listed = slow.count < fastElementTypes.count ? slow : fastElementTypes
      return (listed == slow ? "all but " : "") + listed.map(\.description).joined(separator: " ")
    }

    /// "com.example.Mystery"; operators of the standard go without their domain.
    public var fullName: String { domain == "ai.onnx" ? name : "\(domain).\(name)" }
  }

  /// By domain, name and version.
  public let operators: [Operator]

  /// Whether Onyx has every operator.
  public var isSupported: Bool { operators.allSatisfy(\.isSupported) }

  /// The operators that Onyx lacks, each with the reason.
  public var missing: [Operator] { operators.filter { !$0.isSupported } }

  /// Every operator of the ONNX standard at its newest version.
  public static let standard = Coverage(
    Dictionary(StandardOperators.all.map { (Key(op: $0.op, opset: $0.versions.last ?? 1), 1) }, uniquingKeysWith: { first, _ in first }))

  /// Of models as their files spell the operators.
  package init(of models: [ModelGraph]) {
    var counts: [Key: Int] = [:]
    for use in models.flatMap(\.census) { counts[Key(op: use.op, opset: use.opset), default: 0] += use.count }
    self.init(counts)
  }

  /// An operator in one version.
  private struct Key: Hashable {
    let op: OperatorName
    let opset: Int
  }

  /// Uses by operator and version.
  private init(_ counts: [Key: Int]) {
    let sorted = counts.sorted { ($0.key.op.domain, $0.key.op.name, $0.key.opset) < ($1.key.op.domain, $1.key.op.name, $1.key.opset) }
    operators = sorted.map { key, count in
      Operator(key.op, opset: key.opset, count: count, reason: Catalog.reasonAgainst(key.op, opset: key.opset))
    }
  }

  /// The table that `onyx coverage` prints: domain, operator, opset, count, whether it is supported or why not, and the element types
  /// for which a fast kernel serves; then how many operators of all are supported.
  public var description: String {
    var table = TextTable([
      ("domain", .left), ("operator", .left), ("opset", .right), ("count", .right), ("supported", .left), ("fast for", .left),
    ])
    for row in operators {
      table.append(
        row.domain, row.name, "\(row.opset)", "\(row.count)", row.reason.map { "no: \($0)" } ?? "yes", row.fastText)
    }
    return table.text + "\n\(operators.count { $0.isSupported }) of \(operators.count) operators are supported.\n"
  }
}

/// `{"supported","operators":[…]}`.
extension Coverage: Codable {
  private enum CodingKeys: String, CodingKey { case operators }
  private enum DerivedKeys: String, CodingKey { case supported }

  /// Writes the document that `onyx coverage --json` prints.
  public func encode(to encoder: any Encoder) throws {
    var derived = encoder.container(keyedBy: DerivedKeys.self)
    try derived.encode(isSupported, forKey: .supported)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(operators, forKey: .operators)
  }
}

/// `{"domain","op","opset","count","supported","reason","types","fast_types"}`.
extension Coverage.Operator: Codable {
  private enum CodingKeys: String, CodingKey {
    case domain, opset, count, reason
    case name = "op"
    case elementTypes = "types"
    case fastElementTypes = "fast_types"
  }
  private enum DerivedKeys: String, CodingKey { case supported }

  /// Writes all keys, `reason` as null where there is none.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(domain, forKey: .domain)
    try container.encode(name, forKey: .name)
    try container.encode(opset, forKey: .opset)
    try container.encode(count, forKey: .count)
    try container.encode(reason, forKey: .reason)
    try container.encode(elementTypes, forKey: .elementTypes)
    try container.encode(fastElementTypes, forKey: .fastElementTypes)
    var derived = encoder.container(keyedBy: DerivedKeys.self)
    try derived.encode(isSupported, forKey: .supported)
  }
}
