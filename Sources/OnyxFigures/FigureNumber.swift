/// Numbers in figures.
package enum FigureNumber {
  /// With so many decimals, 0 … 6; large and tiny numbers in scientific form.
  package static func text(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞" }
    let scale = [1.0, 10, 100, 1_000, 10_000, 100_000, 1_000_000][min(max(decimals, 0), 6)]
    guard value.magnitude * scale < 1e15 else { return "\(Float(value))" }
    let whole = Int((value.magnitude * scale).rounded())
    let sign = value < 0 && whole > 0 ? "−" : ""
    guard scale > 1 else { return sign + "\(whole)" }
    let fraction = String(whole % Int(scale))
    return sign + "\(whole / Int(scale))." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// Three significant digits.
  package static func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : text(value, decimals: 0) }
    if value.magnitude < 1e-4 || value.magnitude >= 1e6 { return scientific(value) }
    var decimals = 2
    var limit = 1.0
    while value.magnitude < limit, decimals < 6 {
      decimals += 1
      limit /= 10
    }
    return text(value, decimals: value.magnitude >= 100 ? 0 : value.magnitude >= 10 ? 1 : decimals)
  }

  /// Both ends of a range, with as many digits as tell them apart; one number where six do not.
  package static func span(_ range: ClosedRange<Double>) -> String {
    let (low, high) = (short(range.lowerBound), short(range.upperBound))
    guard low == high, range.lowerBound < range.upperBound else { return low == high ? low : "\(low) … \(high)" }
    let (first, last) = (text(range.lowerBound, decimals: 6), text(range.upperBound, decimals: 6))
    return first == last ? low : "\(first) … \(last)"
  }

  private static func scientific(_ value: Double) -> String {
    var (mantissa, exponent) = (value, 0)
    while mantissa.magnitude >= 10, exponent < 400 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa.magnitude < 1, exponent > -400 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    return "\(text(mantissa, decimals: 1))e\(exponent)"
  }
}

/// Round numbers along an axis.
struct Ticks {
  let values: [Double]
  private let decimals: Int

  /// At most `count` steps over the range, each 1, 2 or 5 times a power of ten.
  init(_ range: ClosedRange<Double>, count: Int) {
    let span = range.upperBound - range.lowerBound
    guard span.isFinite, span > 0, count > 0, span > range.upperBound.magnitude * 1e-9 else {
      (values, decimals) = ([range.lowerBound], 2)
      return
    }
    var power = 1.0
    var digits = 0
    while power > span / Double(count) { (power, digits) = (power / 10, digits + 1) }
    while power * 10 <= span / Double(count) { (power, digits) = (power * 10, digits - 1) }
    let step = [1.0, 2, 5, 10].map { $0 * power }.first { span / $0 <= Double(count) } ?? power * 10
    let first = Int(max(min((range.lowerBound / step).rounded(.up), 1e15), -1e15))
    let last = Int(max(min((range.upperBound / step + 1e-9).rounded(.down), 1e15), -1e15))
    values = first <= last && last - first <= 2 * count ? (first...last).map { Double($0) * step } : [range.lowerBound]
    decimals = step >= 10 * power ? max(digits - 1, 0) : max(digits, 0)
  }

  func text(_ value: Double) -> String { decimals > 6 ? FigureNumber.short(value) : FigureNumber.text(value, decimals: decimals) }
}
