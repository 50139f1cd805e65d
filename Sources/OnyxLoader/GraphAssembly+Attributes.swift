import OnyxGraph
import OnyxProto
import OnyxTensor

extension GraphAssembly {
  func attributes(of node: NodeMessage, _ scope: Scope) throws(OnyxError) -> [String: Attribute] {
    var result: [String: Attribute] = [:]
    for message in node.attributes {
      guard !message.name.isEmpty else { throw .invalid("An attribute has no name.") }
      guard result[message.name] == nil else { throw .invalid("The attribute '\(message.name)' is given twice.") }
      guard let resolved = try scope.resolve(message) else { continue }
      do throws(OnyxError) { result[message.name] = try attribute(resolved.content, resolved.scope) } catch {
        // The trail of a body's node says where it is; a tensor has no trail yet.
        throw error.trail.isEmpty ? error.about("The attribute '\(message.name)'") : error
      }
    }
    return result
  }

  private func attribute(_ content: AttributeMessage.Content, _ scope: Scope) throws(OnyxError) -> Attribute {
    switch content {
    case .none: throw .invalid("It has no value.")
    case .float(let value): return .float(value)
    case .int(let value): return .int(value)
    case .string(let value): return .string(value)
    case .floats(let values): return .floats(values)
    case .ints(let values): return .ints(values)
    case .strings(let values): return .strings(values)
    case .tensor(let message): return .tensor(try message.tensor(in: context.folder))
    case .sparseTensor(let message): return .sparseTensor(try context.sparse(message))
    case .graph(let message): return .graph(try body(message, in: scope))
    case .type(let message): return .type(try type(message))
    case .tensors(let messages):
      return .tensors(try messages.map { (message) throws(OnyxError) in try message.tensor(in: context.folder) })
    case .sparseTensors(let messages):
      return .sparseTensors(try messages.map { (message) throws(OnyxError) in try context.sparse(message) })
    case .graphs(let messages): return .graphs(try messages.map { (message) throws(OnyxError) in try body(message, in: scope) })
    case .types(let messages): return .types(try messages.map { (message) throws(OnyxError) in try type(message) })
    }
  }

  private func type(_ message: TypeMessage) throws(OnyxError) -> ValueType {
    guard let type = try context.type(message, of: "type") else { throw .invalid("It is an empty type.") }
    return type
  }
}
