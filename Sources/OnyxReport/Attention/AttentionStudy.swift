import Onyx
import OnyxAttention
import OnyxFigures
import OnyxFiles
import OnyxInsight
import OnyxTensor

/// All that `onyx attention` finds out about a model.
package struct AttentionStudy: Sendable {
  package private(set) var report: AttentionReport
  private let run: AttentionRun?
  /// What the blocks of a second model did.
  private var compared: [BlockObservation] = []

  /// Finds the blocks and measures them with the first round's inputs; with `observes` gates and maps of every round are
  /// fetched. Throws what a run throws.
  package init(model: String, _ session: Session, rounds: [AttentionRun.Round], observes: Bool) throws(OnyxError) {
    let first = rounds.first?.inputs ?? [:]
    // Inputs that do not suit the model are told of as such, not as a node's error.
    if !rounds.isEmpty { _ = try session.plan(for: first) }
    let found = try GraphAnalysis(session.model, inputs: first)
    let times = found.blocks.isEmpty || rounds.isEmpty ? nil : try BlockTimes(found, session, inputs: first)
    run = observes ? try AttentionRun(found, session, rounds: rounds) : nil
    report = AttentionReport(model: model, found, times, run)
  }

  /// Finds the blocks of a model without running it; costs are counted for inputs of the declared types, symbols bound to
  /// `dimensions`. Throws as `Model.attentionBlocks(dimensions:)`.
  package init(path: String, _ model: Model, dimensions: [String: Int]) throws(OnyxError) {
    report = AttentionReport(model: path, try GraphAnalysis(model.source, dimensions: dimensions), nil, nil)
    run = nil
  }

  /// A file to write.
  package struct File: Sendable {
    package let name: String
    package let bytes: [UInt8]
  }

  /// The largest number of queries of any block; nil when no block has query attention or nothing was observed.
  package var queryCount: Int? { run?.observations.flatMap { $0.queries.prefix(1) }.compactMap { $0.heads.first?.height }.max() }

  /// Whether some block has a row and a column for each of so many tokens.
  package func hasTokens(_ count: Int) -> Bool {
    run?.observations.contains { $0.queries.contains { $0.heads.first?.width == count && $0.heads.first?.height == count } } ?? false
  }

  /// Gates and maps of each round by name, for .npz files.
  package var tensors: [[(name: String, tensor: Tensor)]] { run?.tensors ?? [] }

  /// Compares a second model's gates and maps, of the first round for the report and, where this model was observed, of all rounds for
  /// figures. Throws what a run throws.
  package mutating func compare(
    _ model: String, _ session: Session, _ other: Session, rounds: [AttentionRun.Round]
  ) throws(OnyxError) {
    guard let first = rounds.first else { return }
    report.against = try AttentionComparison(model: model, session, other, inputs: first.inputs)
    guard run != nil else { return }
    let renamed = rounds.map { round in
      AttentionRun.Round(
        inputs: AttentionComparison.inputs(of: other, from: session, round.inputs), pictures: round.pictures, name: round.name)
    }
    let found = try GraphAnalysis(other.model, inputs: renamed[0].inputs)
    compared = try AttentionRun(found, other, rounds: renamed).observations
  }

  /// Remembers a file that was written beside those of `write`.
  package mutating func addFile(_ name: String) { report.files.append(name) }

  /// Figures as SVG and PNG, gates as CSV, and the page. `safeName` makes a file name of a block's name. Figures of one block
  /// are made at a time. Remembers the names for the report.
  package mutating func write(
    query: Int?, tokens: [String] = [], labels: [String] = [], title: String, safeName: (String) -> String,
    _ write: (File) throws(OnyxError) -> Void
  ) throws(OnyxError) {
    guard let run else { return }
    var page = AttentionPage(title: title, report, samples: run.samples)
    var names: [String] = []
    func save(_ text: String, _ name: String) throws(OnyxError) {
      try write(File(name: name, bytes: Array(text.utf8)))
      names.append(name)
    }
    func save(_ figures: [BlockFigures.Named], _ prefix: String) throws(OnyxError) {
      for named in figures {
        try save(try named.figure.svg(isAlone: true), "\(prefix)\(named.name).svg")
        try write(File(name: "\(prefix)\(named.name).png", bytes: try named.figure.png()))
        names.append("\(prefix)\(named.name).png")
      }
    }
    for (number, observation) in run.observations.enumerated() {
      var figures = BlockFigures(observation: observation, samples: run.samples, query: query, tokens: tokens, labels: labels)
      var against = self.against(observation)
      let prefix = "\(number < 9 ? "0" : "")\(number + 1)-\(safeName(observation.block.facts.name))-"
      try save(figures.all + (against?.all ?? []), prefix)
      if let table = GateTable(observation).text { try save(table, "\(prefix)gates.csv") }
      if observation.branches.count == 1, let grouped = LabelledGates(observation.branches[0], labels: labels) {
        try save(grouped.table, "\(prefix)gates-labels.csv")
      }
      if let texts = figures.tokenMatrix { try save(texts.table, "\(prefix)tokens.csv") }
      figures.isOnPage = true
      against?.isOnPage = true
      try page.add(figures.page + (against?.all ?? []).map(\.figure), of: report.blocks[number], observation)
    }
    if let rollout = run.rollout {
      let figures = RolloutFigures(rollout: rollout, samples: run.samples, query: query, tokens: tokens).all
      try save(figures, "")
      try page.add(rollout: figures.map(\.figure))
    }
    try save(try page.text, "attention.html")
    report.files = names
  }

  /// The same block of the second model; nil without one.
  private func against(_ observation: BlockObservation) -> AgainstFigures? {
    compared.first { $0.block.facts.name == observation.block.facts.name && $0.block.match.kind == observation.block.match.kind }
      .map { AgainstFigures(mine: observation, other: $0) }
  }
}
