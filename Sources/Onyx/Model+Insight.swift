import OnyxInsight
import OnyxTensor

extension Model {
  /// Which of the model's operators Onyx has, and why not the others.
  public func coverage() -> Coverage { Coverage(of: [source]) }

  /// What the model consists of: nodes with shapes, parameters and multiply–accumulates, modules and attention blocks.
  ///
  /// MACs and bytes are counted with the dynamic dimensions of the inputs bound to `dimensions`, 1 where nothing is given. Of what
  /// comes behind an operator that Onyx lacks only that is known which the file says. Throws `usage` for a name that no input has
  /// and `invalidModel` for a node that breaks its operator's rules.
  public func summary(dimensions: [String: Int] = [:]) throws(OnyxError) -> Summary { Summary(try analysis(dimensions)) }

  /// The attention blocks of the graph in the order of its nodes, as `summary(dimensions:)` has them. Throws as that does.
  public func attentionBlocks(dimensions: [String: Int] = [:]) throws(OnyxError) -> [Summary.AttentionBlock] {
    try analysis(dimensions).blocks.map(\.facts)
  }

  private func analysis(_ dimensions: [String: Int]) throws(OnyxError) -> GraphAnalysis {
    try GraphAnalysis(source, dimensions: dimensions)
  }
}

extension Coverage {
  /// Which operators of some models Onyx has; uses of one operator in one version are counted together.
  public init(of models: [Model]) { self.init(of: models.map(\.source)) }
}
