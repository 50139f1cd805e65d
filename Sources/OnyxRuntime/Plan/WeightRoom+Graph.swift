import OnyxGraph
import OnyxKernels
import OnyxTensor

extension WeightRoom {
  /// Room for the filters of the graph's convolutions, whose packed form is as large as they are. Weights of matrix products are left out:
  /// only a plan tells whether they are packed.
  package convenience init?(forFiltersOf graph: Graph, precision: Precision) {
    var filters: Set<ValueID> = []
    var byteCount = 0
    for node in graph.nodes where node.op.domain.isEmpty && (node.op.name == "Conv" || node.op.name == "ConvTranspose") {
      guard node.inputs.count > 1, let id = node.inputs[1], let filter = graph.initializers[id], filters.insert(id).inserted else {
        continue
      }
      switch filter.elementType {
      case .float32, .float16, .bfloat16: byteCount &+= filter.elementCount &* (precision == .bfloat16 ? 2 : 4)
      default: continue
      }
    }
    self.init(byteCount: byteCount)
  }
}
