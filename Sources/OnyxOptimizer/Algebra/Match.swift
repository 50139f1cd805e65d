import OnyxGraph
import OnyxOperators
import OnyxTensor

/// A pattern found in a graph: what its names stand for.
package struct Match: Sendable {
  package let workspace: Workspace
  /// The node at which the pattern was found.
  package let root: Int
  /// The value that the whole pattern stands for.
  package let output: ValueID
  package let bindings: Bindings

  package subscript(name: String) -> ValueID? { bindings.values[name] }

  package func inferred(_ name: String) -> Inferred? { self[name].flatMap { workspace.inferred($0) } }
  package func constant(_ name: String) -> Tensor? { self[name].flatMap { workspace.constant($0) } }
  package func shape(_ name: String) -> [Dimension]? { inferred(name)?.shape }
  package func elementType(of name: String) -> ElementType? { inferred(name)?.elementType }

  /// A node that the pattern names.
  package func node(_ name: String) -> Node? { bindings.named[name].flatMap { workspace.node($0) } }
  package var rootNode: Node? { workspace.node(root) }

  /// Type and shape of the whole.
  package var result: Inferred? { workspace.inferred(output) }
  package var elementType: ElementType { result?.elementType ?? .float32 }

  /// The value that a name must stand for; for the replacement of a pattern that binds it.
  package func required(_ name: String) throws(OnyxError) -> ValueID {
    guard let value = self[name] else { throw .bug("The pattern binds no '\(name)'.") }
    return value
  }

  package func requiredConstant(_ name: String) throws(OnyxError) -> Tensor {
    guard let tensor = constant(name) else { throw .bug("The pattern binds no constant '\(name)'.") }
    return tensor
  }
}
