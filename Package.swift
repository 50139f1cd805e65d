// swift-tools-version: 6.2
import PackageDescription

/// CI and `tools/test` set this; a user of the package is not stopped by a newer compiler's new warning.
let strict = Context.environment["ONYX_WARNINGS_AS_ERRORS"] != nil

/// Debug information that has lines, but no variables: to say where those of unrolled loops are takes a third of the compiler's time.
let linesOnly = ["-Xclang", "-debug-info-kind=line-tables-only"]

let swiftSettings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6), .strictMemorySafety(), .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (strict ? [.treatAllWarnings(as: .error)] : [])

/// A debug build optimizes the targets in which a run spends its time, so that a program that depends on Onyx is fast before
/// it is built for release. A package that depends on Onyx turns it off by `traits: []`, this one by `--disable-default-traits`.
let whereDebugIsOptimized = BuildSettingCondition.when(configuration: .debug, traits: ["OptimizedDebug"])

/// The whole module at once is compiled in less time than file by file. The number of threads is what makes the compiler write an object
/// for each file, as debug builds expect.
let optimizedDebug: [SwiftSetting] = [
  .unsafeFlags(["-O", "-whole-module-optimization", "-num-threads", "2"], whereDebugIsOptimized)
]

/// `tools/build_wheel` sets this: what runs while a model is loaded, or by scalar references, then takes less room.
let isSmall = Context.environment["ONYX_SMALL"] != nil

/// `tools/test --sanitize address` sets this: C is checked for undefined behaviour as well. The kernels are not, since that takes longer to
/// compile than everything else together; `tools/check_kernels --sanitize` checks them alone.
let checksUndefined = Context.environment["ONYX_CHECK_UNDEFINED"] != nil

func cTarget(_ name: String, _ dependencies: [Target.Dependency] = [], linkerSettings: [LinkerSetting] = []) -> Target {
  .target(
    name: name, dependencies: dependencies,
    cSettings: [.unsafeFlags(["-O2"], whereDebugIsOptimized)] + (strict ? [.unsafeFlags(linesOnly)] : [])
      + (checksUndefined && name != "CKernels" ? [.unsafeFlags(["-fsanitize=undefined"])] : []), linkerSettings: linkerSettings)
}

/// - Parameter isHot: whether steps of a run spend time in this target, so that debug builds optimize it.
func swiftTarget(_ name: String, _ dependencies: [Target.Dependency], isHot: Bool = false) -> Target {
  .target(
    name: name, dependencies: dependencies,
    swiftSettings: swiftSettings + (isHot ? optimizedDebug : isSmall ? [.unsafeFlags(["-Osize"])] : []))
}

/// Tests are not optimized, in a release build either: for most of them the optimizer takes longer than it saves.
///
/// - Parameter isHot: whether the tests compute much themselves.
func testTarget(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], isHot: Bool = false) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: exclude,
    swiftSettings: swiftSettings + (isHot ? [] : [.unsafeFlags(["-Onone"])]))
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
    .library(name: "OnyxTesting", targets: ["OnyxTesting"]),
    .library(name: "OnyxC", type: .static, targets: ["OnyxC"]),
    .executable(name: "onyx", targets: ["OnyxCLI"]),
  ],
  traits: [
    .default(enabledTraits: ["OptimizedDebug"]),
    .trait(name: "OptimizedDebug", description: "Debug builds optimize the C code and the Swift targets that do the arithmetic."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    systemLibrary("CProtobufC", "libprotobuf-c", apt: "libprotobuf-c-dev", brew: "protobuf-c"),
    systemLibrary("CZlib", "zlib", apt: "zlib1g-dev", brew: "zlib"),
    systemLibrary("CPNG", "libpng", apt: "libpng-dev", brew: "libpng"),
    systemLibrary("CJPEG", "libjpeg", apt: "libjpeg-dev", brew: "jpeg-turbo"),
    systemLibrary("CTIFF", "libtiff-4", apt: "libtiff-dev", brew: "libtiff"),
    systemLibrary("CWebP", "libwebp", apt: "libwebp-dev", brew: "webp"),
    systemLibrary("COpenJPEG", "libopenjp2", apt: "libopenjp2-7-dev", brew: "openjpeg"),
    cTarget("COnnxProto", ["CProtobufC"]),
    cTarget("CCodecs", ["CZlib", "CPNG", "CJPEG", "CTIFF", "CWebP", "COpenJPEG"]),
    cTarget("COnyxSystem"),
    cTarget("CKernels", linkerSettings: [.linkedLibrary("m")]),
    swiftTarget("OnyxTensor", ["COnyxSystem"], isHot: true),
    swiftTarget("OnyxImages", ["OnyxTensor", "CCodecs"]),
    swiftTarget("OnyxProto", ["OnyxTensor", "COnnxProto", "CProtobufC", "COnyxSystem"]),
    swiftTarget("OnyxFiles", ["OnyxProto", "OnyxImages", "OnyxTensor", "CCodecs", "COnyxSystem"], isHot: true),
    swiftTarget("OnyxGraph", ["OnyxTensor"]),
    swiftTarget("OnyxOperators", ["OnyxGraph", "OnyxImages", "OnyxTensor"]),
    swiftTarget("OnyxLoader", ["OnyxOperators", "OnyxGraph", "OnyxProto", "OnyxTensor"]),
    swiftTarget("OnyxAttention", ["OnyxOperators", "OnyxGraph", "OnyxTensor"]),
    swiftTarget("OnyxOptimizer", ["OnyxAttention", "OnyxOperators", "OnyxGraph", "OnyxTensor"]),
    swiftTarget("OnyxThreads", ["OnyxTensor", "COnyxSystem"], isHot: true),
    swiftTarget("OnyxKernels", ["OnyxThreads", "OnyxOperators", "OnyxGraph", "OnyxTensor", "CKernels", "COnyxSystem"], isHot: true),
    swiftTarget("OnyxRuntime", ["OnyxKernels", "OnyxThreads", "OnyxOperators", "OnyxGraph", "OnyxTensor"], isHot: true),
    swiftTarget(
      "OnyxInsight",
      ["OnyxRuntime", "OnyxKernels", "OnyxThreads", "OnyxOptimizer", "OnyxAttention", "OnyxOperators", "OnyxGraph", "OnyxTensor"]),
    swiftTarget(
      "Onyx",
      [
        "OnyxInsight", "OnyxRuntime", "OnyxKernels", "OnyxThreads", "OnyxOptimizer", "OnyxLoader", "OnyxOperators", "OnyxGraph",
        "OnyxFiles", "OnyxProto", "OnyxTensor",
      ]),
    cTarget("COnyx"),
    swiftTarget("OnyxC", ["COnyx", "Onyx", "OnyxRuntime", "OnyxFiles", "OnyxTensor"]),
    swiftTarget("OnyxCases", ["Onyx", "OnyxLoader", "OnyxGraph", "OnyxProto", "OnyxTensor"]),
    swiftTarget("OnyxTesting", ["OnyxCases", "Onyx", "OnyxGraph", "OnyxTensor"]),
    swiftTarget("OnyxFigures", ["OnyxImages", "OnyxTensor"]),
    swiftTarget(
      "OnyxReport",
      [
        "OnyxCases", "Onyx", "OnyxInsight", "OnyxFigures", "OnyxFiles", "OnyxImages", "OnyxProto", "OnyxRuntime", "OnyxKernels",
        "OnyxThreads",
        "OnyxOptimizer",
        "OnyxAttention", "OnyxLoader", "OnyxOperators",
        "OnyxGraph",
        "OnyxTensor",
      ]),
    .executableTarget(
      name: "OnyxCLI",
      dependencies: [
        "Onyx", "OnyxCases", "OnyxReport", "OnyxInsight", "OnyxRuntime", "OnyxKernels", "OnyxThreads", "OnyxGraph", "OnyxFiles",
        "OnyxProto",
        "OnyxImages", "OnyxTensor", "COnyxSystem",
        arguments,
      ],
      swiftSettings: swiftSettings),
    swiftTarget(
      "OnyxTestSupport",
      [
        "OnyxTesting", "Onyx", "OnyxRuntime", "OnyxKernels", "OnyxThreads", "OnyxOptimizer", "OnyxLoader", "OnyxOperators", "OnyxGraph",
        "OnyxFiles", "OnyxTensor",
      ]),
    cTarget("COnyxFuzz"),
    swiftTarget(
      "OnyxFuzzing",
      [
        "COnyxFuzz", "OnyxTestSupport", "OnyxC", "COnyx", "Onyx", "OnyxLoader", "OnyxOperators", "OnyxGraph", "OnyxFiles", "OnyxProto",
        "OnyxImages", "OnyxTensor",
      ]),
    .executableTarget(name: "OnyxFuzz", dependencies: ["OnyxFuzzing", arguments], swiftSettings: swiftSettings),
    testTarget(
      "OnyxFuzzingTests", ["OnyxFuzzing", "OnyxFuzz", "Onyx", "OnyxGraph", "OnyxFiles", "OnyxImages", "OnyxTensor", "OnyxTestSupport"],
      exclude: ["seeds.npz", "Found"]),
    testTarget("OnyxTensorTests", ["OnyxTensor", "OnyxTestSupport"]),
    testTarget("OnyxFilesTests", ["OnyxFiles", "OnyxImages", "OnyxProto", "OnyxTensor", "OnyxTestSupport"], exclude: ["pictures.npz"]),
    testTarget("OnyxGraphTests", ["OnyxGraph", "OnyxTensor", "OnyxTestSupport"]),
    testTarget("OnyxOperatorsTests", ["OnyxOperators", "OnyxGraph", "OnyxTensor", "OnyxTestSupport"]),
    testTarget(
      "OnyxLoaderTests", ["OnyxLoader", "OnyxOperators", "OnyxGraph", "OnyxProto", "OnyxTensor", "OnyxTestSupport", "COnnxProto"]),
    testTarget(
      "OnyxAttentionTests",
      [
        "Onyx", "OnyxAttention", "OnyxOptimizer", "OnyxLoader", "OnyxOperators", "OnyxGraph", "OnyxFiles", "OnyxTensor", "OnyxTestSupport",
      ]),
    testTarget("OnyxOptimizerTests", ["OnyxOptimizer", "OnyxOperators", "OnyxGraph", "OnyxTensor", "OnyxTestSupport"]),
    testTarget("OnyxThreadsTests", ["OnyxThreads", "OnyxTestSupport"]),
    testTarget(
      "OnyxKernelsTests",
      [
        "OnyxRuntime", "OnyxKernels", "OnyxThreads", "OnyxOptimizer", "OnyxOperators", "OnyxGraph", "OnyxTensor", "OnyxTestSupport",
        "CKernels",
      ],
      isHot: true),
    testTarget(
      "OnyxRuntimeTests",
      ["OnyxRuntime", "OnyxKernels", "OnyxThreads", "OnyxOptimizer", "OnyxOperators", "OnyxGraph", "OnyxTensor", "OnyxTestSupport"]),
    testTarget("OnyxInsightTests", ["OnyxInsight", "OnyxLoader", "OnyxGraph", "OnyxTensor", "OnyxTestSupport"]),
    testTarget("OnyxTests", ["Onyx", "OnyxLoader", "OnyxFiles", "OnyxTensor", "OnyxTestSupport", "COnyxSystem"]),
    testTarget(
      "ConformanceTests", ["Onyx", "OnyxCases", "OnyxFiles", "OnyxTensor", "OnyxTestSupport"], exclude: ["onnx-cases.txt", "cases"]),
    testTarget("OnyxCTests", ["OnyxC", "COnyx", "Onyx", "OnyxTensor", "OnyxTestSupport"]),
    testTarget("OnyxTestingTests", ["OnyxTesting", "OnyxCases", "OnyxGraph", "OnyxTensor", "OnyxTestSupport"]),
    testTarget("OnyxFiguresTests", ["OnyxFigures", "OnyxImages", "OnyxTensor", "OnyxTestSupport"]),
    testTarget(
      "CLITests", ["Onyx", "OnyxReport", "OnyxFigures", "OnyxTestSupport", "OnyxFiles", "OnyxImages", "OnyxTensor", "OnyxCLI"],
      exclude: ["hostile"]),
    testTarget(
      "ArchitectureTests", ["OnyxOperators", "OnyxGraph", "OnyxTensor", "OnyxTestSupport"],
      exclude: ["StandardSignatures.txt", "ContribSignatures.txt"]),
  ],
  cLanguageStandard: .c11
)
