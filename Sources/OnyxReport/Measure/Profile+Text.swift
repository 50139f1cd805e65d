import OnyxInsight

extension Profile {
  /// The tables that `onyx profile` prints: by operator, by module and by attention block where there are some, and by step, the
  /// costliest first, the steps of a body indented below theirs.
  package var text: String {
    var tables = [table("operator", operators)]
    if modules.count > 1 { tables.append(table("module", modules)) }
    if blocks.count > 1 || blocks.contains(where: { $0.name != "(no block)" }) { tables.append(table("attention block", blocks)) }
    return (tables + [stepTable, footer]).joined(separator: "\n")
  }

  private func table(_ title: String, _ groups: [Group]) -> String {
    var table = TextTable([(title, .left), ("calls", .right)] + Self.costColumns)
    for group in groups { table.append([group.name, "\(group.calls)"] + Self.cells(group.cost)) }
    table.append(["all", "\(groups.reduce(0) { $0 + $1.calls })"] + Self.cells(total))
    table.fit(columns: 100, shortening: 0, to: 24, keeping: .end)
    return table.text
  }

  private var stepTable: String {
    var byStep = TextTable(
      [("operator", .left), ("name", .left), ("kernel", .left), ("output", .left), ("calls", .right)] + Self.costColumns)
    let order = steps.indices.sorted { (steps[$1].cost.milliseconds, $0) < (steps[$0].cost.milliseconds, $1) }
    for (depth, step) in order.flatMap({ steps[$0].flattened() }) {
      let op = String(repeating: "  ", count: depth) + step.op
      byStep.append([op, step.name, step.kernel, Self.type(step), "\(step.calls)"] + Self.cells(step.cost))
    }
    byStep.fit(columns: 140, shortening: 1, to: 16, keeping: .end)
    return byStep.text
  }

  private static var costColumns: [(title: String, alignment: TextTable.Alignment)] {
    [("time ms", .right), ("share", .right), ("GFLOP/s", .right), ("GB/s", .right)]
  }

  private static func cells(_ cost: Cost) -> [String] {
    [
      Quantity.decimal(cost.milliseconds, digits: 4), Quantity.decimal(100 * cost.share, digits: 1) + " %",
      cost.gigaflops.map { Quantity.decimal($0) } ?? "", cost.gigabytes.map { Quantity.decimal($0) } ?? "",
    ]
  }

  private static func type(_ step: Step) -> String {
    guard let type = step.type, let shape = step.shape else { return "dynamic" }
    return type + "[" + shape.map(String.init).joined(separator: ",") + "]"
  }

  private var footer: String {
    func number(_ value: Double) -> String { Quantity.decimal(value, digits: 3) }
    return "run \(number(runMilliseconds)) ms, steps \(number(total.milliseconds)) ms, \(Quantity.count(steps.count, "step")); "
      + "\(isa), \(Quantity.count(threads, "thread")), median of \(Quantity.count(runs, "run")), activations "
      + "\(Quantity.bytes(peakActivationBytes))\n"
  }
}
