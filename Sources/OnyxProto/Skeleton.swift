import OnyxTensor

// SAFETY: the source bytes are lent by the slice for the length of the walk.

/// A message that is safe and small enough for protobuf-c: nesting, lengths, numbers and memory use are checked, unknown
/// fields are left out, and every `raw_data` is replaced by its offset and length in the source.
struct Skeleton {
  let bytes: [UInt8]
  /// Fields that the schema does not have.
  let unknownFieldCount: Int

  /// Messages inside messages; the limit of the official protobuf libraries, 33 graphs inside one another.
  static let deepestNesting = 100
  /// protobuf-c cannot read more.
  static let largestByteCount = Int(Int32.max)

  /// Throws `invalidModel` for bytes that are no message of this kind and `budgetExceeded` when unpacking them would take
  /// memory out of proportion to their number. Complexity: O(bytes outside `raw_data`).
  init(of source: ByteSlice, message: Int, schema: MessageSchema = .onnx) throws(OnyxError) {
    self = try unsafe source.withBytes { (bytes) throws(OnyxError) in
      var walk = unsafe SkeletonWalk(bytes, schema: schema)
      try walk.run(message)
      return Skeleton(bytes: walk.output, unknownFieldCount: walk.unknownFieldCount)
    }
  }

  private init(bytes: [UInt8], unknownFieldCount: Int) {
    self.bytes = bytes
    self.unknownFieldCount = unknownFieldCount
  }
}

/// One pass over the source with its own stack: the nesting of the source is never the nesting of calls.
///
/// SAFETY: lives inside `ByteSlice.withBytes`; bytes are copied only after the cursor has found that they are there.
private struct SkeletonWalk {
  private struct Frame {
    let message: Int
    let end: Int
    /// Where the message's length belongs in the output; nil for the root.
    let lengthSlot: Int?
    /// Bit n: field n may occur once, and has.
    var seen: UInt64 = 0
  }

  private var cursor: WireCursor
  private let schema: MessageSchema
  private(set) var output: [UInt8] = []
  private(set) var unknownFieldCount = 0
  private var frames: [Frame] = []
  private var memory: Int
  /// A slot holds a length in the longest form that protobuf-c accepts.
  private static let slotWidth = 5

  init(_ bytes: UnsafeRawBufferPointer, schema: MessageSchema) {
    unsafe cursor = WireCursor(bytes)
    self.schema = schema
    // A field of 2 bytes can cost protobuf-c 64; files of real models stay below 1 byte for each byte outside raw_data.
    memory = (256 << 20) + min(bytes.count, 1 << 50) * 8
  }

  mutating func run(_ message: Int) throws(OnyxError) {
    frames.append(Frame(message: message, end: unsafe cursor.bytes.count, lengthSlot: nil))
    while let frame = frames.last {
      if cursor.position == frame.end {
        frames.removeLast()
        if let slot = frame.lengthSlot { fill(slot) }
      } else {
        try field(of: frame)
      }
    }
    guard output.count <= Skeleton.largestByteCount else {
      throw .unsupported(
        "The model has more than 2 GB outside the bytes of its tensors.", remedy: "Store large tensors as raw or external data.")
    }
  }

  private mutating func fill(_ slot: Int) {
    var length = output.count - slot - Self.slotWidth
    for index in 0..<Self.slotWidth {
      output[slot + index] = UInt8(length & 0x7F) | (index == Self.slotWidth - 1 ? 0 : 0x80)
      length >>= 7
    }
  }

  private mutating func field(of frame: Frame) throws(OnyxError) {
    let name = schema.messages[frame.message].name
    let (number, type) = try cursor.tag(end: frame.end, WirePlace(message: name))
    let fields = schema.messages[frame.message].fields
    guard number < fields.count, let field = fields[number] else {
      unknownFieldCount += 1
      return try skip(number, type, end: frame.end, in: name)
    }
    let place = WirePlace(message: name, field: field.name)
    try spend(64)
    switch (field.kind, type) {
    case (.message(let index), .lengthDelimited):
      if !field.isRepeated { try claim(field, in: name) }
      try enter(index, field, end: frame.end, place)
    case (.reference, .lengthDelimited): try refer(field, end: frame.end, place)
    case (.bytes, .lengthDelimited):
      let length = try cursor.length(end: frame.end, place)
      copy(field, length)
    case (.varint, .varint):
      let value = try cursor.varint(end: frame.end, place)
      put(UInt64(field.number) << 3)
      put(value)
    case (.fixed32, .fixed32): try copyFixed(field, 4, type, end: frame.end, place)
    case (.fixed64, .fixed64): try copyFixed(field, 8, type, end: frame.end, place)
    case (.varint, .lengthDelimited) where field.isRepeated, (.fixed32, .lengthDelimited) where field.isRepeated,
      (.fixed64, .lengthDelimited) where field.isRepeated:
      try copyPacked(field, end: frame.end, place)
    default: throw .invalid("The field \(place) has the wrong wire type.", remedy: "The file is damaged or no ONNX file.")
    }
  }

  /// protobuf would merge the two; no ONNX writer makes such files, and merging is where readers break.
  private mutating func claim(_ field: MessageSchema.Field, in name: String) throws(OnyxError) {
    let bit: UInt64 = 1 << UInt64(field.number)
    defer { frames[frames.count - 1].seen |= bit }
    guard frames[frames.count - 1].seen & bit == 0 else {
      throw .invalid("The field \(name).\(field.name) occurs twice in one message.", remedy: OnyxError.damaged)
    }
  }

  private mutating func enter(_ message: Int, _ field: MessageSchema.Field, end: Int, _ place: WirePlace) throws(OnyxError) {
    let length = try cursor.length(end: end, place)
    guard frames.count < Skeleton.deepestNesting else {
      throw .invalid(
        "The model is nested deeper than \(Skeleton.deepestNesting) messages.", remedy: "Flatten the If, Loop and Scan bodies of the model."
      )
    }
    try spend(schema.messages[message].structByteCount)
    put(UInt64(field.number) << 3 | WireCursor.WireType.lengthDelimited.rawValue)
    frames.append(Frame(message: message, end: cursor.position + length, lengthSlot: output.count))
    output.append(contentsOf: repeatElement(0, count: Self.slotWidth))
  }

  private mutating func refer(_ field: MessageSchema.Field, end: Int, _ place: WirePlace) throws(OnyxError) {
    let length = try cursor.length(end: end, place)
    put(UInt64(field.number) << 3 | WireCursor.WireType.lengthDelimited.rawValue)
    put(16)
    for value in [UInt64(cursor.position), UInt64(length)] {
      for shift in stride(from: 0, to: 64, by: 8) { output.append(UInt8(truncatingIfNeeded: value >> UInt64(shift))) }
    }
    cursor.position += length
  }

  private mutating func copyPacked(_ field: MessageSchema.Field, end: Int, _ place: WirePlace) throws(OnyxError) {
    let length = try cursor.length(end: end, place)
    let start = cursor.position
    if field.kind == .varint {
      while cursor.position < start + length { _ = try cursor.varint(end: start + length, place) }
      cursor.position = start
    } else if length % (field.kind == .fixed32 ? 4 : 8) != 0 {
      throw .invalid("The field \(place) ends in the middle of a number.", remedy: OnyxError.damaged)
    }
    copy(field, length)
  }

  private mutating func copyFixed(
    _ field: MessageSchema.Field, _ width: Int, _ type: WireCursor.WireType, end: Int, _ place: WirePlace
  ) throws(OnyxError) {
    let start = cursor.position
    try cursor.skip(width, end: end, place)
    put(UInt64(field.number) << 3 | type.rawValue)
    unsafe output.append(contentsOf: cursor.bytes[start..<start + width])
  }

  /// Copies the next `length` bytes, which are known to be there, as the content of a field.
  private mutating func copy(_ field: MessageSchema.Field, _ length: Int) {
    put(UInt64(field.number) << 3 | WireCursor.WireType.lengthDelimited.rawValue)
    put(UInt64(length))
    unsafe output.append(contentsOf: cursor.bytes[cursor.position..<cursor.position + length])
    cursor.position += length
  }

  private mutating func put(_ value: UInt64) { output.appendVarint(value) }

  private mutating func spend(_ byteCount: Int) throws(OnyxError) {
    memory -= byteCount
    guard memory > 0 else {
      throw .budget("The file holds more fields than a model of its size can have.", remedy: "Store tensors as raw data.")
    }
  }

  /// Passes over a field that is not in the schema; groups inside groups count as nesting.
  private mutating func skip(_ number: Int, _ type: WireCursor.WireType, end: Int, in name: String) throws(OnyxError) {
    let place = WirePlace(message: name, field: "(an unknown field)")
    var groups: [Int] = []
    var (number, type) = (number, type)
    while true {
      switch type {
      case .varint: _ = try cursor.varint(end: end, place)
      case .fixed32: try cursor.skip(4, end: end, place)
      case .fixed64: try cursor.skip(8, end: end, place)
      case .lengthDelimited: cursor.position += try cursor.length(end: end, place)
      case .groupStart:
        guard frames.count + groups.count < Skeleton.deepestNesting else {
          throw .invalid(
            "The file is nested deeper than \(Skeleton.deepestNesting) groups.", remedy: "The file is damaged or no ONNX file.")
        }
        groups.append(number)
      case .groupEnd:
        guard groups.popLast() == number else {
          throw .invalid("A group ends that was not started, in \(name).", remedy: "The file is damaged or no ONNX file.")
        }
      }
      if groups.isEmpty { return }
      (number, type) = try cursor.tag(end: end, place)
    }
  }
}

extension [UInt8] {
  mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}
