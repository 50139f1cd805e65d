import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import Testing

/// A row of the kernel table, and nodes that it serves, by the element type that it is chosen by.
struct SweptRow: Sendable, CustomTestStringConvertible {
  /// How a result agrees with the reference's.
  enum Agreement: Sendable {
    /// In every bit.
    case bits
    /// In every number, and in that it is no number.
    case numbers
    /// Each number within this part of it, and this much beside.
    case near(Double, plus: Double)
    /// Within this part of the largest finite number of the result.
    case within(Double)
  }

  let name: String
  let agreement: @Sendable (ElementType) -> Agreement
  let cases: @Sendable (ElementType) throws -> [NodeCase]

  init(_ name: String, _ agreement: Agreement = .bits, cases: @escaping @Sendable (ElementType) throws -> [NodeCase]) {
    self.init(name, by: { _ in agreement }, cases: cases)
  }

  init(
    _ name: String, by agreement: @escaping @Sendable (ElementType) -> Agreement,
    cases: @escaping @Sendable (ElementType) throws -> [NodeCase]
  ) {
    (self.name, self.agreement, self.cases) = (name, agreement, cases)
  }

  var testDescription: String { name }

  /// A row that moves elements of every type: `cases` of a small shape of rank 3 with odd sides, and for one type of each width of
  /// one that takes more bytes than one thread is given.
  static func moving(_ name: String, _ cases: @escaping @Sendable (ElementType, Shape) throws -> [NodeCase]) -> SweptRow {
    SweptRow(name) { type in
      let small = try cases(type, [3, 5, 7])
      return MovementRowTests.types.contains(type) ? small + (try cases(type, [3, type.byteWidth <= 2 ? 257 : 67, 130])) : small
    }
  }

  static func random(_ type: ElementType, _ shape: Shape, seed: UInt64 = 1) throws -> NodeCase.Input {
    .given(try Tensor.random(type, shape, in: -100...100, seed: seed))
  }

  static func list(_ values: Int...) throws -> NodeCase.Input { .constant(try Tensor(values)) }
}
