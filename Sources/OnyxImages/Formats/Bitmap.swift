import OnyxTensor

/// Windows and OS/2 bitmaps: 1, 4, 8, 16, 24 and 32 bits for a pixel, run lengths of 4 and 8 bits, bit fields, rows from either end.
enum Bitmap {
  /// The sizes of the headers that are known, from OS/2's of 12 bytes to version 5.
  private static let headerSizes = [12, 40, 52, 56, 64, 108, 124]

  static func isHeader(_ bytes: [UInt8]) -> Bool {
    guard bytes.starts(with: [0x42, 0x4D]), let size = try? ImageBytes(bytes, format: "BMP").little(at: 14, 4) else { return false }
    return headerSizes.contains(size)
  }

  /// RGB, or RGBA where the file says which bits are alpha. Throws `invalidModel` for a broken file and `budgetExceeded` for an image of
  /// more than `limit` bytes.
  static func decode(_ bytes: [UInt8], limit: Int) throws(OnyxError) -> Pixels {
    let header = try Header(ImageBytes(bytes, format: "BMP"))
    let channels = header.masks.count == 4 ? 4 : 3
    let count = try Pixels.byteCount("BMP", width: header.width, height: header.height, channels: channels, limit: limit)
    let rows = header.isRunLength ? try header.runLengthRows() : try header.plainRows()
    var pixels: [UInt8] = []
    pixels.reserveCapacity(count)
    for y in 0..<header.height {
      let row = header.isTopDown ? y : header.height - 1 - y
      try header.append(rows, row, to: &pixels)
    }
    return Pixels(width: header.width, height: header.height, channels: channels, bytes: pixels)
  }

  /// Rows from the first of the file on: whole pixels as they stand there, or one index of a palette in each byte.
  private struct Rows {
    let bytes: ArraySlice<UInt8>
    let stride: Int
    /// Bits for a pixel or an index.
    let bits: Int
  }

  private struct Header {
    let file: ImageBytes
    var (width, height, bits, compression) = (0, 0, 0, 0)
    var isTopDown = false
    var palette: [SIMD3<UInt8>] = []
    /// The bits of red, green, blue and, where there is any, alpha, of pixels of 16 and 32 bits.
    var masks: [UInt32] = []
    private var pixels = 0

    var isRunLength: Bool { compression == 1 || compression == 2 }

    init(_ file: ImageBytes) throws(OnyxError) {
      self.file = file
      guard Bitmap.isHeader(file.bytes) else { throw file.invalid("it has no header") }
      let size = try file.little(at: 14, 4)
      pixels = try file.little(at: 10, 4)
      var colors = 0
      if size == 12 {
        (width, height, bits) = (try file.little(at: 18, 2), try file.little(at: 20, 2), try file.little(at: 24, 2))
      } else {
        width = try file.little(at: 18, 4)
        let signed = Int32(truncatingIfNeeded: try file.little(at: 22, 4))
        (isTopDown, height) = (signed < 0, Int(signed.magnitude))
        (bits, compression, colors) = (try file.little(at: 28, 2), try file.little(at: 30, 4), try file.little(at: 46, 4))
      }
      let isKnown =
        switch compression {
        case 0: [1, 4, 8, 16, 24, 32].contains(bits)
        case 1: bits == 8 && !isTopDown
        case 2: bits == 4 && !isTopDown
        case 3, 6: bits == 16 || bits == 32
        default: false
        }
      guard isKnown else { throw file.invalid("\(bits) bits in compression \(compression) are not supported") }
      var place = 14 + size
      if bits == 16 || bits == 32 { try readMasks(&place, headerSize: size) }
      if bits <= 8 { try readPalette(at: place, colors: colors == 0 ? 1 << bits : min(colors, 1 << bits), width: size == 12 ? 3 : 4) }
    }

    private mutating func readMasks(_ place: inout Int, headerSize: Int) throws(OnyxError) {
      guard compression != 0 else {
        masks = bits == 16 ? [0x7C00, 0x3E0, 0x1F] : [0xFF0000, 0xFF00, 0xFF]
        return
      }
      // Later headers hold the masks; behind the one of 40 bytes they follow.
      let hasAlpha = headerSize >= 56 || compression == 6
      for index in 0..<(hasAlpha ? 4 : 3) { masks.append(UInt32(try file.little(at: 54 + 4 * index, 4))) }
      if hasAlpha, masks[3] == 0 { masks.removeLast() }
      guard masks.allSatisfy({ $0 != 0 }) else { throw file.invalid("a color has no bits") }
    }

    private mutating func readPalette(at place: Int, colors: Int, width: Int) throws(OnyxError) {
      let part = try file.part(at: place, colors * width)
      palette = (0..<colors).map { index in
        let first = part.startIndex + index * width
        return SIMD3(part[first + 2], part[first + 1], part[first])
      }
    }

    // MARK: Rows

    /// Rows as they stand in the file, each filled up to 4 bytes.
    func plainRows() throws(OnyxError) -> Rows {
      let stride = (width * bits + 31) / 32 * 4
      return Rows(bytes: try file.part(at: pixels, stride * height), stride: stride, bits: bits)
    }

    /// Indices of run lengths. Pixels that the runs leave out have index 0; runs past the end of a row or of the image are cut, as
    /// Pillow does.
    func runLengthRows() throws(OnyxError) -> Rows {
      var indices = [UInt8](repeating: 0, count: width * height)
      var (x, y, place) = (0, 0, pixels)
      func put(_ index: UInt8) {
        if x < width, y < height { indices[y * width + x] = index }
        x += 1
      }
      while y < height {
        let (count, value) = (try file.byte(at: place), UInt8(try file.byte(at: place + 1)))
        place += 2
        switch (count, value) {
        case (0, 0): (x, y) = (0, y + 1)
        case (0, 1): y = height
        case (0, 2):
          (x, y) = (x + (try file.byte(at: place)), y + (try file.byte(at: place + 1)))
          place += 2
        case (0, _):
          let length = Int(value)
          let bytes = bits == 8 ? length : (length + 1) / 2
          let part = try file.part(at: place, bytes)
          for index in 0..<length { put(bits == 8 ? part[place + index] : Self.nibble(part[place + index / 2], index)) }
          // A run of single indices is filled up to 2 bytes.
          place += bytes + bytes % 2
        default: for index in 0..<count { put(bits == 8 ? value : Self.nibble(value, index)) }
        }
      }
      return Rows(bytes: indices[...], stride: width, bits: 8)
    }

    private static func nibble(_ byte: UInt8, _ index: Int) -> UInt8 { index % 2 == 0 ? byte >> 4 : byte & 15 }

    /// Adds a row's pixels. An index past the palette is black.
    func append(_ rows: Rows, _ row: Int, to target: inout [UInt8]) throws(OnyxError) {
      let start = rows.bytes.startIndex + row * rows.stride
      for x in 0..<width {
        switch rows.bits {
        case 1, 4, 8:
          let perByte = 8 / rows.bits
          let byte = rows.bytes[start + x / perByte] >> UInt8((perByte - 1 - x % perByte) * rows.bits)
          let index = Int(byte) & (1 << rows.bits - 1)
          Self.append(index < palette.count ? palette[index] : SIMD3(0, 0, 0), to: &target)
        case 24:
          let first = start + 3 * x
          Self.append(SIMD3(rows.bytes[first + 2], rows.bytes[first + 1], rows.bytes[first]), to: &target)
        default:
          let (width, first) = (rows.bits / 8, start + rows.bits / 8 * x)
          let pixel = rows.bytes[first..<first + width].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
          for mask in masks { target.append(Self.field(pixel, mask)) }
        }
      }
    }

    private static func append(_ color: SIMD3<UInt8>, to target: inout [UInt8]) {
      for channel in 0..<3 { target.append(color[channel]) }
    }

    /// The bits of a mask as a number of 0 … 255, rounded down.
    private static func field(_ pixel: UInt32, _ mask: UInt32) -> UInt8 {
      let shift = UInt32(mask.trailingZeroBitCount)
      return UInt8(UInt64((pixel & mask) >> shift) * 255 / UInt64(mask >> shift))
    }
  }
}
