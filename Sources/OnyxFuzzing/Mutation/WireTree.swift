import OnyxTestSupport

/// The messages of ONNX that hold others or that changes look for.
package enum WireKind: Sendable, Hashable, CaseIterable {
  case model, graph, node, attribute, tensor, sparseTensor, valueInfo, type, tensorType, sequenceType, mapType, optionalType, shape,
    dimension
  case function, opset, pair, annotation, training, segment

  /// The kind of the message in field `number`; nil where the field is none.
  func child(_ number: Int) -> WireKind? { Self.children[self]?[number] }

  private static let children: [WireKind: [Int: WireKind]] = [
    .model: [7: .graph, 8: .opset, 14: .pair, 20: .training, 25: .function],
    .training: [1: .graph, 2: .graph, 3: .pair, 4: .pair],
    .graph: [
      1: .node, 5: .tensor, 11: .valueInfo, 12: .valueInfo, 13: .valueInfo, 14: .annotation, 15: .sparseTensor, 16: .pair,
    ],
    .function: [7: .node, 9: .opset, 11: .attribute, 12: .valueInfo, 14: .pair],
    .node: [5: .attribute, 9: .pair],
    .attribute: [
      5: .tensor, 6: .graph, 10: .tensor, 11: .graph, 14: .type, 15: .type, 22: .sparseTensor, 23: .sparseTensor,
    ],
    .annotation: [2: .pair],
    .tensor: [3: .segment, 13: .pair, 16: .pair],
    .sparseTensor: [1: .tensor, 2: .tensor],
    .valueInfo: [2: .type, 4: .pair],
    .shape: [1: .dimension],
    .tensorType: [2: .shape],
    .sequenceType: [1: .type],
    .optionalType: [1: .type],
    .mapType: [2: .type],
    .type: [1: .tensorType, 4: .sequenceType, 5: .mapType, 8: .tensorType, 9: .optionalType],
  ]
}

/// A message as its fields, in the order of the file; no field is lost or checked.
package struct WireTree: Sendable, Hashable {
  package indirect enum Content: Sendable, Hashable {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes([UInt8])
    case message(WireTree)
  }

  package struct Field: Sendable, Hashable {
    package var number: Int
    package var content: Content

    package init(_ number: Int, _ content: Content) {
      self.number = number
      self.content = content
    }

    package static func text(_ number: Int, _ text: String) -> Field { Field(number, .bytes(Array(text.utf8))) }
    package static func int(_ number: Int, _ value: Int64) -> Field { Field(number, .varint(UInt64(bitPattern: value))) }
  }

  package var kind: WireKind
  package var fields: [Field]

  package init(_ kind: WireKind, _ fields: [Field] = []) {
    self.kind = kind
    self.fields = fields
  }

  /// nil for bytes that are no message. Messages nested deeper than `depth` stay bytes.
  package init?(_ bytes: ArraySlice<UInt8>, as kind: WireKind, depth: Int = 24) {
    self.init(kind)
    var rest = bytes
    while !rest.isEmpty {
      guard let tag = Self.varint(&rest), tag >> 3 > 0, tag >> 3 < 1 << 20 else { return nil }
      let number = Int(tag >> 3)
      switch tag & 7 {
      case 0:
        guard let value = Self.varint(&rest) else { return nil }
        fields.append(Field(number, .varint(value)))
      case 1:
        guard let value = Self.little(&rest, 8) else { return nil }
        fields.append(Field(number, .fixed64(value)))
      case 5:
        guard let value = Self.little(&rest, 4) else { return nil }
        fields.append(Field(number, .fixed32(UInt32(truncatingIfNeeded: value))))
      case 2:
        guard let count = Self.varint(&rest), count <= UInt64(rest.count) else { return nil }
        let content = rest.prefix(Int(count))
        rest = rest.dropFirst(Int(count))
        if depth > 0, let child = kind.child(number), let message = WireTree(content, as: child, depth: depth - 1) {
          fields.append(Field(number, .message(message)))
        } else {
          fields.append(Field(number, .bytes(Array(content))))
        }
      default: return nil
      }
    }
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  private static func little(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> UInt64? {
    guard rest.count >= count else { return nil }
    let value = rest.prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    rest = rest.dropFirst(count)
    return value
  }

  package var encoded: [UInt8] {
    var bytes: [UInt8] = []
    for field in fields {
      switch field.content {
      case .varint(let value): bytes += Wire.tag(field.number, 0) + Wire.varint(value)
      case .fixed64(let value): bytes += Wire.tag(field.number, 1) + Wire.little(value)
      case .fixed32(let value): bytes += Wire.tag(field.number, 5) + Wire.little(value)
      case .bytes(let content): bytes += Wire.data(field.number, content)
      case .message(let tree): bytes += Wire.data(field.number, tree.encoded)
      }
    }
    return bytes
  }
}

extension WireTree {
  /// Messages of a kind in this one, itself included.
  package func count(of kind: WireKind) -> Int {
    fields.reduce(self.kind == kind ? 1 : 0) { sum, field in
      if case .message(let tree) = field.content { sum + tree.count(of: kind) } else { sum }
    }
  }

  /// Visits the messages of a kind, each before those in it.
  package func forEach(_ kind: WireKind, _ body: (WireTree) -> Void) {
    if self.kind == kind { body(self) }
    for field in fields { if case .message(let tree) = field.content { tree.forEach(kind, body) } }
  }

  /// Changes message number `index` of a kind, counted as `forEach` visits them.
  package mutating func modify(_ kind: WireKind, _ index: Int, _ body: (inout WireTree) -> Void) {
    var left = index
    _ = modify(kind, &left, body)
  }

  private mutating func modify(_ kind: WireKind, _ left: inout Int, _ body: (inout WireTree) -> Void) -> Bool {
    if self.kind == kind {
      if left == 0 {
        body(&self)
        return true
      }
      left -= 1
    }
    for index in fields.indices {
      guard case .message(var tree) = fields[index].content else { continue }
      if tree.modify(kind, &left, body) {
        fields[index].content = .message(tree)
        return true
      }
    }
    return false
  }

  /// The texts of the fields `number`.
  package func texts(_ number: Int) -> [String] {
    fields.compactMap { field in
      if field.number == number, case .bytes(let bytes) = field.content { String(decoding: bytes, as: UTF8.self) } else { nil }
    }
  }

  /// The first message in field `number`.
  package func message(_ number: Int) -> WireTree? {
    for field in fields where field.number == number { if case .message(let tree) = field.content { return tree } }
    return nil
  }

  /// The numbers of all fields with content, message by message: where a reducer may take something away.
  package var fieldCount: Int {
    fields.reduce(0) { sum, field in if case .message(let tree) = field.content { sum + 1 + tree.fieldCount } else { sum + 1 } }
  }

  /// The message without field number `index`, counted over all messages, and what it holds.
  package func removing(_ index: Int) -> WireTree {
    var copy = self
    var left = index
    _ = copy.remove(&left)
    return copy
  }

  private mutating func remove(_ left: inout Int) -> Bool {
    for index in fields.indices {
      if left == 0 {
        fields.remove(at: index)
        return true
      }
      left -= 1
      guard case .message(var tree) = fields[index].content else { continue }
      if tree.remove(&left) {
        fields[index].content = .message(tree)
        return true
      }
    }
    return false
  }
}
