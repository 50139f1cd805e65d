import OnyxOperators
import OnyxTensor
import OnyxThreads

/// The value of each key, and one for what is no key. Words are the elements of the values.
///
/// SAFETY: counts are those of the query; see `KernelCall`.
struct LabelKernel<Word: BitwiseCopyable & Sendable>: FeatureKernel {
  let table: NumberTable
  /// The values, then the one for what is no key.
  let values: [Word]
  let count: Int

  func run<T: FeatureElement>(_ call: borrowing KernelCall, _ type: T.Type) {
    let (x, y) = unsafe (call.input(0, as: T.self), call.output(0, as: Word.self))
    let other = values.count - 1
    call.pool.parallelFor(count: count, grain: 8192) { range in
      for index in range {
        let place = unsafe table[x[index].order]
        unsafe y[index] = values[place == NumberTable.none ? other : Int(place)]
      }
    }
  }
}

/// A row with a 1 at the category of each element. Floats count by their integer part.
struct OneHotKernel: FeatureKernel {
  let table: NumberTable
  let width: Int
  let count: Int
  let allowsUnknown: Bool

  func run<T: FeatureElement>(_ call: borrowing KernelCall, _ type: T.Type) throws(OnyxError) {
    let (x, y) = unsafe (call.input(0, as: T.self), call.output(0, as: Float.self))
    if !allowsUnknown {
      for index in 0..<count where unsafe category(x[index]) == NumberTable.none {
        throw .invalid("The element \(index) of the input belongs to no category.", remedy: "Set the attribute 'zeros' to 1.")
      }
    }
    call.pool.parallelFor(count: count, grain: max(1, 32768 / width)) { range in
      unsafe (y + range.lowerBound * width).update(repeating: 0, count: range.count * width)
      for index in range {
        let place = unsafe category(x[index])
        if place != NumberTable.none { unsafe y[index * width + Int(place)] = 1 }
      }
    }
  }

  private func category<T: FeatureElement>(_ x: T) -> Int32 {
    if T.self == Float.self || T.self == Double.self {
      guard let number = Int64(exactly: x.double.rounded(.towardZero)) else { return NumberTable.none }
      return table[number]
    }
    return table[x.order]
  }
}

/// Sums of products of samples with rows of coefficients, in float64 and in the order of the features, of four samples at once: each sum
/// waits for the one before.
struct LinearScores: Sendable {
  let coefficients: [Double]
  let intercepts: [Double]
  let outputs: Int
  let width: Int

  /// The scores of the samples `range`, `outputs` for each.
  func scores<T: FeatureElement>(_ x: UnsafePointer<T>, _ range: Range<Int>) -> [Double] {
    var scores = [Double](repeating: 0, count: range.count * outputs)
    unsafe scores.withUnsafeMutableBufferPointer { scores in
      unsafe coefficients.withUnsafeBufferPointer { coefficients in
        for start in stride(from: 0, to: range.count, by: 4) {
          let last = range.count - 1
          let places = (start, min(start + 1, last), min(start + 2, last), min(start + 3, last))
          let base = unsafe x + range.lowerBound * width
          let (p, q) = unsafe (base + places.0 * width, base + places.1 * width)
          let (r, s) = unsafe (base + places.2 * width, base + places.3 * width)
          for output in 0..<outputs {
            let first = intercepts.isEmpty ? 0 : intercepts[output]
            var (a, b, c, d) = (first, first, first, first)
            for feature in 0..<width {
              let coefficient = unsafe coefficients[output * width + feature]
              unsafe a += p[feature].double * coefficient
              unsafe b += q[feature].double * coefficient
              unsafe c += r[feature].double * coefficient
              unsafe d += s[feature].double * coefficient
            }
            unsafe scores[places.0 * outputs + output] = a
            unsafe scores[places.1 * outputs + output] = b
            unsafe scores[places.2 * outputs + output] = c
            unsafe scores[places.3 * outputs + output] = d
          }
        }
      }
    }
    return scores
  }
}

/// LinearRegressor and LinearClassifier.
struct LinearKernel: FeatureKernel {
  let scores: LinearScores
  let results: ScoreResults
  let samples: Int
  /// Whether the only score is that of the second of two classes.
  let isSingle: Bool
  let hasSecond: Bool

  func run<T: FeatureElement>(_ call: borrowing KernelCall, _ type: T.Type) {
    let (x, first) = unsafe (call.input(0, as: T.self), UnsafeMutableRawPointer(call.output(0, as: UInt8.self)))
    let second = unsafe hasSecond ? UnsafeMutableRawPointer(call.output(1, as: UInt8.self)) : nil
    call.pool.parallelFor(count: samples, grain: max(4, 32768 / max(1, scores.width * scores.outputs))) { range in
      for start in stride(from: range.lowerBound, to: range.upperBound, by: 256) {
        let block = start..<min(start + 256, range.upperBound)
        var values = unsafe scores.scores(x, block)
        if isSingle { values = values.flatMap { [$0, 0] } }
        unsafe results.write(values, block, to: first, second)
      }
    }
  }
}
