import OnyxGraph
import OnyxOperators
import OnyxTensor

/// One row of the kernel table: which operators and element types it serves, and how it binds a kernel to a node.
package struct KernelRow: Sendable {
  package typealias Prepare = @Sendable (KernelQuery) throws(OnyxError) -> Preparation

  /// Names what it computes and how: `conv_f32_packed`.
  package let name: String
  package let operators: Set<OperatorName>
  package let elements: ServedElements
  /// Whether its kernels find out the sizes of their outputs while they run (`PreparedKernel.make`): it serves where these are not known,
  /// and only there.
  package let findsSizes: Bool
  private let bind: Prepare
  private let bindOpen: Open?

  /// Binds the kernel to attributes, constants and element types of a query that the row serves; nil when it needs the extents.
  package typealias Open = @Sendable (KernelQuery) throws(OnyxError) -> OpenKernel.Bind?

  package init(
    _ name: String, operators: Set<OperatorName>, _ elements: ServedElements, findsSizes: Bool = false, _ prepare: @escaping Prepare
  ) {
    self.init(name, operators, elements, findsSizes: findsSizes, prepare, open: nil)
  }

  private init(
    _ name: String, _ operators: Set<OperatorName>, _ elements: ServedElements, findsSizes: Bool, _ prepare: @escaping Prepare, open: Open?
  ) {
    self.name = name
    self.operators = operators
    self.elements = elements
    self.findsSizes = findsSizes
    bind = prepare
    bindOpen = open
  }

  /// The row, which also serves a node whose extents change from call to call, all inputs and the only output of element types that do
  /// not differ.
  func opened(_ open: @escaping Open) -> KernelRow { KernelRow(name, operators, elements, findsSizes: findsSizes, bind, open: open) }

  /// `operators` are names in `domain`.
  package init(
    _ name: String, _ operators: [String], domain: String = "", _ elements: ServedElements, findsSizes: Bool = false,
    _ prepare: @escaping Prepare
  ) {
    self.init(name, operators: Set(operators.map { OperatorName($0, domain: domain) }), elements, findsSizes: findsSizes, prepare)
  }

  /// A row for operators that are all made as `Op`, whose attributes `prepare` reads there.
  package init<Op: Operator>(
    _ name: String, _ operators: [String], domain: String = "", _ elements: ServedElements, findsSizes: Bool = false,
    _ prepare: @escaping @Sendable (Op, KernelQuery) throws(OnyxError) -> Preparation
  ) {
    self.init(name, operators, domain: domain, elements, findsSizes: findsSizes) { (query) throws(OnyxError) in
      guard let op = query.op as? Op else { throw .bug("The row \(name) is listed for \(query.node.op), which is no \(Op.self).") }
      return try prepare(op, query)
    }
  }

  /// The name of a row for one operator: `reduce_sum_f32` of "ReduceSum" and "f32".
  package static func name(of op: String, _ suffix: String) -> String {
    var name = ""
    var isAfterLowercase = false
    for character in op {
      if character.isUppercase && isAfterLowercase { name.append("_") }
      isAfterLowercase = character.isLowercase || character.isNumber
      name.append(contentsOf: character.lowercased())
    }
    return "\(name)_\(suffix)"
  }

  /// Binds the kernel to a node whose element types the row serves, or says why it does not.
  package func prepare(_ query: KernelQuery) throws(OnyxError) -> Preparation {
    if let reason = elements.reasonAgainst(query) { return .declined(reason) }
    return try bind(query)
  }

  /// The kernel for other extents than those of a query that the row serves; nil when it needs them.
  func open(_ query: KernelQuery) throws(OnyxError) -> OpenKernel? {
    guard let bindOpen, query.outputs.count == 1, let output = query.outputs[0], let bind = try bindOpen(query) else { return nil }
    return OpenKernel(name: name, elementType: output.elementType, bind: bind)
  }

  /// As `prepare`, for a query whose element types the row serves.
  func prepareServed(_ query: KernelQuery) throws(OnyxError) -> Preparation { try bind(query) }
}

/// What a row makes of a query.
package enum Preparation: Sendable {
  case kernel(PreparedKernel)
  /// The row does not serve the node; the reason is put into words only when somebody asks.
  case declinedBecause(@Sendable () -> String)

  /// The row does not serve the node for this reason: "the weights are no constant".
  package static func declined(_ reason: @autoclosure @escaping @Sendable () -> String) -> Preparation { .declinedBecause(reason) }

  /// A kernel that runs `body`; see `PreparedKernel` for the other parameters.
  package static func run(
    scratchByteCount: Int = 0, borrowedByteCount: Int = 0, tableByteCount: Int = 0, inPlaceInputs: [Int] = [], absorbedInputs: [Int] = [],
    _ body: @escaping PreparedKernel.Body
  ) -> Preparation {
    .kernel(
      PreparedKernel(
        scratchByteCount: scratchByteCount, borrowedByteCount: borrowedByteCount, tableByteCount: tableByteCount,
        inPlaceInputs: inPlaceInputs, absorbedInputs: absorbedInputs, body))
  }

  /// A kernel that makes its outputs itself, of a row that finds their sizes.
  package static func make(
    scratchByteCount: Int = 0, borrowedByteCount: Int = 0, _ maker: @escaping PreparedKernel.Maker
  ) -> Preparation {
    .kernel(.make(scratchByteCount: scratchByteCount, borrowedByteCount: borrowedByteCount, maker))
  }

  /// Output 0 is the memory of `input`.
  package static func view(of input: Int) -> Preparation { .kernel(.view(of: input)) }
}

/// The element types that a row serves, and where they stand.
package struct ServedElements: Sendable {
  package enum Place: Sendable, Hashable {
    /// All inputs and outputs that are given.
    case everywhere
    case input(Int)
    case output(Int)
  }

  package let types: Set<ElementType>
  package let place: Place

  package static let float32 = everywhere([.float32])
  /// int8 and uint8 as input 0; rows check the other inputs themselves.
  package static let bytes = input(0, [.int8, .uint8])
  /// Rows that move elements without looking at them.
  package static let any = input(0, Set(ElementType.allCases).subtracting([.string]))

  package static func everywhere(_ types: Set<ElementType>) -> ServedElements { ServedElements(types: types, place: .everywhere) }
  package static func input(_ index: Int, _ types: Set<ElementType>) -> ServedElements {
    ServedElements(types: types, place: .input(index))
  }
  package static func output(_ index: Int, _ types: Set<ElementType>) -> ServedElements {
    ServedElements(types: types, place: .output(index))
  }

  /// Whether the row serves the element types: `reasonAgainst` says no reason.
  func serves(_ query: KernelQuery) -> Bool {
    switch place {
    case .everywhere: serves(query.inputs) && serves(query.outputs)
    case .input(let index): serves(query.inputs, index)
    case .output(let index): serves(query.outputs, index)
    }
  }

  private func serves(_ tensors: [TensorType?]) -> Bool {
    for index in tensors.indices where !serves(tensors, index) { return false }
    return true
  }

  private func serves(_ tensors: [TensorType?], _ index: Int) -> Bool {
    guard tensors.indices.contains(index), let type = tensors[index]?.elementType else { return true }
    return types.contains(type)
  }

  /// Names the tensor whose element type the row does not serve; nil when it serves all.
  func reasonAgainst(_ query: KernelQuery) -> String? {
    switch place {
    case .everywhere: reason(query.inputs, "input") ?? reason(query.outputs, "output")
    case .input(let index): reason(query.inputs, "input", only: index)
    case .output(let index): reason(query.outputs, "output", only: index)
    }
  }

  private func reason(_ tensors: [TensorType?], _ what: String, only position: Int? = nil) -> String? {
    for (index, tensor) in tensors.enumerated() where position ?? index == index {
      if let type = tensor?.elementType, !types.contains(type) { return "\(what) \(index) is \(type)" }
    }
    return nil
  }
}
