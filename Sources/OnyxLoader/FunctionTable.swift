import OnyxGraph
import OnyxProto
import OnyxTensor

/// The model-local functions, known to be acyclic.
struct FunctionTable {
  struct Key: Hashable {
    let op: OperatorName
    let overload: String
  }

  private let functions: [FunctionMessage]
  /// Nodes that a call of each function is once the calls in it are replaced, in bodies too.
  private var sizes: [Int] = []
  private let indices: [Key: Int]

  /// Throws `invalidModel` for two functions of one name and for recursion, `budgetExceeded` for long chains of calls.
  init(_ functions: [FunctionMessage], _ options: LoadOptions) throws(OnyxError) {
    self.functions = functions
    var indices: [Key: Int] = [:]
    for (index, function) in functions.enumerated() {
      let key = Key(op: OperatorName(function.name, domain: function.domain), overload: function.overload)
      guard !function.name.isEmpty else { throw .invalid("A model-local function has no name.") }
      guard indices.updateValue(index, forKey: key) == nil else { throw .invalid("The function '\(key.op)' is defined twice.") }
    }
    self.indices = indices
    try checkCalls(options)
  }

  /// The function that a node calls; nil when the node is an operator. A function wins over an operator of the same name.
  func function(of node: NodeMessage) -> FunctionMessage? { index(of: node).map { functions[$0] } }

  private func index(of node: NodeMessage) -> Int? {
    indices.isEmpty ? nil : indices[Key(op: OperatorName(node.op, domain: node.domain), overload: node.overload)]
  }

  /// Throws `budgetExceeded` when the nodes are more than `options` allow once calls are replaced, before any of them is.
  func check(_ nodes: [NodeMessage], _ options: LoadOptions) throws(OnyxError) {
    if functions.isEmpty { return }
    var own = 0
    forEachNode(nodes) { _ in own += 1 }
    guard size(of: nodes) - own <= options.largestExpansion else { throw .tooExpanded("functions", options.largestExpansion) }
  }

  /// The number of nodes once calls are replaced, in bodies too; that of the callees is known.
  private func size(of nodes: [NodeMessage]) -> Int {
    var total = 0
    forEachNode(nodes) { node in
      let (sum, overflow) = total.addingReportingOverflow(index(of: node).map { sizes[$0] } ?? 1)
      total = overflow ? .max : sum
    }
    return total
  }

  private func callees(of function: FunctionMessage) -> [Int] {
    var found: Set<Int> = []
    function.forEachNode { node in if let callee = index(of: node) { found.insert(callee) } }
    return found.sorted()
  }

  /// Depth-first over the calls with a stack of its own.
  private mutating func checkCalls(_ options: LoadOptions) throws(OnyxError) {
    var height = [Int?](repeating: nil, count: functions.count)
    sizes = [Int](repeating: 0, count: functions.count)
    for root in functions.indices where height[root] == nil {
      var stack = [(function: root, callees: callees(of: functions[root]), next: 0)]
      var active: Set<Int> = [root]
      while let top = stack.last {
        if top.next < top.callees.count {
          stack[stack.count - 1].next += 1
          let callee = top.callees[top.next]
          guard !active.contains(callee) else {
            throw .invalid(
              "The function '\(functions[callee].name)' calls itself, directly or through others.",
              remedy: "ONNX functions cannot be recursive.")
          }
          if height[callee] == nil {
            active.insert(callee)
            stack.append((callee, callees(of: functions[callee]), 0))
          }
        } else {
          stack.removeLast()
          active.remove(top.function)
          let tallest = top.callees.compactMap { height[$0] }.max() ?? 0
          height[top.function] = tallest + 1
          sizes[top.function] = size(of: functions[top.function].nodes)
          guard tallest < options.deepestCallChain else {
            throw .budget(
              "More than \(options.deepestCallChain) functions of the model call one another in a row.",
              remedy: "Inline the functions with onnx.inliner first.")
          }
        }
      }
    }
  }
}

extension FunctionMessage {
  /// Every node, those in bodies included.
  func forEachNode(_ visit: (NodeMessage) -> Void) {
    OnyxLoader.forEachNode(nodes, visit)
    for attribute in defaults { for graph in attribute.graphs { OnyxLoader.forEachNode(graph.nodes, visit) } }
  }
}

/// Every node, those in bodies included, outer nodes before inner ones.
func forEachNode(_ nodes: [NodeMessage], _ visit: (NodeMessage) -> Void) {
  var pending = [nodes]
  while let next = pending.popLast() {
    for node in next {
      visit(node)
      for attribute in node.attributes { for graph in attribute.graphs { pending.append(graph.nodes) } }
    }
  }
}
