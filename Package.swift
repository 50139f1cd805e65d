// swift-tools-version: 6.2
import PackageDescription

/// CI and `tools/test` set this; a user of the package is not stopped by a newer compiler's new warning.
let strict = Context.environment["ONYX_WARNINGS_AS_ERRORS"] != nil

let swiftSettings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6), .strictMemorySafety(), .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (strict ? [.treatAllWarnings(as: .error)] : [])

func swiftTarget(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func testTarget(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

func systemLibrary(_ name: String, _ pkgConfig: String, apt: String, brew: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// Listed in pipeline order: a target depends only on targets above it.
let package = Package(
  name: "Onyx",
  platforms: [.macOS("26.0")],
  products: [
    .library(name: "Onyx", targets: ["Onyx"]),
    .executable(name: "onyx", targets: ["OnyxCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    systemLibrary("CProtobufC", "libprotobuf-c", apt: "libprotobuf-c-dev", brew: "protobuf-c"),
    systemLibrary("CZlib", "zlib", apt: "zlib1g-dev", brew: "zlib"),
    systemLibrary("CPNG", "libpng", apt: "libpng-dev", brew: "libpng"),
    systemLibrary("CJPEG", "libjpeg", apt: "libjpeg-dev", brew: "jpeg-turbo"),
    .target(name: "COnnxProto", dependencies: ["CProtobufC"]),
    .target(name: "CCodecs", dependencies: ["CZlib", "CPNG", "CJPEG"]),
    .target(name: "CSystem"),
    .target(name: "CKernels", linkerSettings: [.linkedLibrary("m")]),
    swiftTarget("OnyxTensor", ["CSystem"]),
    swiftTarget("OnyxProto", ["OnyxTensor", "COnnxProto", "CProtobufC", "CSystem"]),
    swiftTarget("OnyxFiles", ["OnyxProto", "OnyxTensor", "CCodecs", "CSystem"]),
    swiftTarget("OnyxGraph", ["OnyxTensor"]),
    swiftTarget("OnyxOperators", ["OnyxGraph", "OnyxTensor"]),
    swiftTarget("OnyxLoader", ["OnyxOperators", "OnyxGraph", "OnyxProto", "OnyxTensor"]),
    swiftTarget("OnyxAttention", ["OnyxOperators", "OnyxGraph", "OnyxTensor"]),
    swiftTarget("OnyxOptimizer", ["OnyxAttention", "OnyxOperators", "OnyxGraph", "OnyxTensor"]),
    swiftTarget("OnyxRuntime", ["OnyxOptimizer", "OnyxOperators", "OnyxGraph", "OnyxTensor", "CKernels", "CSystem"]),
    swiftTarget("Onyx", ["OnyxRuntime", "OnyxOptimizer", "OnyxLoader", "OnyxOperators", "OnyxGraph", "OnyxTensor"]),
    swiftTarget("OnyxFigures", ["OnyxFiles", "OnyxTensor"]),
    swiftTarget(
      "OnyxReport",
      [
        "Onyx", "OnyxFigures", "OnyxFiles", "OnyxProto", "OnyxRuntime", "OnyxOptimizer", "OnyxAttention", "OnyxLoader", "OnyxOperators",
        "OnyxGraph",
        "OnyxTensor",
      ]),
    .executableTarget(
      name: "OnyxCLI",
      dependencies: [
        "Onyx", "OnyxReport", "OnyxRuntime", "OnyxLoader", "OnyxOperators", "OnyxGraph", "OnyxFiles", "OnyxTensor", arguments,
      ],
      swiftSettings: swiftSettings),
    swiftTarget(
      "OnyxTestSupport", ["Onyx", "OnyxRuntime", "OnyxOptimizer", "OnyxLoader", "OnyxOperators", "OnyxGraph", "OnyxFiles", "OnyxTensor"]),
    testTarget("OnyxTensorTests", ["OnyxTensor", "OnyxTestSupport"]),
    testTarget("OnyxFilesTests", ["OnyxFiles", "OnyxProto", "OnyxTensor", "OnyxTestSupport"]),
    testTarget("OnyxGraphTests", ["OnyxGraph", "OnyxTensor", "OnyxTestSupport"]),
    testTarget("OnyxOperatorsTests", ["OnyxOperators", "OnyxGraph", "OnyxTensor", "OnyxTestSupport"]),
    testTarget(
      "OnyxLoaderTests", ["OnyxLoader", "OnyxOperators", "OnyxGraph", "OnyxProto", "OnyxTensor", "OnyxTestSupport", "COnnxProto"]),
    testTarget(
      "OnyxAttentionTests", ["OnyxAttention", "OnyxOptimizer", "OnyxLoader", "OnyxOperators", "OnyxGraph", "OnyxTensor", "OnyxTestSupport"]),
    testTarget("OnyxOptimizerTests", ["OnyxOptimizer", "OnyxOperators", "OnyxGraph", "OnyxTensor", "OnyxTestSupport"]),
    testTarget("KernelTests", ["OnyxRuntime", "CKernels", "OnyxTensor", "OnyxTestSupport"]),
    testTarget("OnyxRuntimeTests", ["OnyxRuntime", "OnyxOptimizer", "OnyxOperators", "OnyxGraph", "OnyxTensor", "OnyxTestSupport"]),
    testTarget("OnyxTests", ["Onyx", "OnyxLoader", "OnyxFiles", "OnyxTensor", "OnyxTestSupport"]),
    testTarget("ConformanceTests", ["Onyx", "OnyxReport", "OnyxFiles", "OnyxTensor", "OnyxTestSupport"], exclude: ["onnx-cases.txt"]),
    testTarget("OnyxFiguresTests", ["OnyxFigures", "OnyxFiles", "OnyxTensor", "OnyxTestSupport"]),
    testTarget("CLITests", ["Onyx", "OnyxReport", "OnyxFigures", "OnyxTestSupport", "OnyxFiles", "OnyxTensor", "OnyxCLI"]),
    testTarget(
      "ArchitectureTests", ["OnyxOperators", "OnyxGraph", "OnyxTensor", "OnyxTestSupport"], exclude: ["StandardSignatures.txt"]),
  ],
  cLanguageStandard: .c11
)
