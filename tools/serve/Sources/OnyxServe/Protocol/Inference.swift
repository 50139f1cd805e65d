import NIOCore
import Onyx

/// Which tensors of attention blocks a request asks for beside the outputs, by its parameter `attention`.
package enum AttentionChoice: String, Sendable {
  case none, gates, maps, all

  /// By the text of the parameter. Throws `badRequest` for another.
  package init(parameter: String) throws(Failure) {
    guard let choice = Self(rawValue: parameter) else {
      throw Failure(.badRequest, "The parameter 'attention' is '\(parameter)'; it may be \"gates\", \"maps\" or \"all\".")
    }
    self = choice
  }
}

/// One request to run a model, whatever it came by.
package struct InferenceRequest: Sendable {
  /// An output that is asked for.
  package struct Output: Sendable {
    package let name: String
    /// Whether its elements are wanted as bytes behind the JSON; nil: as the request says.
    package var isBinary: Bool?
  }

  /// What the sender calls it; empty where it has no name.
  package var id = ""
  /// By name.
  package var inputs: [String: Tensor] = [:]
  /// nil: all of the model's, in its order.
  package var outputs: [Output]?
  /// Whether outputs that say nothing of it are wanted as bytes.
  package var isBinary = false
  /// How long the sender waits, counted from the arrival.
  package var timeout: Duration?
  /// What is wanted of attention blocks.
  package var attention = AttentionChoice.none

  /// Without inputs.
  package init() {}

  /// Adds an input. Throws `badRequest` for a second one of its name.
  package mutating func add(_ name: String, _ tensor: Tensor) throws(Failure) {
    guard inputs.updateValue(tensor, forKey: name) == nil else {
      throw Failure(.badRequest, "The input '\(name)' is given twice.")
    }
  }

  /// Takes a parameter of the request that both protocols have.
  package mutating func take(_ name: String, timeoutMicroseconds: Int?) throws(Failure) {
    guard name == "timeout", let microseconds = timeoutMicroseconds else { return }
    guard microseconds >= 0 else { throw Failure(.badRequest, "The parameter 'timeout' is negative.") }
    timeout = microseconds == 0 ? nil : .microseconds(microseconds)
  }
}

/// Rows of a tensor that answer one request: the tensor may hold those of a whole batch.
package struct OutputRows: Sendable {
  package let name: String
  package let tensor: Tensor
  /// Of the rows.
  package let shape: [Int]
  /// Their elements in the tensor.
  package let elements: Range<Int>
  /// Whether they are to be sent as bytes behind the JSON.
  package var isBinary = false

  /// The protocol's name of the type. Throws `unimplemented` for a type that it lacks.
  package var datatype: String {
    get throws(Failure) {
      guard let name = tensor.elementType.datatype else {
        throw Failure(.unimplemented, "The output '\(name)' is of the type \(tensor.elementType), which the protocol lacks.")
      }
      return name
    }
  }
}

/// What a run answers.
package struct InferenceResult: Sendable {
  package let model: String
  package let version: String
  package let id: String
  package let outputs: [OutputRows]
  /// A JSON document that says which outputs belong to which attention block; nil when it was not asked for.
  package var attention: String?
}

/// How requests and answers look in one protocol. Called on worker threads.
package protocol InferenceCodec: Sendable {
  /// The request, with the tensors of its inputs.
  func decode() throws(Failure) -> InferenceRequest
  /// The answer as it is sent.
  func encode(_ result: InferenceResult) throws(Failure) -> EncodedAnswer
}

/// An answer as it is sent.
package struct EncodedAnswer: Sendable {
  package var body: ByteBuffer
  /// Of the JSON before the bytes, where there are such.
  package var headerLength: Int?

  /// Of bytes, the first of which are JSON where that says so.
  package init(body: ByteBuffer, headerLength: Int? = nil) {
    self.body = body
    self.headerLength = headerLength
  }
}
