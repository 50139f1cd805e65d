import OnyxTensor

extension Rewrite {
  /// Dropout(x) → x outside training.
  static let removeDropout = Rewrite(
    "remove-dropout", changes: .exact,
    pattern: .op("Dropout", .value("x"), .optional("ratio"), .optional("training_mode")),
    when: [
      Clause("The input 'training_mode' must be absent or a constant false.") { match in
        guard match["training_mode"] != nil else { return true }
        return (try? match.constant("training_mode")?.booleans()) == [false]
      }
    ],
    becomes: .value("x"))
}
