import OnyxFiles
import OnyxTensor
import OnyxTestSupport
import Testing

struct NpyTests {
  @Test(arguments: NpyFixture.all)
  func readsWhatNumpyWrites(_ fixture: NpyFixture) throws {
    let tensor = try Npy.decode(base64(fixture.file)[...])
    #expect(tensor.elementType == fixture.type)
    #expect(tensor.shape.dimensions == fixture.shape)
    #expect(RawElements.bytes(of: tensor) == base64(fixture.elements))
  }

  @Test(arguments: StringFixture.all)
  func readsStrings(_ fixture: StringFixture) throws {
    let tensor = try Npy.decode(base64(fixture.file)[...])
    #expect(tensor.shape.dimensions == fixture.shape)
    #expect(try tensor.strings() == fixture.strings)
  }

  @Test(arguments: refusedArrays)
  func refusesWhatNoTensorHolds(_ kind: String, _ file: String) throws {
    let error = #expect(throws: OnyxError.self) { try Npy.decode(base64(file)[...]) }
    #expect(error?.code == .unsupported)
    #expect(error?.remedy != nil)
  }

  @Test(arguments: ElementType.allCases)
  func everyTypeComesBack(_ type: ElementType) throws {
    let tensor = try Tensor.random(type, [2, 3, 4], in: -3...3, seed: 5)
    let read = try Npy.decode(Npy.encode(tensor)[...])
    #expect(allClose(read, tensor, rtol: 0, atol: 0) == nil)
  }

  @Test func everyCodeOfNarrowTypesComesBack() throws {
    for type in ElementType.allCases where type.byteWidth == 1 && type.bitsInFiles == 8 && type != .bool {
      let tensor = try RawElements.tensor(type, shape: [256], bytes: Array(0...255)[...])
      #expect(RawElements.bytes(of: try Npy.decode(Npy.encode(tensor)[...])) == Array(0...255))
    }
  }

  /// Bits that the type does not have are cleared, so that no tensor holds an impossible element.
  @Test func narrowElementsAreNormalized() throws {
    func elements(_ type: ElementType) throws -> [Int64] {
      try RawElements.tensor(type, shape: [4], bytes: [0x07, 0x08, 0xFF, 0x12]).integers()
    }
    #expect(try elements(.int4) == [7, -8, -1, 2])
    #expect(try elements(.uint4) == [7, 8, 15, 2])
    #expect(try elements(.int2) == [-1, 0, -1, -2])
    #expect(try elements(.uint2) == [3, 0, 3, 2])
    #expect(try elements(.bool) == [1, 1, 1, 1])
    let halves = try RawElements.tensor(.float4e2m1, shape: [2], bytes: [0xF2, 0x0B])
    #expect(RawElements.bytes(of: halves) == [2, 0x0B])
    for type in [ElementType.float6e2m3, .float6e3m2] {
      #expect(RawElements.bytes(of: try RawElements.tensor(type, shape: [2], bytes: [0xF2, 0x4B])) == [0x32, 0x0B])
    }
  }

  /// The text of the header as numpy.lib.format documents it; the elements begin at a multiple of 64.
  @Test(arguments: [
    (ElementType.float32, [2, 3], "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"),
    (.uint8, [3], "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }"),
    (.bool, [], "{'descr': '|b1', 'fortran_order': False, 'shape': (), }"),
    (.bfloat16, [0], "{'descr': 'bfloat16', 'fortran_order': False, 'shape': (0,), }"),
    (.float6e2m3, [2], "{'descr': 'float6_e2m3fn', 'fortran_order': False, 'shape': (2,), }"),
    (.float6e3m2, [2], "{'descr': 'float6_e3m2fn', 'fortran_order': False, 'shape': (2,), }"),
    (.complex128, [1], "{'descr': '<c16', 'fortran_order': False, 'shape': (1,), }"),
  ])
  func headersAreNumpys(_ type: ElementType, _ shape: [Int], _ dictionary: String) throws {
    let bytes = try Npy.encode(try Tensor.random(type, Shape(shape), seed: 1))
    let length = Int(bytes[8]) | Int(bytes[9]) << 8
    #expect((10 + length) % 64 == 0)
    #expect(Array(bytes[..<8]) == [0x93] + Array("NUMPY".utf8) + [1, 0])
    let text = String(decoding: bytes[10..<10 + length], as: UTF8.self)
    #expect(text.hasPrefix(dictionary))
    #expect(text.hasSuffix(" \n") || text == dictionary + "\n")
  }

  private func file(_ dictionary: String, _ elements: [UInt8] = []) -> [UInt8] {
    let header = Array((dictionary + "\n").utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count & 255), UInt8(header.count >> 8)] + header + elements
  }

  @Test(arguments: [
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", OnyxError.Code.invalidModel),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", .invalidModel),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807,)}", .budgetExceeded),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4294967296)}", .invalidModel),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", .invalidModel),
    ("{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000000,)}", .budgetExceeded),
    ("{'descr': '<f4', 'fortran_order': 0, 'shape': ()}", .invalidModel),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': 3}", .invalidModel),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': ('a',)}", .invalidModel),
    ("{'descr': '<f4', 'fortran_order': False}", .invalidModel),
    ("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}", .invalidModel),
    ("{'descr': '<f3', 'fortran_order': False, 'shape': ()}", .unsupported),
    ("{'descr': '', 'fortran_order': False, 'shape': ()}", .unsupported),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': ()", .invalidModel),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': ()} x", .invalidModel),
    ("{'shape': ((((((((((((((((((((((((((((((1,)}", .invalidModel),
    ("[]", .invalidModel),
    ("", .invalidModel),
  ])
  func refusesLyingHeaders(_ dictionary: String, _ code: OnyxError.Code) throws {
    let error = #expect(throws: OnyxError.self) { try Npy.decode(file(dictionary)[...]) }
    #expect(error?.code == code, "\(String(describing: error))")
  }

  @Test func understandsOldAndUnusualHeaders() throws {
    let tensor = try Npy.decode(file("{\"shape\":(2L,),\"fortran_order\":False,\"descr\":\"=i2\",}", [1, 0, 2, 0])[...])
    #expect(try tensor.elements(as: Int16.self) == [1, 2])
  }

  @Test func refusesTrailingBytes() throws {
    let bytes = base64(NpyFixture.all[0].file)
    let error = #expect(throws: OnyxError.self) { try Npy.decode((bytes + [0])[...]) }
    #expect(error?.reason == "1 bytes follow the array.")
  }

  @Test func refusesEveryPrefix() throws {
    for fixture in NpyFixture.all where !fixture.elements.isEmpty {
      let bytes = base64(fixture.file)
      for count in bytes.indices {
        #expect(throws: OnyxError.self, "\(fixture) cut at \(count)") { try Npy.decode(bytes[..<count]) }
      }
    }
  }

  /// Damage anywhere gives another array or an error, never a trap.
  @Test func survivesEveryChangedByte() throws {
    for file in NpyFixture.all.map(\.file) + StringFixture.all.map(\.file) {
      let bytes = base64(file)
      for index in bytes.indices {
        for value in [0, 0x28, 0x39, 0x7B, 0xFF] as [UInt8] {
          var damaged = bytes
          damaged[index] = value
          _ = try? Npy.decode(damaged[...])
        }
      }
    }
  }
}
