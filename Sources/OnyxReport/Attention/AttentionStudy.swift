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

  /// Compares a second model's gates and maps, for the report.
  package mutating func compare(_ comparison: AttentionComparison) { report.against = comparison }

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
    for (number, observation) in run.observations.enumerated() {
      var figures = BlockFigures(observation: observation, samples: run.samples, query: query, tokens: tokens, labels: labels)
      let prefix = "\(number < 9 ? "0" : "")\(number + 1)-\(safeName(observation.block.facts.name))"
      for named in figures.all {
        try write(File(name: "\(prefix)-\(named.name).svg", bytes: Array(try named.figure.svg(isAlone: true).utf8)))
        try write(File(name: "\(prefix)-\(named.name).png", bytes: try named.figure.png()))
        names += ["\(prefix)-\(named.name).svg", "\(prefix)-\(named.name).png"]
      }
      if let table = GateTable(observation).text {
        try write(File(name: "\(prefix)-gates.csv", bytes: Array(table.utf8)))
        names.append("\(prefix)-gates.csv")
      }
      if observation.branches.count == 1, let grouped = LabelledGates(observation.branches[0], labels: labels) {
        try write(File(name: "\(prefix)-gates-labels.csv", bytes: Array(grouped.table.utf8)))
        names.append("\(prefix)-gates-labels.csv")
      }
      if let texts = figures.tokenMatrix {
        try write(File(name: "\(prefix)-tokens.csv", bytes: Array(texts.table.utf8)))
        names.append("\(prefix)-tokens.csv")
      }
      figures.isOnPage = true
      try page.add(figures.page, of: report.blocks[number], observation)
    }
    if let rollout = run.rollout {
      let figures = RolloutFigures(rollout: rollout, samples: run.samples, query: query).all
      for named in figures {
        try write(File(name: "\(named.name).svg", bytes: Array(try named.figure.svg(isAlone: true).utf8)))
        try write(File(name: "\(named.name).png", bytes: try named.figure.png()))
        names += ["\(named.name).svg", "\(named.name).png"]
      }
      try page.add(rollout: figures.map(\.figure))
    }
    try write(File(name: "attention.html", bytes: Array(try page.text.utf8)))
    report.files = names + ["attention.html"]
  }
}
