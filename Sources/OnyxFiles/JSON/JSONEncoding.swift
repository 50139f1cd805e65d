/// Makes a `JSONValue` of what is encoded. Floats that are no numbers become strings.
///
/// Foundation's encoder would bring two megabytes of Foundation into libonyx, where nothing else needs it.
struct JSONEncoding: Encoder {
  /// Where a value is put together: containers of it are filled after they were handed out.
  final class Place {
    private enum Content {
      case value(JSONValue)
      case items([Place])
      case members([String: Place])
    }

    private var content = Content.value(.object([:]))

    var value: JSONValue {
      switch content {
      case .value(let value): value
      case .items(let items): .array(items.map(\.value))
      case .members(let members): .object(members.mapValues(\.value))
      }
    }

    var count: Int { if case .items(let items) = content { items.count } else { 0 } }

    func set(_ value: JSONValue) { content = .value(value) }

    func beginItems() { if case .items = content {} else { content = .items([]) } }

    func beginMembers() { if case .members = content {} else { content = .members([:]) } }

    func addItem() -> Place {
      let place = Place()
      guard case .items(var items) = content else { return place }
      items.append(place)
      content = .items(items)
      return place
    }

    func addMember(_ key: String) -> Place {
      let place = Place()
      guard case .members(var members) = content else { return place }
      members[key] = place
      content = .members(members)
      return place
    }
  }

  let place: Place
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func encode(_ value: some Encodable) throws { try value.encode(to: self) }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    place.beginMembers()
    return KeyedEncodingContainer(Members<Key>(place: place, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    place.beginItems()
    return Items(place: place, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { Single(place: place, codingPath: codingPath) }

  /// A value that JSON has a form for; nil for others.
  static func plain(_ value: some Encodable) -> JSONValue? {
    switch value {
    case let text as String: .string(text)
    case let truth as Bool: .bool(truth)
    case let number as Double: real(number)
    case let number as Float: real(number)
    case let number as any BinaryInteger: .number("\(number)")
    default: nil
    }
  }

  /// The shortest digits that read back exactly, without a fraction of zero.
  private static func real(_ number: some BinaryFloatingPoint & CustomStringConvertible) -> JSONValue {
    if number.isNaN { return .string("NaN") }
    if number.isInfinite { return .string(number < 0 ? "-Infinity" : "Infinity") }
    let text = number.description
    return .number(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
  }

  private struct Single: SingleValueEncodingContainer {
    let place: Place
    let codingPath: [any CodingKey]

    func encodeNil() { place.set(.null) }

    func encode(_ value: some Encodable) throws {
      if let plain = plain(value) { return place.set(plain) }
      try value.encode(to: JSONEncoding(place: place, codingPath: codingPath))
    }
  }

  private struct Items: UnkeyedEncodingContainer {
    let place: Place
    let codingPath: [any CodingKey]
    var count: Int { place.count }

    private var next: Single { Single(place: place.addItem(), codingPath: codingPath) }

    func encodeNil() { next.encodeNil() }
    func encode(_ value: some Encodable) throws { try next.encode(value) }
    func superEncoder() -> any Encoder { JSONEncoding(place: place.addItem(), codingPath: codingPath) }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
      JSONEncoding(place: place.addItem(), codingPath: codingPath).unkeyedContainer()
    }

    func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
      JSONEncoding(place: place.addItem(), codingPath: codingPath).container(keyedBy: type)
    }
  }

  private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let place: Place
    let codingPath: [any CodingKey]

    private func member(_ key: any CodingKey) -> JSONEncoding {
      JSONEncoding(place: place.addMember(key.stringValue), codingPath: codingPath + [key])
    }

    func encodeNil(forKey key: Key) { member(key).place.set(.null) }

    func encode(_ value: some Encodable, forKey key: Key) throws {
      let member = member(key)
      try Single(place: member.place, codingPath: member.codingPath).encode(value)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { member(key).unkeyedContainer() }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
      member(key).container(keyedBy: type)
    }

    func superEncoder() -> any Encoder { JSONEncoding(place: place.addMember("super"), codingPath: codingPath) }
    func superEncoder(forKey key: Key) -> any Encoder { member(key) }
  }
}
