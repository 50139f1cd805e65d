import OnyxGraph
import OnyxTensor

/// Products of samples with rows of coefficients: what linear models and linear machines share.
package struct LinearModel: Sendable {
  /// [outputs, features] in row-major order.
  package let coefficients: [Double]
  /// One for each output; empty for 0.
  package let intercepts: [Double]

  init(_ coefficients: [Double], _ intercepts: [Double]) {
    self.coefficients = coefficients
    self.intercepts = intercepts
  }

  init(_ coefficients: [Float], _ intercepts: [Float]) { self.init(coefficients.map(Double.init), intercepts.map(Double.init)) }

  /// The sums of `outputs` rows of coefficients for each sample, row by row. Throws `invalidModel` unless there is a coefficient for each
  /// feature and output.
  func scores(_ x: Tensor, outputs: Int) throws(OnyxError) -> [Double] {
    let matrix = try FeatureMatrix(x.shape)
    let (count, overflow) = matrix.features.multipliedReportingOverflow(by: outputs)
    guard !overflow, coefficients.count == count else {
      throw .invalid("There are \(coefficients.count) coefficients for \(matrix.features) features and \(outputs) outputs.")
    }
    let values = try x.doubles()
    var scores = try Shape([matrix.rows, outputs]).filled(with: 0.0)
    var pace = WorkPace(every: 1 << 16)
    for row in 0..<matrix.rows {
      for output in 0..<outputs {
        try pace.check(after: 1 + matrix.features)
        var sum = intercepts.isEmpty ? 0 : intercepts[output]
        let (sample, model) = (row * matrix.features, output * matrix.features)
        for feature in 0..<matrix.features { sum += values[sample + feature] * coefficients[model + feature] }
        scores[row * outputs + output] = sum
      }
    }
    return scores
  }
}
