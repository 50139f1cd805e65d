// swift-tools-version: 6.2
import PackageDescription

/// Small programs that depend on Onyx as users' do: `swift run --package-path tools/examples classify …`.
///
/// `ONYX_TAGGED` is the address of a tagged copy of the repository, on which they then depend by version; `tools/build_examples` sets it.
let onyx: Package.Dependency =
  Context.environment["ONYX_TAGGED"].map { .package(url: $0, from: "99.0.0") } ?? .package(name: "onyx", path: "../..")

func program(_ name: String) -> Target { .executableTarget(name: name, dependencies: [.product(name: "Onyx", package: "onyx")]) }

let package = Package(
  name: "examples",
  platforms: [.macOS("26.0")],
  dependencies: [onyx],
  targets: [
    program("classify"), program("gates"), program("summary"), program("timing"),
    .testTarget(name: "CoverageTests", dependencies: [.product(name: "OnyxTesting", package: "onyx")]),
  ]
)
