import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// FusedAttention whose heads talk. Expected numbers: NumPy 2 in float64, every third element.
struct TalkingHeadsTests {
  typealias Base = TransformerOperatorTests

  static let operands: [Tensor?] = [Base.wave([2, 2, 3, 2], 1), Base.wave([2, 2, 4, 2], 2), Base.wave([2, 2, 4, 3], 3), nil]
  static let axes = Base.axes("b h s d", "b h t d", "b h t e", "b h s e", scale: 0.75)
  static let matrices = [Base.wave([2, 2], 4), Base.wave([2], 5), Base.wave([2, 2], 6), Base.wave([2], 7)]

  static let cases: [(mixtures: [Tensor?], expected: [Double])] = [
    (
      matrices,
      [
        1.05793310315, 1.05684726148, 1.05406020654, -0.0701972924922, -0.0698674694672, -0.0687490463096, -0.00957809687448,
        0.0199279314504, 0.0365079748283, 0.0708135974469, 0.0702975169953, 0.0694525288929,
      ]
    ),
    (
      [matrices[0]],
      [
        0.314279710407, 0.312456405875, 0.30687029206, -0.183018919124, -0.184026943988, -0.186251786356, -0.0131264097539,
        0.00418858814483, 0.0182277366019, 0.189303254644, 0.186314393417, 0.179442427343,
      ]
    ),
    (
      [nil, nil, matrices[2]],
      [
        0.266761286149, 0.269437960059, 0.278339133009, 0.0232458071005, 0.0225154306755, 0.0213594931002, 0.0157873580204,
        -0.0352877296167, -0.0621394126468, -0.0246251239507, -0.0230069472089, -0.0211877774877,
      ]
    ),
  ]

  @Test(arguments: cases.indices) func formula(_ row: Int) throws {
    let y = try Base.run("FusedAttention", Self.operands + Self.cases[row].mixtures, Self.axes).doubles()
    let third = stride(from: 0, to: y.count, by: 3).map { y[$0] }
    expectClose(f32(third, [12]), f32(Self.cases[row].expected, [12]), tolerance: 1e-6, "row \(row)")
  }

  /// Heads that change places before the softmax and back behind it say what they would have said.
  @Test func exchange() throws {
    let swap = f32([0, 1, 1, 0], [2, 2])
    let plain = try Base.run("FusedAttention", Self.operands, Self.axes)
    expectClose(
      try Base.run("FusedAttention", Self.operands + [swap, nil, swap], Self.axes), plain, tolerance: 1e-6, "twice exchanged")
  }

  @Test func refusesWhatIsWrong() {
    let four: [Dimension] = [2, 2, 4, 3]
    for mixture in [[[3, 3]], [[2]], [[2, 2], [3]], [nil, nil, [2, 3]]] as [[[Dimension]?]] {
      #expect {
        _ = try Base.type("FusedAttention", [four, four, four, nil] + mixture, Self.axes)
      } throws: { "\($0)".contains("mixes the heads") }
    }
  }

  @Test func mixturesAreCounted() throws {
    let op = try Catalog.make(
      Node(
        op: OperatorName("FusedAttention", domain: "onyx"), opset: 1, inputs: [0, 1, 2, nil, 3, nil, 4].map { $0.map { ValueID($0) } },
        outputs: [ValueID(5)], attributes: Self.axes))
    let types: [ValueType?] = ([[2, 3, 5, 4], [2, 3, 7, 4], [2, 3, 7, 6], nil, [3, 3], nil, [3, 3]] as [Shape?]).map {
      $0.map { .tensor(.float32, $0) }
    }
    #expect(op.multiplyAccumulates(inputs: types, outputs: [nil])?.known == 2 * 3 * 5 * 7 * (10 + 6))
  }
}
