import OnyxFigures
import Testing

struct ColorMapTests {
  /// CIE lightness of a colour.
  private static func lightness(_ color: RGB) -> Double {
    func linear(_ channel: UInt8) -> Double {
      let value = Double(channel) / 255
      // 2.2 is near enough to the sRGB curve for steps of a tenth.
      return value <= 0.04045 ? value / 12.92 : power((value + 0.055) / 1.055, 2.4)
    }
    let luminance = 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue)
    return 116 * power(luminance, 1.0 / 3) - 16
  }

  /// Equal steps of the number are equal steps of the lightness, within what eight bits allow.
  @Test func stepsLookEqual() {
    let steps = (0...20).map { Self.lightness(ColorMap.color(Double($0) / 20)) }
    let differences = zip(steps, steps.dropFirst()).map { $1 - $0 }
    #expect(differences.allSatisfy { $0 > 2.5 && $0 < 5.5 }, "\(differences)")
  }

  @Test func endsAndMissing() {
    #expect(ColorMap.color(0).hex == "#440154" && ColorMap.color(1).hex == "#fde725")
    #expect(ColorMap.color(-3) == ColorMap.color(0) && ColorMap.color(7) == ColorMap.color(1))
    #expect(ColorMap.color(.nan) == ColorMap.missing && ColorMap.color(.infinity) == ColorMap.missing)
  }
}
