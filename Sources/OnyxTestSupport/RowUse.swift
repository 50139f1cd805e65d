import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxRuntime
import OnyxTensor

/// A row of the kernel table in a run, and what its kernel depends on beside shapes; the names of the rows make most of it.
package struct RowUse: Hashable, Sendable {
  package let row: String
  /// As `ISA.name`.
  package let isa: String
  package let threads: Int
  /// The type that the row is chosen by; nil where only the run knew it, inside a graph.
  package let elementType: ElementType?

  package init(row: String, isa: String, threads: Int, elementType: ElementType?) {
    (self.row, self.isa, self.threads, self.elementType) = (row, isa, threads, elementType)
  }
}

/// Finds the rows of a run: those that the plan chose, those that the run chose, and those whose nodes need no step.
struct RowUses {
  private let plan: Plan
  private let threads: Int
  /// Element types of the graph's inputs and outputs, by value.
  private let outer: [Int: ElementType]

  init(_ plan: Plan, inputs: [Tensor], results: [Tensor], threads: Int) {
    (self.plan, self.threads) = (plan, threads)
    let graph = plan.program.graph
    let known = Array(zip(graph.inputs, inputs)) + zip(graph.outputs, results)
    outer = Dictionary(known.map { ($0.index, $1.elementType) }) { first, _ in first }
  }

  /// `tally` heard of all steps of the run.
  func all(_ tally: RunTally) -> Set<RowUse> {
    var uses = Set(tally.entries.map { use($0.chosenKernel ?? $0.step.kernelName, $0.step.inputs, $0.step.outputs, $0.plan) })
    let stepped = Set(plan.steps.map(\.node))
    for (index, node) in plan.program.graph.nodes.enumerated() where !stepped.contains(index) {
      let (inputs, outputs) = (node.inputs.map { $0?.index ?? -1 }, node.outputs.map { $0?.index ?? -1 })
      guard let row = view(index, inputs, outputs) else { continue }
      uses.insert(use(row, inputs, outputs, plan))
    }
    return uses
  }

  private func use(_ row: String, _ inputs: [Int], _ outputs: [Int], _ plan: Plan) -> RowUse {
    RowUse(row: row, isa: plan.program.isa.name, threads: threads, elementType: elementType(row, inputs, outputs, plan))
  }

  private func elementType(_ row: String, _ inputs: [Int], _ outputs: [Int], _ plan: Plan) -> ElementType? {
    func type(_ values: [Int], _ index: Int) -> ElementType? {
      guard values.indices.contains(index), values[index] >= 0 else { return nil }
      return plan.types[values[index]]?.elementType ?? (plan.program === self.plan.program ? outer[values[index]] : nil)
    }
    switch ReachedRows.rows[row]?.elements.place {
    case .input(let index): return type(inputs, index)
    case .output(let index): return type(outputs, index)
    case .everywhere: return type(inputs, 0) ?? type(outputs, 0)
    case nil: return nil
    }
  }

  /// The row by which the output of a node without a step is the memory of an input; nil for a node that was folded.
  private func view(_ index: Int, _ inputs: [Int], _ outputs: [Int]) -> String? {
    func type(_ value: Int) -> TensorType? { value < 0 ? nil : plan.types[value] }
    func constant(_ value: Int) -> Tensor? {
      guard value >= 0, case .constant(let tensor) = plan.locations[value] else { return nil }
      return tensor
    }
    let program = plan.program
    let query = KernelQuery(
      node: program.graph.nodes[index], op: program.operators[index], inputs: inputs.map(type), outputs: outputs.map(type),
      constants: inputs.map(constant), isa: program.isa, precision: program.precision, weights: WeightCache(), pool: program.pool,
      nodeIndex: index)
    guard let (name, kernel) = try? program.table.select(query), case .view(let source) = kernel.action, constant(inputs[source]) == nil
    else { return nil }
    return name
  }
}

extension KernelRow {
  /// The element types that the row serves and that `op` allows where the row looks at them.
  package func elements(of op: OperatorName) -> Set<ElementType> {
    guard let signature = Catalog.definition(of: op)?.signature else { return [] }
    let parameter =
      switch elements.place {
      case .everywhere: signature.inputs[0]
      case .input(let index): signature.inputs[index]
      case .output(let index): signature.outputs[index]
      }
    return elements.types.intersection(signature.types[parameter.type] ?? Set(ElementType.allCases.filter { "\($0)" == parameter.type }))
  }

  /// The element types that the row can be run with.
  package var possibleElements: Set<ElementType> { operators.reduce(into: []) { $0.formUnion(elements(of: $1)) } }
}
