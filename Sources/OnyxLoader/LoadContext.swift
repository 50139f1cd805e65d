import OnyxGraph
import OnyxProto
import OnyxTensor

/// What all graphs of one model share while it is loaded: the budget and the names that are taken.
final class LoadContext {
  let opsets: [String: Int]
  let functions: FunctionTable
  let folder: ModelFolder?
  let options: LoadOptions
  let irVersion: Int64
  let budget: ExpansionBudget
  private var symbols: Set<String> = []
  private var denseElements = 0

  init(opsets: [String: Int], functions: FunctionTable, folder: ModelFolder?, options: LoadOptions, irVersion: Int64) {
    self.opsets = opsets
    self.functions = functions
    self.folder = folder
    self.options = options
    budget = ExpansionBudget(options)
    self.irVersion = irVersion
  }

  /// `wish`, or a name made from it that no other unknown dimension of the model has.
  func freshSymbol(_ wish: String) -> String {
    var name = wish
    var number = 2
    while !symbols.insert(name).inserted {
      name = "\(wish)#\(number)"
      number += 1
    }
    return name
  }

  /// Takes the cost of one inlined node from the budget.
  func spendExpansion(_ node: NodeMessage) throws(OnyxError) {
    let attributes = node.attributes.reduce(0) { $0 + $1.inliningCost }
    try budget.spend(1 + node.inputs.count + node.outputs.count + node.name.utf8.count / 32 + attributes, "functions")
  }

  func spendDenseElements(_ count: Int) throws(OnyxError) {
    let (sum, overflow) = denseElements.addingReportingOverflow(count)
    guard !overflow, sum <= options.largestDenseElementCount else {
      throw .budget(
        "The sparse initializers have more than \(options.largestDenseElementCount) elements as dense tensors.",
        remedy: "Raise the limit if the model can be trusted.")
    }
    denseElements = sum
  }
}

/// Nodes and edges that the graphs of one model may grow by while it is loaded.
package final class ExpansionBudget {
  private let limit: Int
  private var spent = 0

  package init(_ options: LoadOptions) { limit = options.largestExpansion }

  /// Throws `budgetExceeded` when the growth is larger than the options allow; `makers` says in the message what made it.
  func spend(_ cost: Int, _ makers: String) throws(OnyxError) {
    spent += cost
    guard spent <= limit else { throw .tooExpanded(makers, limit) }
  }
}

extension OnyxError {
  /// What `makers` make of the model is more than the limit.
  static func tooExpanded(_ makers: String, _ limit: Int) -> OnyxError {
    .budget(
      "The \(makers) of the model expand to more than \(limit) nodes and edges.", remedy: "Raise the limit if the model can be trusted.")
  }
}

extension AttributeMessage {
  /// What each copy of the attribute costs, about one unit for each value that is copied.
  fileprivate var inliningCost: Int {
    switch content {
    case .tensor(let tensor): tensor.inliningCost
    case .tensors(let tensors): tensors.reduce(1) { $0 + $1.inliningCost }
    default: 1
    }
  }
}

extension TensorMessage {
  fileprivate var inliningCost: Int {
    switch content {
    case .none, .external: 1
    // Small and sub-byte data is copied, large data is viewed.
    case .raw(let slice): 1 + slice.count / 16
    case .floats(let values): 1 + values.count
    case .doubles(let values): 1 + values.count
    case .int32s(let values): 1 + values.count
    case .int64s(let values): 1 + values.count
    case .uint64s(let values): 1 + values.count
    case .strings(let values): 1 + values.count
    }
  }
}
