/// Colors for a share of the cost, from none to the largest.
enum Heat {
  static let levels = 10
  static let light = ["#ffffff", "#fff8ee", "#fff0dc", "#ffe6c6", "#ffd9ab", "#ffca8f", "#ffb873", "#ffa45a", "#fa8d45", "#f07436"]
  static let dark = ["#1b2027", "#26241f", "#322a20", "#3f3022", "#4d3623", "#5e3e25", "#714727", "#875129", "#a05c2b", "#bd682d"]

  /// 0 for nothing; the root keeps small shares apart.
  static func level(_ part: Double, of largest: Double) -> Int {
    guard part > 0, largest > 0, part.isFinite, largest.isFinite else { return 0 }
    return min(levels - 1, max(1, Int((Double(levels - 1) * (part / largest).squareRoot()).rounded(.up))))
  }
}
