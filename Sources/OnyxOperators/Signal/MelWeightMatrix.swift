import OnyxGraph
import OnyxTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Triangles of equal width on the mel scale: weights that turn a spectrum of frequencies into bands. ONNX: MelWeightMatrix (17).
///
/// The result has length / 2 + 1 rows, one for each frequency of a one-sided transform, and a column for each band. The text leaves the
/// edges of the bands open. They are those of the ONNX reference and of ONNX Runtime: bands + 2 points from the lower edge on, a
/// (bands + 2)th part of the range apart, each moved down to the number of a frequency. Frequencies past the last row have no weight.
/// Computed in `Double`; an integer type takes the integral part.
package struct MelWeightMatrix: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "MelWeightMatrix", versions: [17],
      inputs: [
        .required("num_mel_bins", "T1"), .required("dft_length", "T1"), .required("sample_rate", "T1"), .required("lower_edge_hertz", "T2"),
        .required("upper_edge_hertz", "T2"),
      ], outputs: [.required("output", "T3")], types: ["T1": .indices, "T2": .floats, "T3": .numbers]), MelWeightMatrix.init)

  /// Element type of the matrix.
  package let type: ElementType

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    type = try attributes.elementType("output_datatype", default: .float32, among: .numbers)
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let bands = try context.singleNumber(0, "num_mel_bins")
    let length = try context.singleNumber(1, "dft_length")
    let rate = try context.singleNumber(2, "sample_rate")
    if let bands = bands?.known { try Self.check("num_mel_bins", bands, least: 0) }
    if let length = length?.known { try Self.check("dft_length", length, least: 1) }
    if let rate = rate?.known { try Self.check("sample_rate", rate, least: 1) }
    let rows = try length.map { (length) throws(OnyxError) in try length.dividedDown(by: 2) + 1 } ?? context.unknown("rows")
    return [Inferred(type, try [rows, bands ?? context.unknown("bands")].checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let bands = try context.singleInt(0, "num_mel_bins") ?? 0
    let length = try context.singleInt(1, "dft_length") ?? 0
    let rate = try context.singleInt(2, "sample_rate") ?? 0
    try Self.check("num_mel_bins", bands, least: 0)
    try Self.check("dft_length", length, least: 1)
    try Self.check("sample_rate", rate, least: 1)
    let (low, high) = (try context.singleDouble(3, "lower_edge_hertz"), try context.singleDouble(4, "upper_edge_hertz"))
    guard low >= 0, high >= low, high.isFinite else {
      throw .invalid("The bands reach from \(low) to \(high) hertz.", remedy: "Give 0 ≤ lower_edge_hertz ≤ upper_edge_hertz.")
    }
    let shape = try Shape([length / 2 + 1, bands])
    var y = try shape.filled(with: 0.0)
    let step = (Self.mel(high) - Self.mel(low)) / (Double(bands) + 2)
    for band in 0..<bands {
      let edges = (band..<band + 3).map { point in
        let frequency = 700 * (pow(10, (Self.mel(low) + Double(point) * step) / 2595) - 1)
        return ((Double(length) + 1) * frequency / Double(rate)).rounded(.down)
      }
      Self.drawTriangle(edges, column: band, shape, &y)
    }
    return [try ElementConversion().convert(Tensor(y, shape: shape), to: type)]
  }

  private static func mel(_ hertz: Double) -> Double { 2595 * log10(1 + hertz / 700) }

  /// Rises from the first edge to 1 at the second and falls to 0 at the third; the edges ascend.
  private static func drawTriangle(_ edges: [Double], column: Int, _ shape: Shape, _ y: inout [Double]) {
    let last = Double(shape[0] - 1)
    guard edges[0] <= last else { return }
    for row in Int(max(0, edges[0]))...Int(min(edges[2], last)) {
      let place = Double(row)
      let weight: Double
      if place < edges[1] {
        weight = (place - edges[0]) / (edges[1] - edges[0])
      } else {
        weight = place == edges[1] ? 1 : (edges[2] - place) / (edges[2] - edges[1])
      }
      y[row * shape[1] + column] = weight
    }
  }

  private static func check(_ name: String, _ value: Int, least: Int) throws(OnyxError) {
    guard value >= least else { throw .invalid("The input '\(name)' is \(value); it must be at least \(least).") }
  }
}
