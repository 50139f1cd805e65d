import OnyxGraph
import OnyxTensor

/// An operator with its attributes read: what a planner asks of it.
///
/// Conforming types are values whose stored properties are the attributes, defaults resolved: kernel rows read those, never a node's
/// attributes. Their methods may rely on the signature: arity and element types are checked centrally before they are called.
/// How an operator runs is said by one of the protocols that refine this one.
package protocol Operator: Sendable {
  /// The types of the outputs, and their values where those are known without running (shape arithmetic).
  ///
  /// `context.outputCount` results. Throws when the inputs cannot be valid for any binding of the symbols.
  /// When every input is a known constant, the shapes returned must be exact, except for outputs whose size depends on
  /// the elements of a floating input (NonZero and its like) or on a file to be decoded (ImageDecoder): the executor sizes memory and
  /// enforces budgets with them.
  func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred]

  /// Multiply–accumulate operations of one run, for summaries; 0 for operators that only move or compare.
  func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension?

  /// Whether equal inputs always give equal outputs: only such nodes are folded or shared.
  var isDeterministic: Bool { get }
}

extension Operator {
  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? { Dimension(0) }
  package var isDeterministic: Bool { true }
}

/// An operator that makes tensors of tensors.
package protocol TensorOperator: Operator {
  /// The plain reference: correct for every element type of the signature, written to be read. One tensor for each of
  /// `context.outputCount` outputs.
  func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor]

  /// What `evaluate` gives, of an operator with one output, where there is a way to it for small tensors that takes less than to find types
  /// and to bind a kernel. Inputs are there and of the element types of the signature, their shapes unchecked.
  ///
  /// nil where there is none, and for inputs that break the rule, which says why; `inputs` are as they were then. What nobody but `inputs`
  /// holds can be taken out and its memory become the result's.
  func smallResult(_ inputs: inout [Tensor?]) -> Tensor?
}

extension TensorOperator {
  package func smallResult(_ inputs: inout [Tensor?]) -> Tensor? { nil }
}

/// One row of the catalog: a signature and how to make the operator from a node's attributes.
package struct OperatorDefinition: Sendable {
  package let signature: Signature
  /// Reads every attribute; what it leaves unread is an error of the model.
  package let make: @Sendable (inout AttributeReader) throws(OnyxError) -> any Operator

  /// An operator that reads its attributes: `OperatorDefinition(Signature(…), Gather.init)`.
  package init<Op: Operator>(_ signature: Signature, _ make: @escaping @Sendable (inout AttributeReader) throws(OnyxError) -> Op) {
    self.signature = signature
    self.make = make
  }

  /// An operator without attributes.
  package init(_ signature: Signature, _ op: some Operator) { self.init(signature) { _ in op } }
}
