import OnyxGraph
import OnyxTensor

/// The newest version of one operator, as a line of StandardSignatures.txt says it.
struct StandardSchema {
  struct Attribute {
    let kind: String
    /// "kind", "kind=default" or "kind!" when it is required; a float as Swift writes it.
    let text: String
  }

  let version: Int
  /// "name:type" with the marks of the file.
  let inputs: [String]
  let outputs: [String]
  /// The types that each variable may take: element types of tensors, and kinds of other values.
  let types: [String: Set<String>]
  let attributes: [String: Attribute]

  /// By name, with the domain before it when there is one.
  static let all: [String: StandardSchema] = {
    let files = SourceTree.files(in: "Tests/ArchitectureTests", endings: ["StandardSignatures.txt", "ContribSignatures.txt"])
    var sets: [Substring: Substring] = [:]
    var schemas: [String: StandardSchema] = [:]
    for line in files.flatMap(\.lines) where !line.isEmpty && !line.hasPrefix("# ") {
      if line.hasPrefix("#") {
        let words = line.split(separator: " ")
        sets[words[0]] = words[1]
      } else {
        let fields = line.split(separator: ";", omittingEmptySubsequences: false).map { $0.split(separator: " ").map(String.init) }
        schemas[fields[0][0]] = StandardSchema(fields, sets)
      }
    }
    return schemas
  }()

  private init(_ fields: [[String]], _ sets: [Substring: Substring]) {
    version = Int(fields[1][0]) ?? 0
    inputs = fields[2]
    outputs = fields[3]
    var types: [String: Set<String>] = [:]
    for variable in fields[4] {
      let parts = variable.split(separator: "=")
      types[String(parts[0])] = Self.names(sets[parts[1]] ?? Substring(parts[1]))
    }
    self.types = types
    var attributes: [String: Attribute] = [:]
    for attribute in fields[5] {
      let parts = attribute.split(separator: ":", maxSplits: 1)
      attributes[String(parts[0])] = Attribute(String(parts[1]))
    }
    self.attributes = attributes
  }

  /// The names between commas; a comma in parentheses is part of a name: "map(int64,string)".
  private static func names(_ text: Substring) -> Set<String> {
    var names: Set<String> = []
    var name = ""
    var depth = 0
    for character in text {
      if character == ",", depth == 0 {
        names.insert(name)
        name = ""
        continue
      }
      depth += character == "(" ? 1 : character == ")" ? -1 : 0
      name.append(character)
    }
    return names.union([name])
  }

  /// A value that an attribute of this kind can have; nil for kinds that no operator of the catalog requires.
  static func sample(of kind: String) -> OnyxGraph.Attribute? {
    switch kind {
    case "int": .int(1)
    case "ints": .ints([1])
    case "float": .float(1)
    default: nil
    }
  }
}

extension StandardSchema.Attribute {
  fileprivate init(_ text: String) {
    let text = text.replacing("type_proto", with: "type")
    kind = String(text.prefix { $0 != "=" && $0 != "!" })
    let value = text.dropFirst(kind.count + 1)
    self.text = kind == "float" && !value.isEmpty ? "float=\(Float(value) ?? .nan)" : text
  }
}
