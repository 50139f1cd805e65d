import Foundation
import OnyxFigures
import OnyxFiles
import OnyxImages
import OnyxTestSupport
import Testing

/// The page in a real browser, headless Chromium; its own policy keeps scripts off. `tools/install --tests` gets it on Debian; without one
/// these tests are skipped.
@Suite struct AttentionPageTests {
  static let browser: URL? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let candidates = folders.flatMap { folder in ["chromium", "chromium-browser", "google-chrome"].map { "\(folder)/\($0)" } }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }.map { URL(filePath: $0) }
  }()

  private static func page(_ folder: TemporaryDirectory, _ arguments: String...) throws -> String {
    let result = try onyx(["attention"] + arguments + ["--output-dir", folder.path("out")])
    #expect(result.exitCode == 0, "\(result.standardError)")
    return "file://" + folder.path("out/attention.html")
  }

  /// What the window shows; the profile is the test's own.
  private static func screenshot(_ page: String, _ folder: TemporaryDirectory, width: Int, height: Int, isDark: Bool = false) throws
    -> Pixels
  {
    let file = folder.path("shot-\(width)-\(isDark).png")
    var arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
      "--user-data-dir=\(folder.path("profile"))", "--screenshot=\(file)", "--window-size=\(width),\(height)",
    ]
    if isDark { arguments.append("--force-dark-mode") }
    let result = try runProcess(try #require(browser), arguments + [page])
    try #require(FileManager.default.fileExists(atPath: file), "\(result.standardError)")
    return try Codecs.decodePNG(FileBytes.read(file))
  }

  /// How often each colour stands in a picture.
  private static func colors(_ pixels: Pixels) -> [RGB: Int] {
    var counts: [RGB: Int] = [:]
    for start in stride(from: 0, to: pixels.bytes.count, by: pixels.channels) {
      counts[RGB(pixels.bytes[start], pixels.bytes[start + 1], pixels.bytes[start + 2]), default: 0] += 1
    }
    return counts
  }

  private static let picture = ["digits/model.onnx", "--input", "digits/samples/digit-7-1314.png"]

  @Test(.enabled(if: browser != nil, "no Chromium is here; tools/install --tests gets it on Debian"))
  func rendersLightAndDark() throws {
    let folder = try TemporaryDirectory()
    let page = try Self.page(folder, Self.picture[0], Self.picture[1], Self.picture[2])
    for isDark in [false, true] {
      let shot = try Self.screenshot(page, folder, width: 1240, height: 2200, isDark: isDark)
      #expect(shot.width == 1240 && shot.height == 2200)
      let colors = Self.colors(shot)
      // Bars, panels, both ends of the colour map and the whites and blacks of the digit.
      #expect(colors[Ink.mark.color(isDark: isDark)] ?? 0 > 40_000, "bars, dark: \(isDark)")
      #expect(colors[Ink.surface.color(isDark: isDark)] ?? 0 > 400_000, "panels, dark: \(isDark)")
      #expect(colors.keys.count { $0.green > 200 && $0.blue < 60 && $0.red > 150 } > 2, "yellow of the heat map")
      #expect(colors[RGB(0, 0, 0)] ?? 0 > 2000 && colors.count > 1000)
    }
  }

  /// Nothing sticks out of a narrow window but what scrolls in its own box.
  @Test(.enabled(if: browser != nil, "no Chromium is here; tools/install --tests gets it on Debian"))
  func fitsANarrowWindow() throws {
    let folder = try TemporaryDirectory()
    let page = try Self.page(folder, Self.picture[0], Self.picture[1], Self.picture[2])
    let shot = try Self.screenshot(page, folder, width: 600, height: 3000)
    // The margin on the right is empty all the way down.
    let ground = RGB(0xF5, 0xF7, 0xF8)
    let margin = (0..<shot.height).allSatisfy { y in
      (590..<600).allSatisfy { x in
        let start = (y * shot.width + x) * shot.channels
        return RGB(shot.bytes[start], shot.bytes[start + 1], shot.bytes[start + 2]) == ground
      }
    }
    #expect(margin)
  }
}
