extension Session {
  /// The version of Onyx.
  public static let version = "0.4.0"
}
