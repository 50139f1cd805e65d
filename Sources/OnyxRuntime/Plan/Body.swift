import OnyxGraph
import OnyxOperators
import OnyxTensor

/// A body of a node as a program of its own, which knows nothing of the graph around it.
package struct Body: Sendable {
  package let plans: PlanCache
  /// Values of the enclosing graph that are inputs of the program, behind those of the body.
  package let captures: [ValueID]
}

extension Program {
  /// The bodies of a node; none for most operators.
  static func bodies(of op: any Operator, _ node: Node, in program: Program.Settings, _ graph: Graph) throws(OnyxError) -> [Body] {
    guard let op = op as? any BodyOperator else { return [] }
    let inputs = Set(graph.inputs)
    var bodies: [Body] = []
    for body in op.bodies {
      let (closed, captures) = body.closed { inputs.contains($0) ? nil : graph.initializers[$0] }
      do throws(OnyxError) {
        bodies.append(Body(plans: PlanCache(try Program(closed, program), memoryBudget: program.memoryBudget), captures: captures))
      } catch { throw error.at(node: node.label) }
    }
    return bodies
  }
}
