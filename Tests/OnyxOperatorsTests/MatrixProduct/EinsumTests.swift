import OnyxGraph
import OnyxTensor
import Testing

/// Equations of every form, and every element type. Expected numbers: numpy.
struct EinsumTests {
  @Test(arguments: cases) func givesTheExpectedNumbers(_ test: OperatorCase) throws { try test.run() }

  @Test(arguments: refused) func isRefused(_ test: FailureCase) { test.run() }

  @Test func sizesAreSymbolic() throws {
    let a = ValueType.tensor(.float32, shape: ["b", 1, "i", "k"])
    let b = ValueType.tensor(.float32, shape: ["h", "k", "j"])
    #expect(try inferredType("Einsum", [a, b], ["equation": .text("...ik,...kj->...ij")]) == "float32[b,h,i,j]")
    #expect(try countedProducts("Einsum", [a, b], ["equation": .text("...ik,...kj->...ij")]) == "b*h*i*j*k")
  }

  @Test func manyOperandsAreJoinedInPairs() throws {
    // All at once 4^21 products; from the left 19 · 64.
    let count = 20
    let letters = Array("abcdefghijklmnopqrstu")
    let terms = (0..<count).map { String(letters[$0...$0 + 1]) }
    let equation = terms.joined(separator: ",")
    let ones = [Tensor?](repeating: f64([Double](repeating: 1, count: 16), [4, 4]), count: count)
    let result = try evaluate("Einsum", ones, attributes: ["equation": .text(equation + "->")])
    #expect(try result[0].doubles() == [0x1p42])
  }

  static let cases: [OperatorCase] = [
    OperatorCase(
      "Einsum", [ramp(.float64, [2, 3]), ramp(.float64, [3, 2], 1)], ["equation": .text("ij,jk->ik")],
      gives: f64(
        [
          4, -31,
          -21, 22,
        ], [2, 2])),
    OperatorCase(
      "Einsum", [ramp(.float64, [2, 3]), ramp(.float64, [3, 2], 1)], ["equation": .text("ij,jk")],
      gives: f64(
        [
          4, -31, -21,
          22,
        ], [2, 2])),
    OperatorCase("Einsum", [ramp(.float64, [3, 3])], ["equation": .text("ii->i")], gives: f64([-5, 1, -4])),
    OperatorCase("Einsum", [ramp(.float64, [3, 3])], ["equation": .text("ii")], gives: f64([-8], .scalar)),
    OperatorCase("Einsum", [ramp(.float64, [2, 2, 3])], ["equation": .text("iij->j")], gives: f64([-2, 1, -7])),
    OperatorCase(
      "Einsum", [ramp(.float64, [2, 1, 1, 3]), ramp(.float64, [2, 3, 2], 1)], ["equation": .text("...ij,...jk->...ik")],
      gives: f64([4, -31, 14, -21, -21, 22, -27, 16], [2, 2, 1, 2])),
    OperatorCase("Einsum", [ramp(.float64, [2, 2, 2])], ["equation": .text("...ii->...i")], gives: f64([-5, 5, 1, 0], [2, 2])),
    OperatorCase(
      "Einsum", [ramp(.float64, [2]), ramp(.float64, [2], 1), ramp(.float64, [3], 2)], ["equation": .text("i,j,k->kji")],
      gives: f64([10, -4, -25, 10, -30, 12, 75, -30, 40, -16, -100, 40], [3, 2, 2])),
    OperatorCase(
      "Einsum", [ramp(.float64, [2, 1, 3]), ramp(.float64, [2, 3, 2], 1), ramp(.float64, [2, 2, 2], 2)],
      ["equation": .text("bij,bjk,bkl->bil")], gives: f64([-120, -12, 92, -161], [2, 1, 2])),
    OperatorCase("Einsum", [ramp(.float64, [2, 3])], ["equation": .text("ji")], gives: f64([-5, 5, 2, 1, -2, -3], [3, 2])),
    OperatorCase("Einsum", [ramp(.float64, [2, 3])], ["equation": .text("ij->")], gives: f64([-2], .scalar)),
    OperatorCase(
      "Einsum", [ramp(.float64, [2, 3]), ramp(.float64, [3], 1)], ["equation": .text(" i j , j -> i ")], gives: f64([18, -8])),
    OperatorCase(
      "Einsum", [ramp(.float64, [2, 3]), ramp(.float64, [3, 2], 1)], ["equation": .text("bA,Ac")],
      gives: f64(
        [
          4, -31, -21,
          22,
        ], [2, 2])),
    OperatorCase(
      "Einsum", [ramp(.float64, [2, 3]), ramp(.float64, [2, 3], 1)], ["equation": .text("i...,i...->...")],
      gives: f64([
        -5,
        14, -2,
      ])),
    OperatorCase(
      "Einsum", [ramp(.float64, [2, 3, 2]), ramp(.float64, [3, 2], 1)], ["equation": .text("iji,jk->ki")],
      gives: f64(
        [
          12,
          -17, -19, -9,
        ], [2, 2])),
    OperatorCase("Einsum", [ramp(.float64, .scalar), ramp(.float64, .scalar, 1)], ["equation": .text(",->")], gives: f64([10], .scalar)),
    OperatorCase("Einsum", [ramp(.float64, [2, 3])], ["equation": .text("...i->i...")], gives: f64([-5, 5, 2, 1, -2, -3], [3, 2])),
    OperatorCase("Einsum", [ramp(.float64, [0, 2]), ramp(.float64, [0, 2], 1)], ["equation": .text("ab,ab->a")], gives: f64([], [0])),
    OperatorCase("Einsum", [ramp(.float64, [0, 2]), ramp(.float64, [0, 2], 1)], ["equation": .text("ab,ab->b")], gives: f64([0, 0])),
    OperatorCase(
      "Einsum", [ramp(.float64, [2, 1]), ramp(.float64, [3, 2], 1)], ["equation": .text("ij,jk->ik")],
      gives: f64(
        [
          -15, -10,
          6, 4,
        ], [2, 2]), note: "broadcast letter"),
    OperatorCase(
      "Einsum", [ramp(.float32, [2, 2]), ramp(.float32, [2, 2], 1)], ["equation": .text("ij,jk->ik")],
      gives: f32(
        [
          12, -31, 9,
          -25,
        ], [2, 2])),
    OperatorCase(
      "Einsum", [ramp(.float16, [2, 2]), ramp(.float16, [2, 2], 1)], ["equation": .text("ij,jk->ik")],
      gives: f16(
        [
          12, -31, 9,
          -25,
        ], [2, 2])),
    OperatorCase(
      "Einsum", [ramp(.bfloat16, [2, 2]), ramp(.bfloat16, [2, 2], 1)], ["equation": .text("ij,jk->ik")],
      gives: bf16(
        [
          12, -31,
          9, -25,
        ], [2, 2])),
    OperatorCase(
      "Einsum", [ramp(.int8, [2, 2]), ramp(.int8, [2, 2], 1)], ["equation": .text("ij,jk->ik")],
      gives: tensor(
        .int8,
        [
          12,
          -31, 9, -25,
        ], [2, 2])),
    OperatorCase(
      "Einsum", [ramp(.uint8, [2, 2]), ramp(.uint8, [2, 2], 1)], ["equation": .text("ij,jk->ik")],
      gives: tensor(
        .uint8,
        [
          42,
          14, 69, 50,
        ], [2, 2])),
    OperatorCase(
      "Einsum", [ramp(.int16, [2, 2]), ramp(.int16, [2, 2], 1)], ["equation": .text("ij,jk->ik")],
      gives: tensor(
        .int16,
        [
          12,
          -31, 9, -25,
        ], [2, 2])),
    OperatorCase(
      "Einsum", [ramp(.uint16, [2, 2]), ramp(.uint16, [2, 2], 1)], ["equation": .text("ij,jk->ik")],
      gives: tensor(
        .uint16,
        [42, 14, 69, 50], [2, 2])),
    OperatorCase(
      "Einsum", [ramp(.int32, [2, 2]), ramp(.int32, [2, 2], 1)], ["equation": .text("ij,jk->ik")],
      gives: tensor(
        .int32,
        [
          12,
          -31, 9, -25,
        ], [2, 2])),
    OperatorCase(
      "Einsum", [ramp(.int64, [2, 2]), ramp(.int64, [2, 2], 1)], ["equation": .text("ij,jk->ik")],
      gives: tensor(
        .int64,
        [
          12,
          -31, 9, -25,
        ], [2, 2])),
    OperatorCase(
      "Einsum", [ramp(.uint32, [2, 2]), ramp(.uint32, [2, 2], 1)], ["equation": .text("ij,jk->ik")],
      gives: tensor(
        .uint32,
        [42, 14, 69, 50], [2, 2])),
    OperatorCase(
      "Einsum", [ramp(.uint64, [2, 2]), ramp(.uint64, [2, 2], 1)], ["equation": .text("ij,jk->ik")],
      gives: tensor(
        .uint64,
        [42, 14, 69, 50], [2, 2])),
  ]

  static let refused: [FailureCase] = [
    FailureCase("Einsum", [ramp(.float32, [2])], says: "'equation' is missing"),
    FailureCase("Einsum", [ramp(.float32, [2])], ["equation": .text("i,j->i")], says: "2 terms for 1 operands"),
    FailureCase("Einsum", [ramp(.float32, [2])], ["equation": .text("ij->i")], says: "rank 1, but its term names 2"),
    FailureCase("Einsum", [ramp(.float32, [2, 2])], ["equation": .text("i->i")], says: "rank 2, but its term names 1"),
    FailureCase("Einsum", [ramp(.float32, [2])], ["equation": .text("i->j")], says: "that no operand has"),
    FailureCase("Einsum", [ramp(.float32, [2])], ["equation": .text("i->ii")], says: "repeats a letter"),
    FailureCase("Einsum", [ramp(.float32, [2])], ["equation": .text("i->i->i")], says: "more than one"),
    FailureCase("Einsum", [ramp(.float32, [2])], ["equation": .text("......i")], says: "two ellipses"),
    FailureCase("Einsum", [ramp(.float32, [2])], ["equation": .text("é")], says: "has the character"),
    FailureCase("Einsum", [ramp(.float32, [2])], ["equation": .text("..i")], says: "has the character '.'"),
    FailureCase("Einsum", [ramp(.float32, [2]), ramp(.float32, [3])], ["equation": .text("i,i")], says: "cannot be broadcast"),
  ]
}
