import OnyxGraph
import OnyxTensor

/// An operator that runs graphs of its own: which body on what, and what becomes of the results.
///
/// The runtime supplies plans, captured values, budget and deadline.
package protocol BodyOperator: Operator {
  /// In the order of the attributes that hold them.
  var bodies: [Graph] { get }
  /// What is known of the body's own inputs in each of its runs, where the operator has one body; none for branches.
  func formals(_ context: InferenceContext) throws(OnyxError) -> [Inferred]
  /// One value for each output of the node.
  func run(_ context: BodyContext) throws(OnyxError) -> [Value]
}

extension BodyOperator {
  /// Whether every node of every body is.
  package var isDeterministic: Bool {
    bodies.allSatisfy { body in
      body.nodes.allSatisfy { node in
        do throws(OnyxError) { return try Catalog.make(node).isDeterministic } catch { return false }
      }
    }
  }

  /// Depends on how often the bodies run.
  package func multiplyAccumulates(inputs: [ValueType?], outputs: [ValueType?]) -> Dimension? { nil }
}

/// The inputs of an operator with bodies, and what it may ask of who runs it.
package struct BodyContext {
  /// In the order of the signature; nil for an omitted one.
  package let inputs: [Value?]
  package let outputCount: Int
  /// What the operator's rule says of the outputs for these inputs.
  package let outputTypes: () throws(OnyxError) -> [ValueType]
  /// Runs body `index` on values for its formal inputs and gives its outputs. It takes values that are no tensors out of the array, so
  /// that a step can change one that nobody else holds. Throws what a step of the body throws, and `budgetExceeded` when the time is
  /// over.
  package let call: (_ index: Int, _ inputs: inout [Value]) throws(OnyxError) -> [Value]
  /// Says how many bytes of results the operator holds by now. Throws `budgetExceeded` when they are too many.
  package let hold: (_ byteCount: Int) throws(OnyxError) -> Void
  /// Throws `budgetExceeded` when the run was cancelled or its time is over.
  package let check: () throws(OnyxError) -> Void
  /// Runs the iterations that it can, at least one: mostly all. False when nothing was done: the types of tensors change, so the operator
  /// has to call the body for the next one. Throws as `call` and `hold`.
  package let iterate: (_ iterations: inout Iterations) throws(OnyxError) -> Bool

  package init(
    inputs: [Value?], outputCount: Int, outputTypes: @escaping () throws(OnyxError) -> [ValueType],
    hold: @escaping (Int) throws(OnyxError) -> Void, check: @escaping () throws(OnyxError) -> Void,
    iterate: @escaping (inout Iterations) throws(OnyxError) -> Bool = { (_: inout Iterations) throws(OnyxError) in false },
    call: @escaping (Int, inout [Value]) throws(OnyxError) -> [Value]
  ) {
    self.inputs = inputs
    self.outputCount = outputCount
    self.outputTypes = outputTypes
    self.hold = hold
    self.check = check
    self.iterate = iterate
    self.call = call
  }

  /// Input `index`; nil when it is omitted.
  package func optional(_ index: Int) -> Value? { inputs.indices.contains(index) ? inputs[index] : nil }

  /// Input `index`, which the signature requires.
  package func input(_ index: Int) throws(OnyxError) -> Value {
    guard let value = optional(index) else { throw .invalid("Input \(index) is missing.") }
    return value
  }

  /// The inputs from `first` on, none of which may be omitted.
  package func values(from first: Int) throws(OnyxError) -> [Value] {
    var values: [Value] = []
    for index in first..<max(first, inputs.count) { values.append(try input(index)) }
    return values
  }
}

extension Value {
  /// The one element of a tensor of bools, for conditions. Throws `invalidModel` for anything else.
  func condition() throws(OnyxError) -> Bool {
    guard case .tensor(let tensor) = self, tensor.elementType == .bool, tensor.elementCount == 1 else {
      throw .invalid("A condition is \(self); it must be a tensor of one bool.")
    }
    return try tensor.withElements(of: Bool.self) { (elements) throws(OnyxError) in elements[0] }
  }
}
