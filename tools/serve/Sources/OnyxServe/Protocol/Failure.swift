import NIOHTTP1
import Onyx

/// Why a request has no result: by the status that HTTP and gRPC have for it, and in words for whoever sent it.
package struct Failure: Error, Sendable {
  /// What kind of failure it is.
  package enum Kind: String, Sendable {
    case badRequest, unauthenticated, forbidden, notFound, methodNotAllowed, requestTimeout, tooLarge, unsupportedMedia, tooManyRequests,
      cancelled,
      deadlineExceeded, internalError, unavailable, unimplemented
  }

  /// What kind of failure it is.
  package let kind: Kind
  /// One sentence or more that names the thing and the remedy.
  package let message: String

  /// A failure of a kind with its words.
  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// What a run or a load threw; an error past a limit is told by what `limits` say.
  package init(_ error: OnyxError, limits: RunLimits? = nil) {
    let kind: Kind =
      switch error.code {
      case .usage, .invalidModel: .badRequest
      case .unsupported: .unimplemented
      case .budgetExceeded where limits?.isCancelled == true: .cancelled
      case .budgetExceeded where limits?.deadline.map { ContinuousClock.now > $0 } == true: .deadlineExceeded
      case .budgetExceeded: .tooLarge
      default: .internalError
      }
    self.init(kind, error.description)
  }

  /// The status of the answer over HTTP.
  package var status: HTTPResponseStatus {
    switch kind {
    case .badRequest: .badRequest
    case .unauthenticated: .unauthorized
    case .forbidden: .forbidden
    case .notFound: .notFound
    case .methodNotAllowed: .methodNotAllowed
    case .requestTimeout: .requestTimeout
    case .tooLarge: .payloadTooLarge
    case .unsupportedMedia: .unsupportedMediaType
    case .tooManyRequests: .tooManyRequests
    // What nginx calls "client closed request"; nobody is there to read it.
    case .cancelled: .custom(code: 499, reasonPhrase: "Client Closed Request")
    case .deadlineExceeded: .gatewayTimeout
    case .internalError: .internalServerError
    case .unavailable: .serviceUnavailable
    case .unimplemented: .notImplemented
    }
  }

  /// The status code of gRPC.
  package var grpcStatus: Int {
    switch kind {
    case .cancelled: 1
    case .badRequest, .unsupportedMedia, .methodNotAllowed: 3
    case .deadlineExceeded, .requestTimeout: 4
    case .notFound: 5
    case .forbidden: 7
    case .tooLarge, .tooManyRequests: 8
    case .unimplemented: 12
    case .internalError: 13
    case .unavailable: 14
    case .unauthenticated: 16
    }
  }
}
