import OnyxGraph

/// The modules around a node as its exporter names them, outermost first. They label what the structure of a graph has shown; nothing
/// depends on them.
///
/// PyTorch's newer exporter keeps them in metadata, its older one and Keras in the node's name: "/layer1/layer1.0/conv1/Conv".
struct ScopePath {
  /// Names from the root on: "layer1", "layer1.0", "layer1.0.conv1".
  let names: [String]
  /// "timm.models.resnet.Bottleneck"; as many as names, or none.
  let classes: [String]
  /// False when nothing tells where the node stands.
  let isKnown: Bool

  /// A name with more separators than any network nests modules must not make as many of them.
  static let deepest = 32

  init(_ node: Node) {
    if let scopes = node.metadata["pkg.torch.onnx.name_scopes"].flatMap(Self.strings), scopes.count >= 2 {
      // The first is the network, the last the call itself.
      names = Array(scopes.dropFirst().dropLast().prefix(Self.deepest))
      let classes = node.metadata["pkg.torch.onnx.class_hierarchy"].flatMap(Self.strings) ?? []
      self.classes = classes.count == scopes.count ? Array(classes.dropFirst().prefix(names.count)) : []
      isKnown = true
    } else {
      names = Self.names(in: node.name)
      classes = []
      isKnown = node.name.contains("/")
    }
  }

  /// "/layer1/layer1.0/conv1/Conv" → layer1, layer1.0, layer1.0.conv1: an inner name repeats that of a sequence around it.
  private static func names(in name: String) -> [String] {
    var names: [String] = []
    var last = ""
    for part in name.split(separator: "/").dropLast().prefix(deepest).map(String.init) {
      let outer = names.last.map { $0 + "." } ?? ""
      names.append(!last.isEmpty && part.hasPrefix(last + ".") ? (names.last ?? "") + part.dropFirst(last.count) : outer + part)
      last = part
    }
    return names
  }

  /// The strings of a Python list: "['', 'layer1']". nil for anything else.
  static func strings(_ text: String) -> [String]? {
    var rest = Substring(text.trimming(" "))
    guard rest.first == "[", rest.last == "]" else { return nil }
    rest = rest.dropFirst().dropLast()
    var strings: [String] = []
    while true {
      rest = rest.drop { $0 == " " || $0 == "," }
      guard let quote = rest.popFirst() else { return strings }
      guard quote == "'" || quote == "\"" else { return nil }
      var string = ""
      var isClosed = false
      while let character = rest.popFirst() {
        if character == quote {
          isClosed = true
          break
        }
        if character == "\\" { string += rest.popFirst().map(String.init) ?? "" } else { string.append(character) }
      }
      guard isClosed else { return nil }
      strings.append(string)
    }
  }
}

extension String {
  fileprivate func trimming(_ character: Character) -> Substring {
    var rest = self[...]
    while rest.first == character { rest.removeFirst() }
    while rest.last == character { rest.removeLast() }
    return rest
  }
}
