import OnyxTensor
import OnyxTesting

/// nil when the tensors agree; otherwise a sentence about the elements that do not, by the rule of `Mismatch`.
/// Meant for `#expect(allClose(y, z) == nil)`.
package func allClose(_ actual: Tensor, _ expected: Tensor, rtol: Double = 1e-5, atol: Double = 1e-6) -> String? {
  Mismatch(actual, expected, rtol: rtol, atol: atol)?.description
}
