import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The attributes that an operator requires, with small numbers, beside those that are given; nil when it wants others than numbers.
package func plainAttributes(
  of op: OperatorName, inputs: Int, outputs: Int, given: [String: Attribute] = [:]
) -> [String: Attribute]? {
  guard let definition = Catalog.definition(of: op) else { return nil }
  var attributes = given
  for _ in 0..<16 {
    let node = Node(
      op: op, opset: Catalog.newestOpset(of: op.domain) ?? Catalog.newestOpset, inputs: (0..<inputs).map { ValueID($0) },
      outputs: (0..<outputs).map { ValueID(inputs + $0) }, attributes: attributes)
    var reader = AttributeReader(node)
    do throws(OnyxError) {
      _ = try definition.make(&reader)
      return attributes
    } catch {
      guard let read = reader.reads.last, read.isRequired, attributes[read.name] == nil, let kind = read.kind else { return nil }
      switch kind {
      case "int": attributes[read.name] = .int(1)
      case "ints": attributes[read.name] = .ints([1])
      case "floats": attributes[read.name] = .floats([1])
      case "float": attributes[read.name] = .float(1)
      default: return nil
      }
    }
  }
  return nil
}
