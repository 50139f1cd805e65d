// swift-tools-version: 6.2
import PackageDescription

/// A program that depends on Onyx by version, as users do; `tools/check_debug` builds it.
///
/// `ONYX_TAGGED` is the address of a tagged copy of the repository.
let package = Package(
  name: "consumer",
  platforms: [.macOS("26.0")],
  dependencies: [.package(url: Context.environment["ONYX_TAGGED"] ?? "", from: "99.0.0")],
  targets: [.executableTarget(name: "consumer", dependencies: [.product(name: "Onyx", package: "onyx")])]
)
