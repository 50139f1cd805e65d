import OnyxOperators
import OnyxTensor

/// What a node runs while the extents of its inputs change from call to call, as in the body of a Loop that carries what grows.
///
/// It is bound once to attributes, constants and element types, by a query of one call; of the tensors of each further call it says
/// the shape of the result and the kernel, which takes less than to infer types and to ask the rows again.
package struct OpenKernel: Sendable {
  /// The shape of the only output, and what `KernelRow.prepare` makes of a query with these inputs. nil for shapes that it leaves to the
  /// rows: those that break the operator's rule among them, whose reason inference tells. Inputs have the element types of the query, and
  /// constants its values.
  package typealias Bind = @Sendable (_ inputs: [Tensor?]) throws(OnyxError) -> Bound?

  package struct Bound {
    package let shape: Shape
    package let kernel: PreparedKernel

    init?(_ shape: Shape, _ preparation: Preparation) {
      guard case .kernel(let kernel) = preparation else { return nil }
      (self.shape, self.kernel) = (shape, kernel)
    }
  }

  /// The row that it stands for.
  package let name: String
  /// The element type of the output.
  package let elementType: ElementType
  package let bind: Bind
}
