/// Colours for numbers of 0 … 1.
///
/// Viridis (Nathaniel Smith, Stéfan van der Walt, 2015; CC0): equal steps of the number look like equal steps of the colour,
/// in gray print and to colour-blind readers too. Straight lines run between eleven of its points.
package enum ColorMap {
  private static let points: [RGB] = [
    RGB(0x44_01_54), RGB(0x48_24_75), RGB(0x41_44_87), RGB(0x35_5F_8D), RGB(0x2A_78_8E), RGB(0x21_91_8C), RGB(0x22_A8_84), RGB(0x44_BF_70),
    RGB(0x7A_D1_51), RGB(0xBD_DF_26), RGB(0xFD_E7_25),
  ]
  /// The colour of what is no number.
  package static let missing = RGB(0x9A_9A_9A)

  /// Numbers outside 0 … 1 have the colour of the nearer end.
  package static func color(_ value: Double) -> RGB {
    guard value.isFinite else { return missing }
    let position = min(max(value, 0), 1) * Double(points.count - 1)
    let index = min(Int(position), points.count - 2)
    return points[index].mixed(with: points[index + 1], position - Double(index))
  }
}
