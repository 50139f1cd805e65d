extension Rewrite {
  /// BlockChannels(UnblockChannels(x)) → x.
  static let cancelReorders = Rewrite(
    "cancel-reorders", changes: .exact, inner: .mayStay, pattern: .onyx("BlockChannels", .unblocked("x")), becomes: .value("x"))
}
