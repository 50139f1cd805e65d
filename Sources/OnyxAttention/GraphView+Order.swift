import OnyxGraph
import OnyxTensor

extension GraphView {
  /// The value that Reshape and Gather give back element by element: PyTorch's exporter writes `as_strided` so, which pools of maps in
  /// memory with channels last become. The indices count from 0 on; the shape is the same before and behind.
  func beforeCountedGather(_ value: ValueID) -> (source: ValueID, nodes: Set<Int>)? {
    guard let (gathering, gather) = maker(of: value), gather.op.domain.isEmpty, gather.op.name == "Gather",
      gather.int("axis", default: 0) == 0, let flat = gather.operand(0), let indices = ints(gather, 1),
      let (reshaping, reshape) = maker(of: flat), reshape.op.domain.isEmpty, reshape.op.name == "Reshape", let source = reshape.operand(0),
      shape(flat) == [Dimension(indices.count)], shape(source) == shape(value), indices == Array(indices.indices)
    else { return nil }
    return (source, [gathering, reshaping])
  }
}
