import OnyxGraph
import OnyxTensor
import Testing

/// Inputs and attributes that break a rule of a conversion.
struct ConversionErrorTests {
  typealias Row = ElementwiseErrorTests.Row

  static let rows: [Row] = [
    Row(op: "Cast", inputs: [f32([1])], fragment: "The attribute 'to' is missing"),
    Row(op: "Cast", inputs: [f32([1])], attributes: ["to": .int(99)], fragment: "which is no element type"),
    Row(op: "Cast", inputs: [f32([1])], attributes: ["to": .int(14)], fragment: "to which nothing can be cast"),
    Row(op: "Cast", inputs: [f32([1])], attributes: ["to": .int(.min)], fragment: "which is no element type"),
    Row(op: "Cast", inputs: [f32([1])], attributes: ["to": .int(24), "round_mode": .text("odd")], fragment: "'round_mode' is 'odd'"),
    Row(op: "Cast", inputs: [strings(["1", "Hello"])], attributes: ["to": .int(1)], fragment: "The text 'Hello' is no number"),
    Row(op: "Cast", inputs: [strings([""])], attributes: ["to": .int(7)], fragment: "The text '' is no number"),
    Row(op: "BitCast", inputs: [f32([1])], attributes: ["to": .int(7)], fragment: "has 32 bits per element, and int64 has 64"),
    Row(op: "BitCast", inputs: [ints(.int4, [1])], attributes: ["to": .int(2)], fragment: "has 4 bits per element"),
    Row(op: "BitCast", inputs: [f32([1])], attributes: ["to": .int(8)], fragment: "which has no fixed width"),
    Row(op: "BitCast", inputs: [strings(["a"])], attributes: ["to": .int(7)], fragment: "does not allow"),
    Row(op: "BitCast", inputs: [f32([1])], fragment: "The attribute 'to' is missing"),
  ]

  @Test(arguments: rows) func isRefused(_ row: Row) throws {
    let error = try #require(failure(row.op, row.inputs, attributes: row.attributes))
    #expect(error.code == row.code)
    #expect(error.reason.contains(row.fragment), "\(error.reason)")
  }

  @Test func complexNumbersCannotBeCast() throws {
    let x = try Tensor([Complex64(1, 2)], shape: [1])
    #expect(failure("Cast", [x], attributes: ["to": .int(1)])?.code == .invalidModel)
  }
}
