import Foundation
import OnyxTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What has no end, or nobody who writes it, is not read: devices, named pipes, sockets. Pipes that are open already are.
@Suite struct InputKindTests {
  private static let digits = "digits/model.onnx"
  private static let picture = "digits/samples/digit-7-1314.png"
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func shell(_ line: String) throws -> ProcessResult { try CLITests.shell(line, folder: folder, timeout: 30) }

  /// Every argument that names a file that is read.
  static let readers = [
    "run \(digits) --input", "run \(digits) --top 1 --labels",
    "run \(digits) --input digits/samples/digit-7-1314.png --preprocess",
    "compare \(digits) --reference", "summary", "check", "run",
    "bench", "coverage", "graph -o none.dot",
  ]

  @Test(arguments: readers) func devicesPipesAndSocketsAreRefused(_ words: String) throws {
    let made = unsafe mkfifo(folder.path("pipe"), 0o600)
    #expect(made == 0)
    var kinds = ["/dev/zero", folder.path("pipe")]
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    // A path that is too long for an address leaves the socket out.
    if let path = Self.bind(descriptor, folder.path("socket")) { kinds.append(path) }
    for kind in kinds {
      let result = try shell("\"$onyx\" \(words) \(kind)")
      #expect(result.exitCode == 66, "\(words) \(kind): \(result)")
      #expect(
        result.standardError.contains("'\(kind)"), "\(words) \(kind): \(result.standardError)")
      #expect(result.standardOutput == "", "\(words) \(kind)")
    }
  }

  @Test func theStandardInputIsReadButNoDeviceBehindIt() throws {
    let expected = try onyx("run", Self.digits, "--input", Self.picture).standardOutput
    #expect(expected != "")
    for line in [
      "cat \(Self.picture) | \"$onyx\" run \(Self.digits) --input -",
      "\"$onyx\" run \(Self.digits) --input - < \(Self.picture)",
      "\"$onyx\" run \(Self.digits) --input <(cat \(Self.picture))",
      "cat \(Self.digits) | \"$onyx\" run - --input \(Self.picture)",
      "\"$onyx\" run - --input \(Self.picture) < \(Self.digits)",
    ] { #expect(try shell(line).standardOutput == expected, "\(line)") }
    let device = try shell("\"$onyx\" run \(Self.digits) --input - < /dev/zero")
    #expect(
      device.exitCode == 66 && device.standardError.contains("'/dev/stdin' is a device"),
      "\(device)")
    #expect(try shell("\"$onyx\" run - < /dev/zero").exitCode == 66)
    #expect(try shell("\"$onyx\" run \(Self.digits) --input - <&-").exitCode != 0)
  }

  private static func bind(_ descriptor: Int32, _ path: String) -> String? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < 100 else { return nil }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in unsafe room.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let bound = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connectable(descriptor, $0, size) }
    }
    return bound == 0 ? path : nil
  }
}

/// The function of the system; the member of the suite has its name.
@unsafe private func connectable(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t) -> Int32 {
  unsafe bind(descriptor, address, size)
}
