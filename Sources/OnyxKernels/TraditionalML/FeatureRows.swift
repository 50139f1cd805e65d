import OnyxGraph
import OnyxOperators
import OnyxTensor

/// The operators of ai.onnx.ml that map features one by one or row by row, computed in float64 and rounded once.
///
/// SAFETY: see `KernelCall`.
enum FeatureRows {
  static let all = [binarizer, scaler, imputer, normalizer, linearRegressor, linearClassifier, labels, oneHot, extractor]

  private static let domain = "ai.onnx.ml"
  private static let features: ServedElements = .input(0, [.float32, .float64, .int32, .int64])

  private static let binarizer = KernelRow("binarizer", ["Binarizer"], domain: domain, features) {
    (op: Binarizer, query) throws(OnyxError) in
    guard let x = query.input(0)?.shape else { return .declined("the input is missing") }
    return bind(query, BinarizerKernel(threshold: Double(op.threshold), count: x.elementCount))
  }

  private static let scaler = KernelRow("scaler", ["Scaler"], domain: domain, features) { (op: Scaler, query) throws(OnyxError) in
    guard let x = query.input(0)?.shape, x.elementCount > 0 else { return .declined("the input is empty") }
    guard op.scale.count == 1 || x.last == op.scale.count else { return .declined("the scales are not one for each feature") }
    // One scale for all becomes one for each element of a row.
    let width = op.scale.count == 1 ? x.last ?? 1 : op.scale.count
    guard width < 1 << 20 else { return .declined("a row is out of proportion") }
    let spread = { (values: [Float]) in (0..<width).map { Double(values[$0 % values.count]) } }
    return bind(query, ScalerKernel(offset: spread(op.offset), scale: spread(op.scale), rows: x.elementCount / width))
  }

  private static let imputer = KernelRow("imputer", ["Imputer"], domain: domain, features) { (op: Imputer, query) throws(OnyxError) in
    guard let x = query.input(0) else { return .declined("the input is missing") }
    guard op.replacement.count == 1 || x.shape.last == op.replacement.count else { return .declined("the values are not one for each") }
    let count = x.shape.elementCount
    switch (op.replacement, x.elementType) {
    case (.floats(let old, let new), .float32):
      let kernel = ImputerKernel(old: old, new: new, count: count)
      return .run { call in kernel.run(call) }
    case (.floats(let old, let new), .float64):
      let kernel = ImputerKernel(old: Double(old), new: new.map { Double($0) }, count: count)
      return .run { call in kernel.run(call) }
    case (.ints(let old, let new), .int64):
      let kernel = ImputerKernel(old: Int64(old), new: new.map { Int64($0) }, count: count)
      return .run { call in kernel.run(call) }
    case (.ints(let old, let new), .int32):
      let fitting = new.compactMap { Int32(exactly: $0) }
      guard let old = Int32(exactly: old), fitting.count == new.count else { return .declined("a value does not fit int32") }
      let kernel = ImputerKernel(old: old, new: fitting, count: count)
      return .run { call in kernel.run(call) }
    default: return .declined("the values are of another kind than the input")
    }
  }

  private static let normalizer = KernelRow("normalizer", ["Normalizer"], domain: domain, features) {
    (op: Normalizer, query) throws(OnyxError) in
    guard let x = query.input(0)?.shape, x.elementCount > 0, let width = x.last else { return .declined("the input is empty") }
    return bind(query, NormalizerKernel(norm: op.norm, rows: x.elementCount / width, width: width))
  }

  private static let linearRegressor = KernelRow("linear_regressor", ["LinearRegressor"], domain: domain, features) {
    (op: LinearRegressor, query) throws(OnyxError) in
    guard let x = query.input(0)?.shape, let width = x.last, width > 0 else { return .declined("the input is empty") }
    let results = ScoreResults(kind: .scores(.float32), transform: op.transform, targets: op.targets)
    return linear(query, op.model, x, outputs: op.targets, results, isSingle: false)
  }

  private static let linearClassifier = KernelRow("linear_classifier", ["LinearClassifier"], domain: domain, features) {
    (op: LinearClassifier, query) throws(OnyxError) in
    guard let x = query.input(0)?.shape, let width = x.last, width > 0 else { return .declined("the input is empty") }
    guard case .ints(let labels) = op.labels, query.outputs[0] != nil else { return .declined("the labels are strings") }
    let isSingle = op.hasSingleScore(features: width)
    // The only score is that of the second class; it stands first, and the other follows from it.
    let single = isSingle ? ScoreResults.SingleScore(place: 0, threshold: 0, isComplement: true) : nil
    let kind = ScoreResults.Kind.classes(labels: labels.map { Int64($0) }, single: single)
    let results = ScoreResults(kind: kind, transform: op.transform, targets: labels.count)
    return linear(query, op.model, x, outputs: isSingle ? 1 : labels.count, results, isSingle: isSingle)
  }

  private static func linear(
    _ query: KernelQuery, _ model: LinearModel, _ x: Shape, outputs: Int, _ results: ScoreResults, isSingle: Bool
  ) -> Preparation {
    let width = x[x.rank - 1]
    let (count, overflow) = width.multipliedReportingOverflow(by: outputs)
    guard !overflow, model.coefficients.count == count, model.intercepts.isEmpty || model.intercepts.count == outputs else {
      return .declined("the coefficients are not one for each feature")
    }
    let scores = LinearScores(coefficients: model.coefficients, intercepts: model.intercepts, outputs: outputs, width: width)
    let hasSecond = query.outputs.count > 1 && query.outputs[1] != nil
    return bind(
      query,
      LinearKernel(scores: scores, results: results, samples: x.elementCount / width, isSingle: isSingle, hasSecond: hasSecond))
  }

  private static let labels = KernelRow(
    "label_encoder_table", ["LabelEncoder"], domain: domain, .input(0, [.float32, .float64, .int16, .int32, .int64])
  ) { (op: LabelEncoder, query) throws(OnyxError) in
    guard let x = query.input(0)?.shape, let entries = op.numberPlaces else { return .declined("the keys are strings") }
    let table = NumberTable(entries.map { (key: $0.key.order, value: $0.place) })
    let count = x.elementCount
    switch op.values.elementType {
    case .int64: return bind(query, LabelKernel(table: table, values: try op.values.elements(as: Int64.self), count: count))
    case .float32: return bind(query, LabelKernel(table: table, values: try op.values.elements(as: Float.self), count: count))
    case .float64: return bind(query, LabelKernel(table: table, values: try op.values.elements(as: Double.self), count: count))
    case .int32: return bind(query, LabelKernel(table: table, values: try op.values.elements(as: Int32.self), count: count))
    case .int16: return bind(query, LabelKernel(table: table, values: try op.values.elements(as: Int16.self), count: count))
    default: return .declined("the values are strings")
    }
  }

  private static let oneHot = KernelRow("one_hot_encoder", ["OneHotEncoder"], domain: domain, features) {
    (op: OneHotEncoder, query) throws(OnyxError) in
    guard let x = query.input(0)?.shape, case .ints(let categories) = op.categories else { return .declined("the categories are strings") }
    let table = NumberTable(categories.enumerated().map { (key: Int64($0.element), value: $0.offset) })
    return bind(
      query, OneHotKernel(table: table, width: categories.count, count: x.elementCount, allowsUnknown: op.allowsUnknown))
  }

  private static let extractor = KernelRow("array_feature_extractor", ["ArrayFeatureExtractor"], domain: domain, features) {
    (op: ArrayFeatureExtractor, query) throws(OnyxError) in
    guard let x = query.input(0), let indices = query.input(1)?.shape, let width = x.shape.last, width > 0 else {
      return .declined("the input is empty")
    }
    let (rows, count) = (x.shape.elementCount / width, indices.elementCount)
    if x.elementType.byteWidth == 4 {
      let kernel = ExtractorKernel<UInt32>(rows: rows, width: width, count: count)
      return .run { (call) throws(OnyxError) in try kernel.run(call) }
    }
    let kernel = ExtractorKernel<UInt64>(rows: rows, width: width, count: count)
    return .run { (call) throws(OnyxError) in try kernel.run(call) }
  }

  static func bind(_ query: KernelQuery, _ kernel: some FeatureKernel) -> Preparation {
    switch query.input(0)?.elementType {
    case .float32: .run { (call) throws(OnyxError) in try kernel.run(call, Float.self) }
    case .float64: .run { (call) throws(OnyxError) in try kernel.run(call, Double.self) }
    case .int16: .run { (call) throws(OnyxError) in try kernel.run(call, Int16.self) }
    case .int32: .run { (call) throws(OnyxError) in try kernel.run(call, Int32.self) }
    default: .run { (call) throws(OnyxError) in try kernel.run(call, Int64.self) }
    }
  }
}

extension LabelEncoder.NumberKey {
  /// See `FeatureElement.order`.
  fileprivate var order: Int64 {
    switch self {
    case .integer(let number): number
    case .floating(let number): number.key
    }
  }
}
