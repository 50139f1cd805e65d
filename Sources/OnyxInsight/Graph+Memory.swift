import OnyxGraph
import OnyxKernels
import OnyxOptimizer
import OnyxRuntime
import OnyxTensor

extension Graph {
  /// The types of the inputs in their order: those of the defaults, and the declared ones with each symbol bound to its size, 1 for
  /// one that `sizes` lacks. Throws `usage` for an input whose shape the graph does not say.
  package func inputTypes(sizes: [String: Int]) throws(OnyxError) -> [TensorType?] {
    var types: [TensorType?] = []
    for id in inputs {
      if let tensor = initializers[id] {
        types.append(TensorType(tensor.elementType, tensor.shape))
      } else {
        types.append(try self[id].concreteType(sizes: sizes))
      }
    }
    return types
  }

  /// Bytes of arena, scratch and outputs of a run of the optimized graph on one thread, with inputs of the declared types. Throws
  /// what optimizer and planner throw.
  func activationByteCount(sizes: [String: Int]) throws(OnyxError) -> Int {
    let program = try Program(try Optimizer.optimize(self).graph, table: KernelTable(), isa: .host)
    var types: [ValueID: TensorType] = [:]
    for (id, type) in zip(program.graph.inputs, try inputTypes(sizes: sizes)) { types[id] = type }
    return try Planner.plan(program, inputs: types, memoryBudget: Buffer.largestByteCount).activationByteCount
  }
}

extension Edge {
  /// The declared type with its symbols bound; a symbol that `sizes` lacks is 1. Throws `usage` when the shape is not declared.
  package func concreteType(sizes: [String: Int]) throws(OnyxError) -> TensorType {
    guard case .tensor(let element, let shape?) = type else {
      throw .usage("The shape of the input '\(name)' is not known.", remedy: "Give a tensor for it: --input \(name)=FILE.")
    }
    var extents: [Int] = []
    for dimension in shape {
      extents.append(try dimension.replacingSymbols { Dimension(sizes[$0.name] ?? 1) }.known ?? 1)
    }
    return TensorType(element, try Shape(extents))
  }
}
