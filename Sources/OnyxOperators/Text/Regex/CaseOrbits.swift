/// Code points that simple case folding takes for equal: "k", "K" and the Kelvin sign "K".
///
/// Unicode's simple folding (CaseFolding.txt, C and S) by the case mappings of Swift's library: two code points fold alike when the lower
/// case of their upper case is the same, mappings to several code points left aside. The dotless i is the only letter that
/// this joins to another ("i") and simple folding does not.
enum CaseOrbits {
  /// Every orbit of at least two code points.
  static let all: [[UInt32]] = {
    var byFold: [UInt32: [UInt32]] = [:]
    for value in UInt32(0)...0x1FFFF {
      guard let scalar = Unicode.Scalar(value), scalar.properties.changesWhenCaseMapped, value != 0x131 else { continue }
      byFold[fold(scalar), default: []].append(value)
    }
    return byFold.values.filter { $0.count > 1 }
  }()

  private static let byMember: [UInt32: [UInt32]] = {
    var byMember: [UInt32: [UInt32]] = [:]
    for orbit in all { for member in orbit { byMember[member] = orbit } }
    return byMember
  }()

  /// The code points that equal `value` but for case, itself among them.
  static func orbit(of value: UInt32) -> [UInt32] { byMember[value] ?? [value] }

  private static func fold(_ scalar: Unicode.Scalar) -> UInt32 {
    let upper = single(scalar.properties.uppercaseMapping) ?? scalar
    return (single(upper.properties.lowercaseMapping) ?? upper).value
  }

  private static func single(_ mapping: String) -> Unicode.Scalar? {
    mapping.unicodeScalars.count == 1 ? mapping.unicodeScalars.first : nil
  }
}
