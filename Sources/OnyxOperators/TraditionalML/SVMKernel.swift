import Foundation
import OnyxGraph
import OnyxTensor

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
      var sum = 0.0
      if kind == .rbf {
        for feature in 0..<features {
          let difference = values[base + feature] - vectors[start + feature]
          sum += difference * difference
        }
      } else {
        for feature in 0..<features { sum += values[base + feature] * vectors[start + feature] }
      }
      kernels[vector] = finish(sum)
    }
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
