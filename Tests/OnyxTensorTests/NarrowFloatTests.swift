import OnyxTensor
import Testing

/// Every code of the narrow floats against ml_dtypes 0.6. The tables are compared through their FNV-1a hashes, a few codes
/// are spelled out.
struct NarrowFloatTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let type: ElementType
    /// Over the float32 bits of codes 0, 1, 2 … (little-endian; NaN as 0x7FC00000).
    let decodedHash: UInt64
    /// Over the codes of all midpoints between neighbouring finite magnitudes, each followed by the float32 just below
    /// and just above it, then the same negated.
    let encodedHash: UInt64?
    let largest: Float
    let smallest: Float
    let nanCodes: Set<Int>

    var testDescription: String { "\(type)" }
    var codes: ClosedRange<UInt8> { 0...(UInt8.max >> (8 - type.bitsInFiles)) }
  }

  static let rows = [
    Row(
      type: .float8e4m3fn, decodedHash: 0xDAD1_D9C5_0F74_9CA5, encodedHash: 0x319A_C745_94F9_B925, largest: 448, smallest: 0x1p-9,
      nanCodes: [127, 255]),
    Row(
      type: .float8e4m3fnuz, decodedHash: 0xF518_51CB_11C6_3018, encodedHash: 0x2A60_E571_5BF9_76C3, largest: 240, smallest: 0x1p-10,
      nanCodes: [128]),
    Row(
      type: .float8e5m2, decodedHash: 0x6C1E_56B6_FB09_C905, encodedHash: 0xDE1E_02D9_6E79_5477, largest: 57344, smallest: 0x1p-16,
      nanCodes: [125, 126, 127, 253, 254, 255]),
    Row(
      type: .float8e5m2fnuz, decodedHash: 0x94AE_6FC4_93D4_9818, encodedHash: 0x2A60_E571_5BF9_76C3, largest: 57344, smallest: 0x1p-17,
      nanCodes: [128]),
    Row(type: .float8e8m0, decodedHash: 0x6D2C_8B41_C3F0_E5A5, encodedHash: nil, largest: 0x1p127, smallest: 0x1p-127, nanCodes: [255]),
    Row(type: .float4e2m1, decodedHash: 0x2403_BB76_B85D_FEA5, encodedHash: 0x456F_67A5_C836_80DB, largest: 6, smallest: 0.5, nanCodes: []),
    Row(
      type: .float6e2m3, decodedHash: 0x7FFA_CB24_AD8B_0AA5, encodedHash: 0x4857_79A0_FBE1_AFE3, largest: 7.5, smallest: 0.125, nanCodes: []
    ),
    Row(
      type: .float6e3m2, decodedHash: 0x25DA_1343_4201_D785, encodedHash: 0x4857_79A0_FBE1_AFE3, largest: 28, smallest: 0.0625, nanCodes: []
    ),
  ]

  private func decode(_ type: ElementType, _ code: UInt8) -> Double {
    switch type {
    case .float8e4m3fn: Float8E4M3FN(bits: code).wide
    case .float8e4m3fnuz: Float8E4M3FNUZ(bits: code).wide
    case .float8e5m2: Float8E5M2(bits: code).wide
    case .float8e5m2fnuz: Float8E5M2FNUZ(bits: code).wide
    case .float8e8m0: Float8E8M0(bits: code).wide
    case .float6e2m3: Float6E2M3(bits: code).wide
    case .float6e3m2: Float6E3M2(bits: code).wide
    default: Float4E2M1(bits: code).wide
    }
  }

  private func encode(_ type: ElementType, _ value: Double, saturate: Bool = true) -> UInt8 {
    switch type {
    case .float8e4m3fn: Float8E4M3FN(value, saturate: saturate).bits
    case .float8e4m3fnuz: Float8E4M3FNUZ(value, saturate: saturate).bits
    case .float8e5m2: Float8E5M2(value, saturate: saturate).bits
    case .float8e5m2fnuz: Float8E5M2FNUZ(value, saturate: saturate).bits
    case .float8e8m0: Float8E8M0(value, round: .up, saturate: saturate).bits
    case .float6e2m3: Float6E2M3(value, saturate: saturate).bits
    case .float6e3m2: Float6E3M2(value, saturate: saturate).bits
    default: Float4E2M1(value, saturate: saturate).bits
    }
  }

  private func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  @Test(arguments: rows)
  func decodesEveryCode(_ row: Row) {
    let values = row.codes.map { Float(decode(row.type, $0)) }
    let bits = values.map { $0.isNaN ? 0x7FC0_0000 : $0.bitPattern }
    #expect(hash(bits.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }) == row.decodedHash)
    #expect(Set(values.indices.filter { values[$0].isNaN }) == row.nanCodes)
    #expect(values.filter(\.isFinite).max() == row.largest)
    #expect(values.filter { $0 > 0 }.min() == row.smallest)
  }

  @Test(arguments: rows)
  func everyNumberKeepsItsCode(_ row: Row) {
    for code in row.codes where !row.nanCodes.contains(Int(code)) {
      let value = decode(row.type, code)
      #expect(encode(row.type, value, saturate: value.isFinite) == code)
    }
  }

  @Test(arguments: rows.filter { $0.encodedHash != nil })
  func roundsToNearestEven(_ row: Row) throws {
    let magnitudes = row.codes.map { decode(row.type, $0) }.filter { $0.isFinite && $0.sign == .plus }.sorted()
    let samples = zip(magnitudes, magnitudes.dropFirst()).flatMap { low, high in
      let middle = Float((low + high) / 2)
      return [middle, middle.nextDown, middle.nextUp].map { Double($0) }
    }
    #expect(hash((samples + samples.map { -$0 }).map { encode(row.type, $0) }) == row.encodedHash)
  }

  /// The two tables of ONNX Cast, columns E4M3FN, E4M3FNUZ, E5M2, E5M2FNUZ.
  @Test(
    arguments: [
      (0.0, true, [0, 0, 0, 0]), (-0.0, true, [0x80, 0, 0x80, 0]),
      (.infinity, true, [0x7E, 0x7F, 0x7B, 0x7F]), (-.infinity, true, [0xFE, 0xFF, 0xFB, 0xFF]),
      (1e9, true, [0x7E, 0x7F, 0x7B, 0x7F]), (-1e9, true, [0xFE, 0xFF, 0xFB, 0xFF]),
      (0.0, false, [0, 0, 0, 0]), (-0.0, false, [0x80, 0, 0x80, 0]),
      (.infinity, false, [0x7F, 0x80, 0x7C, 0x80]), (-.infinity, false, [0xFF, 0x80, 0xFC, 0x80]),
      (1e9, false, [0x7F, 0x80, 0x7C, 0x80]), (-1e9, false, [0xFF, 0x80, 0xFC, 0x80]),
      // NaN, -NaN: the sign stays where there are two.
      (.nan, true, [0x7F, 0x80, 0x7F, 0x80]), (.nan, false, [0x7F, 0x80, 0x7F, 0x80]), (-.nan, false, [0xFF, 0x80, 0xFF, 0x80]),
    ] as [(Double, Bool, [UInt8])])
  func specialValues(_ value: Double, _ saturate: Bool, _ codes: [UInt8]) {
    let types: [ElementType] = [.float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz]
    #expect(types.map { encode($0, value, saturate: saturate) } == codes)
  }

  /// The largest number is left only by what rounds past it.
  @Test func overflowIsDecidedAfterRounding() {
    #expect(encode(.float8e4m3fn, 464, saturate: false) == 0x7E)
    #expect(encode(.float8e4m3fn, 464.0.nextUp, saturate: false) == 0x7F)
    #expect(encode(.float8e4m3fnuz, 247, saturate: false) == 0x7F)
    #expect(encode(.float8e4m3fnuz, 248, saturate: false) == 0x80)
    #expect(encode(.float8e5m2, 61440.0.nextDown, saturate: false) == 0x7B)
    #expect(encode(.float8e5m2, 61440, saturate: false) == 0x7C)
    #expect(encode(.float8e5m2fnuz, 61440.0.nextDown, saturate: false) == 0x7F)
    #expect(encode(.float8e5m2fnuz, 61440, saturate: false) == 0x80)
  }

  /// ONNX "Float stored in 4 bits": no infinity and no NaN, so everything large becomes 6. NaN becomes 0, as in the official
  /// test of Cast (the text of the standard says 6).
  @Test func fourBits() {
    #expect([7, -7, .infinity, -.infinity, 1e300, -0.0, .nan].map { encode(.float4e2m1, $0) } == [7, 15, 7, 15, 7, 8, 0])
    #expect([7, -7, .infinity].map { encode(.float4e2m1, $0, saturate: false) } == [7, 15, 7])
    // 0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5 are ties.
    #expect([0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5].map { encode(.float4e2m1, $0) } == [0, 2, 2, 4, 4, 6, 6])
    #expect(Float4E2M1(bits: 0xF7).bits == 7)
  }

  /// As with 4 bits: no infinity, no NaN.
  @Test func sixBits() {
    #expect(
      [8, -8, .infinity, -.infinity, 1e300, -0.0, .nan].map { encode(.float6e2m3, $0, saturate: false) } == [31, 63, 31, 63, 31, 32, 0])
    #expect(
      [30, -30, .infinity, -.infinity, 1e300, -0.0, .nan].map { encode(.float6e3m2, $0, saturate: false) } == [31, 63, 31, 63, 31, 32, 0])
    #expect(Float6E2M3(bits: 0xFF).bits == 63 && Float6E3M2(bits: 0x7F).bits == 63)
  }

  /// ONNX Cast: the table for FLOAT8E8M0 and the three rounding modes.
  @Test func powersOfTwo() {
    func code(_ value: Double, _ round: Float8E8M0.Rounding, _ saturate: Bool = true) -> UInt8 {
      Float8E8M0(value, round: round, saturate: saturate).bits
    }
    #expect([1, 1.0.nextUp, 1.5, 2, 0.124, 0.5.nextDown].map { code($0, .up) } == [127, 128, 128, 128, 124, 126])
    #expect([1, 1.0.nextUp, 1.5.nextDown, 1.5, 1.9, 2].map { code($0, .nearest) } == [127, 127, 127, 128, 128, 128])
    #expect([1, 1.9, 2, 0.124].map { code($0, .down) } == [127, 127, 128, 123])
    #expect([0, .infinity, 0x1p128, 0x1p127.nextUp, 0x1p-200, .nan].map { code($0, .up) } == [0, 254, 254, 254, 0, 255])
    #expect([0, .infinity, 0x1p128, 0x1p-200, .nan].map { code($0, .nearest, false) } == [255, 255, 255, 255, 255])
    #expect([0x1p127, 0x1p-127].map { code($0, .nearest, false) } == [254, 0])
  }

  @Test func tensorsRoundOnceWithSaturation() throws {
    let tensor = try Tensor(floating: [1e9, 0.3, -.infinity], as: .float8e4m3fn, shape: [3])
    #expect(try tensor.doubles() == [448, 0.3125, -448])
  }
}
