/// The version of this package.
public let version = "0.4.0"
