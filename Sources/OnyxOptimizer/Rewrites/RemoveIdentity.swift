extension Rewrite {
  /// Identity(x) → x
  static let removeIdentity = Rewrite("remove-identity", changes: .exact, pattern: .op("Identity", .value("x")), becomes: .value("x"))
}
