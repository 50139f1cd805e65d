import OnyxGraph
import OnyxTensor

/// The class of each sample by support vector machines, and scores. ONNX: SVMClassifier (ai.onnx.ml 1).
///
/// [N,F] → labels [N] and scores; [F] counts as one row. With `vectors_per_class` there is a machine for each pair of classes, as in
/// libsvm: the class with most votes wins, the first of equal ones. The scores are those of the pairs [N,C(C−1)/2], for two classes the
/// score and its opposite [N,2], and with `prob_a` and `prob_b` the probabilities of the classes [N,C] by pairwise coupling. Without
/// vectors there is a row of coefficients for each class, and the class of the largest sum wins, also of two classes, where ONNX Runtime
/// prefers the second one. Computed in `Double`.
package struct SVMClassifier: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "SVMClassifier", domain: TraditionalML.domain, versions: [1], inputs: [.required("X", "T1")],
      outputs: [.required("Y", "T2"), .required("Z", "float32")], types: ["T1": .features, "T2": .labels]), SVMClassifier.init)

  /// The labels of the classes.
  package let labels: ClassLabels
  private let kernel: SVMKernel
  private let transform: PostTransform
  /// With machines of pairs: [classes - 1, vectors]; else [classes, features].
  private let coefficients: [Double]
  private let rho: [Double]
  /// Slope and offset of the probability for each pair; empty when none is wanted.
  private let sigmoids: [(slope: Double, offset: Double)]
  /// The first vector of each class, and their number at the end; [0] without machines of pairs.
  private let starts: [Int]

  private var classes: Int { labels.count }
  private var vectors: Int { starts[starts.count - 1] }
  private var pairs: Int { classes * (classes - 1) / 2 }

  /// The number of scores for each sample.
  package var scoreCount: Int {
    if vectors == 0 || !sigmoids.isEmpty || classes == 2 { return classes }
    return pairs
  }

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    kernel = try SVMKernel(&attributes)
    labels = try ClassLabels(&attributes, ints: "classlabels_ints", strings: "classlabels_strings")
    transform = try attributes.choice("post_transform", default: .none)
    coefficients = (try attributes.floats("coefficients") ?? []).map(Double.init)
    rho = (try attributes.floats("rho") ?? []).map(Double.init)
    let slopes = try attributes.floats("prob_a") ?? []
    let offsets = try attributes.floats("prob_b") ?? []
    starts = try Self.starts(attributes.ints("vectors_per_class") ?? [])
    guard slopes.count == offsets.count else {
      throw .invalid("The attribute 'prob_a' has \(slopes.count) numbers, 'prob_b' \(offsets.count).")
    }
    guard starts[starts.count - 1] > 0 else {
      sigmoids = []
      guard rho.count >= 1 else { throw .invalid("The attribute 'rho' is missing.") }
      return
    }
    sigmoids = zip(slopes, offsets).map { (Double($0), Double($1)) }
    try checkPairs()
  }

  private static func starts(_ counts: [Int]) throws(OnyxError) -> [Int] {
    var starts = [0]
    for count in counts {
      let (next, overflow) = starts[starts.count - 1].addingReportingOverflow(count)
      guard count >= 0, !overflow else { throw .invalid("A class has \(count) support vectors.") }
      starts.append(next)
    }
    return starts
  }

  private func checkPairs() throws(OnyxError) {
    guard classes >= 2, starts.count == classes + 1 else {
      throw .invalid("There are \(classes) classes, and support vectors of \(starts.count - 1).")
    }
    guard classes < 1 << 16 else { throw .unsupported("There are \(classes) classes; at most 65535 are supported.") }
    let (count, overflow) = vectors.multipliedReportingOverflow(by: classes - 1)
    guard !overflow, coefficients.count == count else {
      throw .invalid("There are \(coefficients.count) coefficients for \(vectors) support vectors of \(classes) classes.")
    }
    guard rho.count == pairs, sigmoids.isEmpty || sigmoids.count == pairs else {
      throw .invalid("The attributes 'rho', 'prob_a' and 'prob_b' must have a number for each of the \(pairs) pairs of classes.")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let rows = try FeatureMatrix.rows(context)
    return [Inferred(labels.elementType, [rows]), Inferred(.float32, try [rows, Dimension(scoreCount)].checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let (chosen, scores) = vectors == 0 ? try linear(x) : try machines(x)
    let results = [try labels.tensor(chosen), try .float32(scores, try Shape([chosen.count, scoreCount]))]
    return Array(results.prefix(context.outputCount))
  }

  private func linear(_ x: Tensor) throws(OnyxError) -> (classes: [Int], scores: [Double]) {
    let intercepts = [Double](repeating: rho[0], count: classes)
    var scores = try LinearModel(coefficients, intercepts).scores(x, outputs: classes)
    let chosen = stride(from: 0, to: scores.count, by: classes).map { scores[$0..<$0 + classes].firstOfLargest() }
    transform.apply(&scores, rowsOf: classes)
    return (chosen, scores)
  }

  private func machines(_ x: Tensor) throws(OnyxError) -> (classes: [Int], scores: [Double]) {
    let matrix = try FeatureMatrix(x.shape)
    try kernel.check(vectors: vectors, features: matrix.features)
    var state = state(features: matrix.features)
    let values = try x.doubles()
    var chosen = try Shape([matrix.rows]).filled(with: 0)
    var scores = try Shape([matrix.rows, scoreCount]).filled(with: 0.0)
    for row in 0..<matrix.rows {
      state.sample.replaceSubrange(0..., with: values[row * matrix.features..<(row + 1) * matrix.features])
      chosen[row] = classify(&state)
      scores.replaceSubrange(row * scoreCount..<(row + 1) * scoreCount, with: state.scores)
    }
    return (chosen, scores)
  }

  /// What the machines of pairs read and write for one sample.
  package struct State {
    package var sample: [Double]
    fileprivate var kernels, decisions: [Double]
    fileprivate var votes: [Int]
    package fileprivate(set) var scores: [Double]
  }

  /// For samples of as many features as the vectors have.
  package func state(features: Int) -> State {
    State(
      sample: Array(repeating: 0, count: features), kernels: Array(repeating: 0, count: vectors),
      decisions: Array(repeating: 0, count: pairs), votes: Array(repeating: 0, count: classes),
      scores: Array(repeating: 0, count: scoreCount))
  }

  /// The numbers of support vectors and of pairs of classes, when there are machines of pairs for samples of `features`; nil otherwise.
  package func machines(features: Int) -> (vectors: Int, pairs: Int)? {
    vectors > 0 && (try? kernel.check(vectors: vectors, features: features)) != nil ? (vectors, pairs) : nil
  }

  /// The number of the class of `state.sample`; its scores are `state.scores`.
  package func classify(_ state: inout State) -> Int {
    kernel.evaluate(state.sample, at: 0, features: state.sample.count, into: &state.kernels)
    decide(state.kernels, &state.decisions, &state.votes)
    write(state.decisions, to: &state.scores, at: 0)
    return state.votes[...].firstOfLargest()
  }

  /// The decision of each pair of classes and the votes. Above 0 the first class of the pair wins.
  private func decide(_ kernels: [Double], _ decisions: inout [Double], _ votes: inout [Int]) {
    for index in votes.indices { votes[index] = 0 }
    var pair = 0
    for first in 0..<classes - 1 {
      for second in first + 1..<classes {
        var sum = rho[pair]
        for vector in starts[first]..<starts[first + 1] { sum += coefficients[(second - 1) * vectors + vector] * kernels[vector] }
        for vector in starts[second]..<starts[second + 1] { sum += coefficients[first * vectors + vector] * kernels[vector] }
        decisions[pair] = sum
        votes[sum > 0 ? first : second] += 1
        pair += 1
      }
    }
  }

  private func write(_ decisions: [Double], to scores: inout [Double], at start: Int) {
    if !sigmoids.isEmpty {
      let coupling = PairwiseCoupling(
        classes: classes, zip(decisions, sigmoids).map { PostTransform.logistic(-($0 * $1.slope + $1.offset)) })
      scores.replaceSubrange(start..<start + classes, with: coupling.probabilities())
    } else if classes == 2 {
      // ONNX Runtime takes the complement where a transform is wanted.
      (scores[start], scores[start + 1]) = transform.pair(decisions[0], isComplement: transform != .none)
      return
    } else {
      scores.replaceSubrange(start..<start + pairs, with: decisions)
    }
    transform.apply(&scores, start..<start + scoreCount)
  }
}
