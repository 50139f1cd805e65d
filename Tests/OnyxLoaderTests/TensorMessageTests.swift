import OnyxProto
import OnyxTensor
import OnyxTestSupport
import Testing

@Suite struct TensorMessageTests {
  static func values(_ tensor: Tensor) throws -> [Double] {
    tensor.elementType.domain == .complex ? try tensor.complexes().flatMap { [$0.real, $0.imaginary] } : try tensor.doubles()
  }

  @Test(arguments: TensorFixture.all) func rawAndTypedFieldsOfEveryType(_ fixture: TensorFixture) throws {
    for file in [fixture.raw, fixture.typed] {
      let (name, tensor) = try TensorMessage.decode(try ByteSlice(copying: base64(file)))
      #expect(name == "t")
      #expect(tensor.elementType == fixture.type)
      #expect(tensor.shape == [5])
      #expect(try Self.values(tensor) == fixture.values)
    }
  }

  @Test func everyNumericTypeHasAFixture() {
    #expect(Set(TensorFixture.all.map(\.type)) == Set(ElementType.allCases).subtracting([.string]))
  }

  /// What we write is, byte for byte, what the reference implementation writes (it puts dims and name in the same order).
  @Test(arguments: TensorFixture.all) func encodesWhatTheReferenceReads(_ fixture: TensorFixture) throws {
    let tensor = try TensorMessage.decode(try ByteSlice(copying: base64(fixture.typed))).tensor
    let bytes = try TensorMessage.encode(tensor, name: "t")
    let packedDimensions: [UInt8] = [0x0A, 1, 5]
    #expect(bytes == packedDimensions + base64(fixture.raw).dropFirst(2))
  }

  @Test func stringsGoThroughUnchanged() throws {
    let tensor = try Tensor(["", "ä", "a\0b", "日本"], shape: [2, 2])
    let bytes = Wire.data(1, [2, 2]) + Wire.int(2, 8) + ["", "ä", "a\0b", "日本"].flatMap { Wire.text(6, $0) }
    #expect(try TensorMessage.encode(tensor) == bytes)
    let back = try TensorMessage.decode(try ByteSlice(copying: bytes)).tensor
    #expect(try back.strings() == tensor.strings())
    #expect(back.shape == [2, 2])
  }

  @Test func unpackedRepeatedFieldsReadAsPackedOnes() throws {
    let unpacked = Onnx.tensor("t", type: 7, dims: [3], Wire.int(7, 5) + Wire.int(7, -6) + Wire.int(7, 7))
    let packed = Wire.data(1, [3]) + Wire.int(2, 7) + Wire.data(7, Wire.varint(5) + Wire.varint(UInt64(bitPattern: -6)) + Wire.varint(7))
    for bytes in [unpacked, packed] {
      #expect(try TensorMessage.decode(try ByteSlice(copying: bytes)).tensor.integers() == [5, -6, 7])
    }
    let floats = Onnx.tensor("t", dims: [2], Wire.float(4, 1.5) + Wire.float(4, -2))
    #expect(try TensorMessage.decode(try ByteSlice(copying: floats)).tensor.doubles() == [1.5, -2])
  }

  @Test func boolBytesBecomeZeroAndOne() throws {
    let bytes = Onnx.tensor("t", type: 9, dims: [4], Wire.data(9, [0, 1, 2, 255]))
    #expect(try TensorMessage.decode(try ByteSlice(copying: bytes)).tensor.booleans() == [false, true, true, true])
    let typed = Onnx.tensor("t", type: 9, dims: [3], Wire.data(5, [0, 7, 1]))
    #expect(try TensorMessage.decode(try ByteSlice(copying: typed)).tensor.booleans() == [false, true, true])
  }

  @Test func emptyTensorsNeedNoData() throws {
    for type in ElementType.allCases {
      let tensor = try TensorMessage.decode(try ByteSlice(copying: Onnx.tensor("t", type: Int64(type.rawValue), dims: [3, 0], []))).tensor
      #expect(tensor.shape == [3, 0])
      #expect(tensor.elementType == type)
    }
  }

  /// One raw tensor at every offset from an aligned start: small ones are copied, large ones when they are first read.
  @Test(arguments: [10, 5000]) func misalignedDataReadsRight(_ count: Int) throws {
    let values = (0..<count).map { Float($0) * 0.5 }
    for padding in 0..<9 {
      let bytes = Onnx.tensor(String(repeating: "n", count: padding + 1), dims: [Int64(count)], Wire.data(9, Wire.floats(values)))
      let tensor = try TensorMessage.decode(try ByteSlice(copying: bytes)).tensor
      #expect(unsafe tensor.withUnalignedBytes { unsafe Array($0) } == Wire.floats(values))
      #expect(try tensor.elements(as: Float.self) == values)
      #expect(unsafe tensor.withUnalignedBytes { unsafe Array($0) } == Wire.floats(values))
      let address = unsafe tensor.withBytes { UInt(bitPattern: $0.baseAddress) }
      #expect(address % 4 == 0)
    }
  }

  @Test func manyThreadsMayTouchADeferredCopyFirst() async throws {
    let values = (0..<100_000).map { Float($0) }
    for padding in 1...4 {
      let bytes = Onnx.tensor(String(repeating: "n", count: padding), dims: [100_000], Wire.data(9, Wire.floats(values)))
      let tensor = try TensorMessage.decode(try ByteSlice(copying: bytes)).tensor
      let sums = try await withThrowingTaskGroup(of: Double.self) { group in
        for _ in 0..<8 { group.addTask { try tensor.doubles().reduce(0, +) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(sums == Array(repeating: 4_999_950_000, count: 8))
    }
  }

  /// 6-bit elements cross bytes: every length up to three groups. Expected: onnx.numpy_helper.from_array.
  @Test(arguments: [ElementType.float6e2m3, .float6e3m2]) func sixBitElementsArePackedFourIntoThreeBytes(_ type: ElementType) throws {
    let codes: [UInt8] = [21, 58, 31, 4, 41, 14, 51, 24, 61]
    let rows: [(Int, [UInt8])] = [
      (1, [21]), (2, [149, 14]), (3, [149, 254, 1]), (4, [149, 254, 17]), (7, [149, 254, 17, 169, 51, 3]),
      (8, [149, 254, 17, 169, 51, 99]),
      (9, [149, 254, 17, 169, 51, 99, 61]),
    ]
    for (count, packed) in rows {
      let bytes = Onnx.tensor("t", type: Int64(type.rawValue), dims: [Int64(count)], Wire.data(9, packed))
      let tensor = try TensorMessage.decode(try ByteSlice(copying: bytes)).tensor
      #expect(unsafe tensor.withBytes { unsafe Array($0) } == Array(codes[..<count]))
      #expect(try TensorMessage.encode(tensor).suffix(packed.count + 2) == [0x4A, UInt8(packed.count)] + packed)
      // In int32_data one entry is one element, whose upper bits mean nothing.
      let typed = Onnx.tensor(
        "t", type: Int64(type.rawValue), dims: [Int64(count)], Wire.data(5, codes[..<count].flatMap { Wire.varint(UInt64($0) + 64) }))
      #expect(
        unsafe try TensorMessage.decode(try ByteSlice(copying: typed)).tensor.withBytes { unsafe Array($0) } == Array(codes[..<count]))
    }
  }

  struct Bad: Sendable {
    let bytes: [UInt8]
    let code: OnyxError.Code
    let text: String
    init(_ bytes: [UInt8], _ code: OnyxError.Code = .invalidModel, _ text: String) {
      self.bytes = bytes
      self.code = code
      self.text = text
    }
  }

  static let bad: [Bad] = [
    Bad(Onnx.tensor("t", dims: [3], Wire.data(9, Wire.floats([1, 2]))), "has 8 bytes of data; float32[3] needs 12"),
    Bad(Onnx.tensor("t", dims: [-3], Wire.data(9, [])), "negative dimension"),
    Bad(Onnx.tensor("t", dims: [1 << 62, 8], Wire.data(9, [])), "more elements than fit"),
    Bad(Onnx.tensor("t", dims: [Int64.max], Wire.data(9, [1])), "more elements than fit"),
    Bad(Onnx.tensor("t", dims: [Int64.max / 4], Wire.data(4, [0, 0, 0, 0])), "has 1 values"),
    Bad(Onnx.tensor("t", dims: [2], []), "has no data"),
    Bad(Onnx.tensor("t", type: 0, dims: [1], Wire.data(9, [1])), "undefined"),
    Bad(Onnx.tensor("t", type: 27, dims: [3], Wire.data(9, [1, 2])), "has 2 bytes of data; float6e2m3[3] needs 3"),
    Bad(Onnx.tensor("t", type: 28, dims: [4], Wire.data(5, [1, 2, 3])), "has 3 values; the shape [4] needs 4"),
    Bad(Onnx.tensor("t", type: 99, dims: [1], Wire.data(9, [1])), .unsupported, "number 99"),
    Bad(Onnx.tensor("t", type: 8, dims: [1], Wire.data(9, [1])), "Strings cannot be stored as raw"),
    Bad(Onnx.tensor("t", type: 7, dims: [1], Wire.data(4, [0, 0, 0, 0])), "int64 elements cannot be stored in the field float_data"),
    Bad(Onnx.tensor("t", type: 8, dims: [2], Wire.text(6, "only one")), "string_data has 1 values"),
    Bad(Onnx.tensor("t", type: 14, dims: [1], Wire.data(4, [0, 0, 0, 0])), "needs 1 × 2"),
    Bad(Onnx.tensor("t", type: 22, dims: [3], Wire.data(5, [1])), "has 1 values; the shape [3] needs 2"),
    Bad(Onnx.tensor("t", dims: [2], Wire.data(4, [0, 0, 0])), "ends in the middle of a number"),
    Bad(Onnx.tensor("t", dims: Array(repeating: 1, count: 300), Wire.data(9, [0, 0, 0, 0])), .unsupported, "300 dimensions"),
    Bad(Onnx.tensor("t", dims: [1], Wire.message(3, Wire.int(1, 0)) + Wire.data(9, [0, 0, 0, 0])), .unsupported, "a part of a tensor"),
    Bad(Onnx.tensor("t", dims: [1], Wire.tag(9, 2) + [100, 0, 0, 0, 0]), "says that it has 100 bytes, but only 4 are left"),
    Bad(
      Wire.text(1, "seq") + Wire.int(2, 1) + Wire.data(3, Onnx.raw("a", floats: [1])) + Wire.data(3, Onnx.raw("b", floats: [1])),
      .unsupported,
      "a sequence"),
    Bad([], "empty"),
    Bad(Onnx.external("t", dims: [1], [("location", "w.bin")]), .usage, "without a folder"),
  ]

  @Test(arguments: bad) func refuses(_ bad: Bad) throws {
    let error = failure { () throws(OnyxError) in try TensorMessage.decode(try ByteSlice(copying: bad.bytes)) }
    #expect(error?.code == bad.code)
    #expect(error?.reason.contains(bad.text) == true, "\(error?.reason ?? "no error")")
  }

  @Test func readsFilesAndTheirExternalData() throws {
    let folder = TemporaryFolder()
    let plain = try folder.write("input_0.pb", Onnx.raw("x", floats: [1, 2]))
    #expect(try TensorMessage.decode(contentsOf: plain).tensor.doubles() == [1, 2])
    try folder.write("w.bin", Wire.floats([9, 8, 7]))
    let external = try folder.write("input_1.pb", Onnx.external("x", dims: [2], [("location", "w.bin"), ("offset", "4"), ("length", "8")]))
    #expect(try TensorMessage.decode(contentsOf: external).tensor.doubles() == [8, 7])
    let missing = failure { () throws(OnyxError) in try TensorMessage.decode(contentsOf: folder.path + "/none.pb") }
    #expect(missing?.code == .missingFile)
    #expect(failure { () throws(OnyxError) in try TensorMessage.decode(contentsOf: folder.path) }?.code == .missingFile)
  }
}
extension TensorMessageTests.Bad {
  init(_ bytes: [UInt8], _ text: String) { self.init(bytes, .invalidModel, text) }
}
