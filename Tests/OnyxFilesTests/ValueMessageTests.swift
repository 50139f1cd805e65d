import OnyxProto
import OnyxTensor
import OnyxTestSupport
import Testing

/// SequenceProto, OptionalProto and MapProto.
@Suite struct ValueMessageTests {
  private static func values() throws -> [Value] {
    let (a, b) = (Value.tensor(try Tensor([1, 2] as [Float])), Value.tensor(try Tensor([[3]] as [[Float]])))
    let texts = Value.map(try MapValue(keys: try Tensor(["x", "y"]), values: try Tensor([1, 2] as [Int64])))
    let numbers = Value.map(try MapValue(keys: try Tensor([-5, 7] as [Int64]), values: try Tensor([0.5, 1] as [Float])))
    return [
      a, .sequence(of: .tensor(.float32), [a, b]), .sequence(of: .tensor(.string), []), .optional(of: .tensor(.float32), a),
      .optional(of: .sequence(.tensor(.float32)), .sequence(of: .tensor(.float32), [b])), .optional(of: .tensor(.bool), nil), texts,
      numbers,
      .sequence(of: numbers.kind, [numbers, numbers]),
    ]
  }

  @Test func whatIsWrittenIsRead() throws {
    for value in try Self.values() {
      let (name, read) = try ValueMessage.decode(ByteSlice(copying: try ValueMessage.encode(value, name: "v")), as: value.kind)
      #expect(name == "v" && read.kind == value.kind, "\(value)")
      let (want, got) = (value.tensors(named: ""), read.tensors(named: ""))
      #expect(want.map(\.name) == got.map(\.name))
      #expect(zip(want, got).allSatisfy { $0.tensor == $1.tensor }, "\(value)")
    }
  }

  /// By the fields of onnx-data.proto: name 1, elem_type 2 (TENSOR is 1), tensor_values 3.
  @Test func fieldsAreThoseOfTheStandard() throws {
    let bytes = Wire.text(1, "s") + Wire.int(2, 1) + Wire.data(3, Onnx.tensor("", dims: [1], Wire.data(9, Wire.floats([4]))))
    let (name, value) = try ValueMessage.decode(ByteSlice(copying: bytes), as: .sequence(.tensor(.float32)))
    #expect(name == "s")
    #expect(try value.sequence().map { try $0.tensor().elements(as: Float.self) } == [[4]])
  }

  @Test func brokenBytesAreErrors() throws {
    for value in try Self.values() {
      let bytes = try ValueMessage.encode(value, name: "v")
      for end in bytes.indices {
        // A cut can fall between two elements: then fewer are read.
        do throws(OnyxError) {
          _ = try ValueMessage.decode(ByteSlice(copying: Array(bytes[..<end])), as: value.kind)
        } catch { #expect(error.code != .internalBug, "\(error)") }
      }
    }
    let floats = try ValueMessage.encode(try .tensors([try Tensor([1] as [Float])], of: .float32))
    #expect(throws: OnyxError.self) { try ValueMessage.decode(ByteSlice(copying: floats), as: .sequence(.tensor(.int64))) }
  }
}
