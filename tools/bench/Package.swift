// swift-tools-version: 6.2
import PackageDescription

/// Micro-benchmarks of the C kernels: `swift run -c release --package-path tools/bench kernel-bench`.
///
/// `Sources/CKernels` is a link to the kernels of the main package, so that nothing has to be exported there for this.
let package = Package(
  name: "OnyxBench",
  products: [.executable(name: "kernel-bench", targets: ["KernelBench"])],
  targets: [
    .target(name: "CKernels", linkerSettings: [.linkedLibrary("m")]),
    .executableTarget(
      name: "KernelBench", dependencies: ["CKernels"],
      linkerSettings: [.linkedLibrary("m"), .linkedLibrary("pthread", .when(platforms: [.linux]))]),
  ],
  cLanguageStandard: .c11
)
