#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
import OnyxTensor

/// One JSON document from a report.
package enum JSONText {
  /// Keys are sorted and numbers written so that they read back exactly; infinities and NaN are strings.
  package static func encode(_ value: some Encodable) throws(OnyxError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw .bug("A report cannot be written as JSON: \(error).")
    }
  }
}
