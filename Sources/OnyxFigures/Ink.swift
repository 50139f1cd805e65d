/// A colour by its role, so that a figure can be light or dark.
package enum Ink: Sendable, Hashable {
  case surface
  case text
  case muted
  case rule
  case mark
  case softMark
  case fixed(RGB)

  static let named: [Ink] = [.surface, .text, .muted, .rule, .mark, .softMark]

  /// Name of its CSS variable; nil for a fixed colour.
  var name: String? {
    switch self {
    case .surface: "surface"
    case .text: "text"
    case .muted: "muted"
    case .rule: "rule"
    case .mark: "mark"
    case .softMark: "soft-mark"
    case .fixed: nil
    }
  }

  package func color(isDark: Bool) -> RGB {
    switch self {
    case .surface: isDark ? RGB(0x16_1A_1F) : RGB(0xFF_FF_FF)
    case .text: isDark ? RGB(0xE6_EA_EE) : RGB(0x1B_1F_24)
    case .muted: isDark ? RGB(0x97_A3_AE) : RGB(0x5C_68_73)
    case .rule: isDark ? RGB(0x2C_33_3B) : RGB(0xDF_E4_E8)
    case .mark: isDark ? RGB(0x5A_A7_C4) : RGB(0x2F_6B_8E)
    case .softMark: isDark ? RGB(0x2A_47_56) : RGB(0xC6_D9_E4)
    case .fixed(let color): color
    }
  }

  /// Declarations of the variables that figures use: "--surface:#ffffff;…".
  package static func variables(isDark: Bool) -> String {
    named.map { "--\($0.name ?? ""):\($0.color(isDark: isDark).hex)" }.joined(separator: ";")
  }

  /// The value of an SVG or CSS colour property.
  var css: String { name.map { "var(--\($0))" } ?? color(isDark: false).hex }
}
