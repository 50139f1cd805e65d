import OnyxTensor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What Foundation shows of an error: `localizedDescription` is the reason with the place in the graph, not the name of the type.
extension OnyxError: LocalizedError {
  /// The whole text of the error: `description`.
  public var errorDescription: String? { description }
  /// What is wrong, in one sentence, without the place.
  public var failureReason: String? { reason }
  /// What the user can do, in one sentence.
  public var recoverySuggestion: String? { remedy }
}
