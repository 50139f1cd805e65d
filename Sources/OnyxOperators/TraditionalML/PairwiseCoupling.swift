import OnyxTensor

/// Probabilities of classes from the probabilities of the first class of each pair.
///
/// Wu, Lin, Weng: Probability Estimates for Multi-class Classification by Pairwise Coupling, JMLR 5 (2004), algorithm 2, with the bounds
/// that libsvm uses: 1e-7 for a pair and an error of 0.005 / classes.
struct PairwiseCoupling {
  private let classes: Int
  /// [classes, classes]: the matrix whose quadratic form is least at the result.
  private var form: [Double]

  /// `pairs` in the order (0,1), (0,2), … (1,2), …
  init(classes: Int, _ pairs: [Double]) {
    self.classes = classes
    var rates = [Double](repeating: 0, count: classes * classes)
    var pair = 0
    for first in 0..<classes {
      for second in first + 1..<classes {
        let rate = min(max(pairs[pair], 1e-7), 1 - 1e-7)
        rates[first * classes + second] = rate
        rates[second * classes + first] = 1 - rate
        pair += 1
      }
    }
    form = [Double](repeating: 0, count: classes * classes)
    for row in 0..<classes {
      for column in 0..<classes where column != row {
        let opposite = rates[column * classes + row]
        form[row * classes + row] += opposite * opposite
        form[row * classes + column] = -opposite * rates[row * classes + column]
      }
    }
  }

  /// Coordinate descent from equal probabilities, at most 100 rounds.
  func probabilities() -> [Double] {
    var result = [Double](repeating: 1 / Double(classes), count: classes)
    for _ in 0..<100 {
      var products = (0..<classes).map { row in (0..<classes).reduce(0) { $0 + form[row * classes + $1] * result[$1] } }
      var value = zip(result, products).reduce(0) { $0 + $1.0 * $1.1 }
      if products.allSatisfy({ abs($0 - value) < 0.005 / Double(classes) }) { break }
      for index in 0..<classes {
        let diagonal = form[index * classes + index]
        let step = (value - products[index]) / diagonal
        let scale = 1 + step
        result[index] += step
        value = (value + step * (step * diagonal + 2 * products[index])) / (scale * scale)
        for other in 0..<classes {
          products[other] = (products[other] + step * form[index * classes + other]) / scale
          result[other] /= scale
        }
      }
    }
    return result
  }
}
