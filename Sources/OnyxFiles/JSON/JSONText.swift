import OnyxTensor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One JSON document from a report.
package enum JSONText {
  /// Keys are sorted and numbers written so that they read back exactly; infinities and NaN are strings. Without
  /// `isIndented` all is on one line.
  package static func encode(_ value: some Encodable, isIndented: Bool = true) throws(OnyxError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw .bug("A report cannot be written as JSON: \(error).")
    }
  }
}
