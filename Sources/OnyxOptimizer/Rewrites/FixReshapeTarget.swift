import OnyxGraph
import OnyxOperators
import OnyxTensor

extension Rewrite {
  /// The computed shape input of a Reshape becomes a constant, with −1 or copied axes for what only the run knows, so that a
  /// model with a symbolic batch carries no shape arithmetic at run time.
  static let fixReshapeTarget = Rewrite(
    "fix-reshape-target", changes: .exact, inner: .mayStay,
    pattern: .op("Reshape", .value("x"), .value("shape"), named: "reshape"),
    when: [
      Clause("The shape input must be computed.") { $0.constant("shape") == nil },
      Clause("The shape must be known up to axes of the input or one other dimension.") { match in
        match.result?.shape.flatMap { ReshapeTarget(from: match.shape("x"), to: $0) } != nil
      },
    ]
  ) { (match, patch) throws(OnyxError) in
    guard let shape = match.result?.shape, let target = ReshapeTarget(from: match.shape("x"), to: shape) else {
      throw .bug("A checked shape is gone.")
    }
    return try target.reshape(try match.required("x"), in: &patch)
  }
}
