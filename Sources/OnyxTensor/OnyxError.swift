/// The one error that leaves Onyx: what went wrong, where in the graph, with which input types, and what to do about it.
///
/// Inner layers throw it with a reason only; the layer that knows the node adds the trail and the input types (`at(node:)`).
public struct OnyxError: Error, Sendable, Hashable {
  /// The kind of failure. It decides the exit code of the command line; more kinds can be added.
  public struct Code: Sendable, Hashable {
    package enum Kind: Int, Sendable {
      case usage = 64
      case invalidModel = 65
      case missingFile = 66
      case unsupported = 69
      case internalBug = 70
      case outputFailed = 74
      case budgetExceeded = 75
    }
    package let kind: Kind

    /// The caller passed a wrong name, shape, type or option.
    public static let usage = Code(kind: .usage)
    /// The model or tensor file breaks the ONNX format or the ONNX rules.
    public static let invalidModel = Code(kind: .invalidModel)
    /// A file is not there or cannot be read.
    public static let missingFile = Code(kind: .missingFile)
    /// Valid ONNX that Onyx lacks: an operator, an element type, an operator set version.
    public static let unsupported = Code(kind: .unsupported)
    /// A bug of Onyx.
    public static let internalBug = Code(kind: .internalBug)
    /// A file or report could not be written to its end: the disk is full, the reader is gone.
    public static let outputFailed = Code(kind: .outputFailed)
    /// A memory budget or deadline was exceeded, or the run was cancelled.
    public static let budgetExceeded = Code(kind: .budgetExceeded)

    /// The exit code of the command line for this kind (sysexits.h numbers).
    public var exitCode: Int32 { Int32(kind.rawValue) }
  }

  /// The kind of failure.
  public let code: Code
  /// What is wrong, in one sentence, without the place.
  public let reason: String
  /// What the user can do, in one sentence.
  public let remedy: String?
  /// The node names from the innermost graph outwards, each with its operator: "block/concat_3 (Concat)".
  public internal(set) var trail: [String] = []
  /// The input types of the innermost node: "float32[1,8,4]".
  public internal(set) var inputTypes: [String] = []

  /// An error without a place in a graph; `reason` and `remedy` are whole sentences. Long names in them are cut.
  public init(_ code: Code, _ reason: String, remedy: String? = nil) {
    self.code = code
    self.reason = LongNames.cutMessage(reason)
    self.remedy = remedy.map(LongNames.cutMessage)
  }

  /// The same error with one more enclosing node; input types are kept from the innermost node.
  package func at(node: String, inputTypes: [String] = []) -> OnyxError {
    var located = self
    if located.trail.isEmpty { located.inputTypes = inputTypes.map(LongNames.cutMessage) }
    located.trail.append(LongNames.cutMessage(node))
    return located
  }
}

extension OnyxError {
  /// The input or the attributes break a rule of the operator.
  package static func invalid(_ reason: String, remedy: String? = nil) -> OnyxError { OnyxError(.invalidModel, reason, remedy: remedy) }
  /// Valid ONNX that is not implemented.
  package static func unsupported(_ reason: String, remedy: String? = nil) -> OnyxError { OnyxError(.unsupported, reason, remedy: remedy) }
  /// A wrong argument of the caller.
  package static func usage(_ reason: String, remedy: String? = nil) -> OnyxError { OnyxError(.usage, reason, remedy: remedy) }
  /// More memory, steps or time than allowed.
  package static func budget(_ reason: String, remedy: String? = nil) -> OnyxError { OnyxError(.budgetExceeded, reason, remedy: remedy) }
  /// A state that only a bug of Onyx can produce.
  package static func bug(_ reason: String) -> OnyxError {
    OnyxError(.internalBug, reason, remedy: "This is a bug in Onyx: please report it with the model.")
  }
}

extension OnyxError.Code: CustomStringConvertible {
  /// The name of the kind, as it stands in source code: "invalidModel".
  public var description: String { "\(kind)" }
}

extension OnyxError: CustomStringConvertible {
  /// The reason, then the nodes, the input types and the remedy, each on a line of its own.
  public var description: String {
    var text = reason
    if !trail.isEmpty { text += "\n  at node " + trail.joined(separator: "\n  inside ") }
    if !inputTypes.isEmpty { text += "\n  inputs " + inputTypes.joined(separator: ", ") }
    if let remedy { text += "\n  " + remedy }
    return text
  }
}
