import OnyxGraph
import OnyxTensor
import Testing

/// QuantizedGemm, QuantizedBinary and ByteTable of the domain `onyx`. Expected numbers: numpy, sums in integers, later steps in
/// float32.
struct PrivateQuantizedTests {
  static func run(_ op: String, _ inputs: [Tensor?], _ attributes: [String: Attribute] = [:]) throws -> Tensor {
    try evaluate(op, inputs, attributes: attributes, domain: "onyx")[0]
  }

  static let a = tensor(.uint8, [171, 206, 5, 206, 120, 131], [2, 3])
  static let b = tensor(.int8, [33, -55, 122, -115, -57, -30, 18, -24, -95, -117, -128, -116], [3, 4])
  static let transposed = tensor(.int8, [33, -57, -95, -55, -30, -117, 122, 18, -128, -115, -24, -116], [4, 3])
  static let c = f32([0.5, -1, 2, 0.25])

  static func gemm(_ b: Tensor, _ output: [Tensor?], _ c: Tensor?, _ attributes: [String: Attribute] = [:]) throws -> Tensor {
    let parameters: [Tensor?] = [
      a, f32([0.02], .scalar), tensor(.uint8, [130], .scalar), b, f32([0.01, 0.02, 0.005, 0.03]), tensor(.int8, [0], .scalar),
    ]
    return try run("QuantizedGemm", parameters + output + [c], attributes)
  }

  @Test func gemm() throws {
    let expected: [Float] = [
      2.2792000770568848, 3.0359997749328613, 4.236999988555908, 5.026599884033203, 1.09660005569458, -2.59879994392395, 2.896399974822998,
      -4.919599533081055,
    ]
    let real = try Self.gemm(Self.b, [nil, nil], Self.c)
    #expect(real.shape == [2, 4])
    #expect(try real.elements(as: Float.self) == expected)
    let output: [Tensor?] = [f32([0.05], .scalar), tensor(.uint8, [120], .scalar)]
    for (matrix, attributes) in [(Self.b, [:]), (Self.transposed, ["trans_b": Attribute.int(1)])] {
      let bytes = try Self.gemm(matrix, output, Self.c, attributes)
      #expect(bytes.elementType == .uint8)
      #expect(try bytes.integers() == [166, 181, 205, 221, 142, 68, 178, 22])
    }
  }

  @Test func binary() throws {
    let x = tensor(.uint8, [0, 100, 128, 200, 255], [5])
    let w = tensor(.int8, [-128, -5, 0, 7, 127], [5])
    let expected: [String: [Int64]] = ["Add": [-90, 2, 12, 38, 114], "Mul": [127, 10, 10, 23, 127]]
    for (operation, numbers) in expected {
      let y = try Self.run(
        "QuantizedBinary",
        [
          x, f32([0.03], .scalar), tensor(.uint8, [128], .scalar), w, f32([0.05], .scalar), tensor(.int8, [-5], .scalar),
          f32([0.1], .scalar),
          tensor(.int8, [10], .scalar),
        ], ["operation": .text(operation)])
      #expect(y.elementType == .int8)
      #expect(try y.integers() == numbers, "\(operation)")
    }
  }

  @Test func table() throws {
    let table = try Tensor((0..<256).map { UInt8(255 - $0) }, shape: [256])
    #expect(try Self.run("ByteTable", [tensor(.uint8, [0, 1, 255], [3]), table]).integers() == [255, 254, 0])
    // The byte -1 has the bits of 255.
    #expect(try Self.run("ByteTable", [tensor(.int8, [0, -1, -128], [1, 3]), table]).integers() == [255, 0, 127])
  }

  @Test func wrongShapesAreRefused() throws {
    #expect(throws: OnyxError.self) { try Self.run("ByteTable", [tensor(.uint8, [0], [1]), tensor(.uint8, [0, 1], [2])]) }
    #expect(throws: OnyxError.self) { try Self.gemm(Self.transposed, [nil, nil], nil) }
    #expect(throws: OnyxError.self) { try Self.gemm(Self.b, [f32([0.05], .scalar), nil], nil) }
    #expect(throws: OnyxError.self) { try Self.gemm(Self.b, [nil, nil], f32([1, 2])) }
  }
}
