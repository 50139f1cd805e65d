import OnyxKernels
import OnyxRuntime
import OnyxThreads
import Testing

/// Lengths around every vector width, and none.
let edgeLengths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 100, 129]

let serial = ThreadPool(threads: 1)

/// Distance in units in the last place of the expected value; zeros agree whatever their sign, NaN with NaN.
func ulps(_ actual: Float, _ expected: Double) -> Double {
  if actual.isNaN || expected.isNaN { return actual.isNaN && expected.isNaN ? 0 : .infinity }
  let rounded = Float(expected)
  if actual == rounded { return 0 }
  if actual.isInfinite || rounded.isInfinite { return .infinity }
  let unit = Double(max(rounded.magnitude, .leastNormalMagnitude).ulp)
  return (Double(actual) - expected).magnitude / unit
}

/// Requires |actual - expected| <= relative * scale, where scale is the sum of absolute terms of the element or the
/// value itself; equal infinities and NaN agree.
func expectClose(
  _ actual: [Float], _ expected: [Double], scale: [Double]? = nil, relative: Double = 1e-6, _ label: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, "\(label)", sourceLocation: sourceLocation)
  for i in actual.indices {
    let (a, e) = (Double(actual[i]), expected[i])
    if a == e || (a.isNaN && e.isNaN) { continue }
    let limit = relative * max(scale?[i] ?? e.magnitude, 1e-30)
    if !((a - e).magnitude <= limit) {
      Issue.record("\(label): element \(i) is \(a), expected \(e)", sourceLocation: sourceLocation)
      return
    }
  }
}

/// Bit patterns, so that NaN and signed zeros count.
func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }
