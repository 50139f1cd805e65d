import OnyxGraph
import OnyxProto
import OnyxTensor

/// What names mean at a place of the model: in a graph, in a body, or in one call of a function.
final class Scope {
  enum Meaning {
    /// A value of the scope's assembly.
    case value(ValueID)
    /// An input of a function that the call leaves out.
    case absent
  }

  /// The attribute of a call, and where the names in its bodies are looked up; nil for a default, whose scope is the call's
  /// own (a reference to it would be a cycle).
  struct Binding {
    let content: AttributeMessage.Content
    let scope: Scope?
  }

  /// One call of a function.
  struct Call {
    let attributes: Set<String>
    var bindings: [String: Binding]
    let opsets: [String: Int]
    /// Stands before the names of the call's nodes and values.
    let prefix: String
    /// metadata_props of the calling node.
    let metadata: [String: String]
  }

  /// The graph that the scope's values are in.
  let assembly: GraphAssembly
  /// Where a name is looked up that is not here: the scope around a body. Functions see nothing of their callers.
  let parent: Scope?
  var call: Call?
  var names: [String: Meaning] = [:]

  init(_ assembly: GraphAssembly, parent: Scope? = nil, call: Call? = nil) {
    self.assembly = assembly
    self.parent = parent
    self.call = call
  }

  /// The call that the scope is in, with bodies looked through.
  var enclosingCall: Call? { callScope?.call }

  private var callScope: Scope? {
    var scope: Scope? = self
    while let current = scope, current.call == nil { scope = current.parent }
    return scope
  }

  /// The attribute with its `ref_attr_name` followed; nil when the call leaves the referred one out.
  func resolve(_ attribute: AttributeMessage) throws(OnyxError) -> (content: AttributeMessage.Content, scope: Scope)? {
    if attribute.reference.isEmpty { return (attribute.content, self) }
    guard let callScope, let call = callScope.call else {
      throw .invalid("The attribute '\(attribute.name)' refers to the attribute '\(attribute.reference)' of a function, but is in none.")
    }
    guard call.attributes.contains(attribute.reference) else {
      throw .invalid("The attribute '\(attribute.name)' refers to '\(attribute.reference)', which its function does not have.")
    }
    guard let binding = call.bindings[attribute.reference] else { return nil }
    return (binding.content, binding.scope ?? callScope)
  }
}
