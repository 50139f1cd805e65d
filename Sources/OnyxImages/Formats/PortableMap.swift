import OnyxTensor

/// Portable bitmaps, graymaps and pixmaps of Netpbm: P1 … P6, texts and bytes.
///
/// Samples become 8 bits as Pillow makes them: value / maxval · 255, rounded to even.
enum PortableMap {
  static func isHeader(_ bytes: [UInt8]) -> Bool {
    bytes.count > 2 && bytes[0] == 0x50 && (0x31...0x36).contains(bytes[1]) && (isSpace(bytes[2]) || bytes[2] == 0x23)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  /// Throws `invalidModel` for a broken file and `budgetExceeded` for an image of more than `limit` bytes. What follows the first image is
  /// left aside.
  static func decode(_ bytes: [UInt8], limit: Int) throws(OnyxError) -> Pixels {
    guard isHeader(bytes) else { throw ImageBytes(bytes, format: "PNM").invalid("it has no header") }
    var reader = Reader(ImageBytes(bytes, format: "PNM"))
    let kind = Int(bytes[1] - 0x30)
    let (isBits, isText) = (kind == 1 || kind == 4, kind <= 3)
    let (width, height) = (try reader.number(), try reader.number())
    let most = isBits ? 1 : try reader.number()
    guard (1...65535).contains(most) else { throw reader.file.invalid("its largest value is \(most)") }
    let channels = kind % 3 == 0 ? 3 : 1
    let count = try Pixels.byteCount("PNM", width: width, height: height, channels: channels, limit: limit)
    let samples: [UInt8]
    if !isText { reader.place += 1 }
    if isBits {
      samples = isText ? try reader.digits(count) : try reader.bits(width: width, height: height)
    } else {
      let scale = (0...most).map { UInt8((Double($0) / Double(most) * 255).rounded(.toNearestOrEven)) }
      samples = isText ? try reader.texts(count, scale) : try reader.binary(count, scale)
    }
    return Pixels(width: width, height: height, channels: channels, bytes: samples)
  }

  private struct Reader {
    let file: ImageBytes
    var place = 2

    init(_ file: ImageBytes) { self.file = file }

    /// Goes to the next byte that is neither white space nor part of a comment.
    private mutating func skip() {
      while place < file.count {
        if file.bytes[place] == 0x23 {
          while place < file.count, file.bytes[place] != 0x0A, file.bytes[place] != 0x0D { place += 1 }
        } else if !PortableMap.isSpace(file.bytes[place]) {
          return
        } else {
          place += 1
        }
      }
    }

    mutating func number() throws(OnyxError) -> Int {
      skip()
      let start = place
      var value = 0
      while place < file.count, (0x30...0x39).contains(file.bytes[place]), value <= 1 << 31 {
        value = 10 * value + Int(file.bytes[place] - 0x30)
        place += 1
      }
      guard place > start else { throw file.invalid(place < file.count ? "a number is missing" : "the file ends early") }
      return value
    }

    /// Bits as digits, with or without space between them; 1 is black.
    mutating func digits(_ count: Int) throws(OnyxError) -> [UInt8] {
      _ = try file.part(at: place, count)
      var samples: [UInt8] = []
      samples.reserveCapacity(count)
      while samples.count < count {
        skip()
        let digit = try file.byte(at: place)
        guard digit == 0x30 || digit == 0x31 else { throw file.invalid("a bit is neither 0 nor 1") }
        samples.append(digit == 0x30 ? 255 : 0)
        place += 1
      }
      return samples
    }

    /// Rows of bits from the highest on, each filled up to a byte; 1 is black.
    func bits(width: Int, height: Int) throws(OnyxError) -> [UInt8] {
      let stride = (width + 7) / 8
      let rows = try file.part(at: place, stride * height)
      var samples: [UInt8] = []
      samples.reserveCapacity(width * height)
      for row in 0..<height {
        let first = rows.startIndex + row * stride
        for x in 0..<width { samples.append(rows[first + x / 8] >> UInt8(7 - x % 8) & 1 == 1 ? 0 : 255) }
      }
      return samples
    }

    mutating func texts(_ count: Int, _ scale: [UInt8]) throws(OnyxError) -> [UInt8] {
      _ = try file.part(at: place, count)
      var samples: [UInt8] = []
      samples.reserveCapacity(count)
      for _ in 0..<count {
        let value = try number()
        guard value < scale.count else { throw file.invalid("a sample is larger than \(scale.count - 1)") }
        samples.append(scale[value])
      }
      return samples
    }

    /// One byte for each sample, two, the higher first, where one does not hold the largest value. A sample past that value counts as it.
    func binary(_ count: Int, _ scale: [UInt8]) throws(OnyxError) -> [UInt8] {
      let width = scale.count > 256 ? 2 : 1
      let part = try file.part(at: place, count * width)
      if scale.count == 256 { return Array(part) }
      return (0..<count).map { index in
        let first = part.startIndex + index * width
        let value = width == 1 ? Int(part[first]) : Int(part[first]) << 8 | Int(part[first + 1])
        return scale[min(value, scale.count - 1)]
      }
    }
  }
}
