import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The kernel of a support vector machine and its vectors.
struct SVMKernel: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    case linear = "LINEAR"
    case poly = "POLY"
    case rbf = "RBF"
    case sigmoid = "SIGMOID"
  }

  let kind: Kind
  private let gamma, offset, degree: Double
  /// [vectors, features] in row-major order.
  let vectors: [Double]

  /// Reads `kernel_type`, `kernel_params` (gamma, coef0 and degree; 0 when absent) and `support_vectors`.
  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    kind = try attributes.choice("kernel_type", default: .linear)
    let parameters = try attributes.floats("kernel_params") ?? []
    vectors = (try attributes.floats("support_vectors") ?? []).map(Double.init)
    guard parameters.isEmpty || parameters.count == 3 else {
      throw .invalid("The attribute 'kernel_params' has \(parameters.count) numbers; it must have 3: gamma, coef0, degree.")
    }
    (gamma, offset, degree) = parameters.isEmpty ? (0, 0, 0) : (Double(parameters[0]), Double(parameters[1]), Double(parameters[2]))
  }

  /// The kernel between the sample at `base` and each of `count` vectors. `values` holds the samples, of `features` numbers each, and there
  /// are `count * features` numbers of vectors.
  func evaluate(_ values: [Double], at base: Int, features: Int, into kernels: inout [Double]) {
    for vector in kernels.indices {
      let start = vector * features
      let sum =
        kind == .rbf
        ? total(features) { feature in
          let difference = values[base + feature] - vectors[start + feature]
          return difference * difference
        }
        : total(features) { values[base + $0] * vectors[start + $0] }
      kernels[vector] = finish(sum)
    }
  }

  /// Four chains of additions, joined in order: one alone would wait for each addition.
  @inline(__always)
  private func total(_ count: Int, _ term: (Int) -> Double) -> Double {
    var sums = SIMD4<Double>(repeating: 0)
    var index = 0
    while index + 4 <= count {
      sums += SIMD4(term(index), term(index + 1), term(index + 2), term(index + 3))
      index += 4
    }
    while index < count {
      sums[0] += term(index)
      index += 1
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3])
  }

  private func finish(_ sum: Double) -> Double {
    switch kind {
    case .linear: sum
    case .poly: pow(gamma * sum + offset, degree)
    case .rbf: exp(-gamma * sum)
    case .sigmoid: tanh(gamma * sum + offset)
    }
  }

  /// Throws `invalidModel` unless the `count` vectors have as many features as the samples.
  func check(vectors count: Int, features: Int) throws(OnyxError) {
    let (size, overflow) = count.multipliedReportingOverflow(by: features)
    guard !overflow, size == vectors.count else {
      throw .invalid("There are \(vectors.count) numbers for \(count) support vectors of \(features) features.")
    }
  }
}
