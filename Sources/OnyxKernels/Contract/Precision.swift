/// The numbers that convolutions and matrix products multiply.
package enum Precision: Sendable {
  case float32
  /// Operands are rounded to bfloat16; sums, biases and addends stay float32.
  case bfloat16
}
