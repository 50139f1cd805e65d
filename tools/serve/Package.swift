// swift-tools-version: 6.2
import PackageDescription

/// CI and `tools/test` set this; a user of the package is not stopped by a newer compiler's new warning.
let strict = Context.environment["ONYX_WARNINGS_AS_ERRORS"] != nil

let swiftSettings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6), .strictMemorySafety(), .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (strict ? [.treatAllWarnings(as: .error)] : [])

let onyx = Target.Dependency.product(name: "Onyx", package: "Onyx")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")

/// A package of its own, so that those who depend on `Onyx` resolve nothing that only a server needs.
let package = Package(
  name: "onyx-serve",
  platforms: [.macOS("26.0")],
  products: [.executable(name: "onyx-serve", targets: ["OnyxServeCommand"])],
  dependencies: [
    .package(name: "Onyx", path: "../.."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .systemLibrary(name: "COnyxServeZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(
      name: "OnyxServe",
      dependencies: [
        "COnyxServeZlib", onyx, log, nio,
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
        .product(name: "NIOHPACK", package: "swift-nio-http2"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "OnyxServeCommand",
      dependencies: [
        "OnyxServe", onyx, log, nio,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "OnyxServeTests",
      dependencies: [
        "OnyxServe", onyx, log, nio, .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      swiftSettings: swiftSettings),
  ],
  cLanguageStandard: .c11
)
