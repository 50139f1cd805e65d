import CKernels
import OnyxOperators
import OnyxTensor

/// The constants of an attention block in the order of its kernels, zeros behind them to whole blocks of 16.
///
/// SAFETY: the pointers lie in `floats`; they are read in runs only, when the floats are written.
@safe final class AttentionBlockWeights: Sendable {
  let spatialBias: Float
  /// Results of W1: hidden units, or channels; taps of conv1d.
  let firstCount: Int
  let windowHeight: Int
  let windowWidth: Int
  /// Whether W2 sees the sum of the hidden vectors: it is linear, and nothing stands behind it.
  let addsHidden: Bool

  private let floats: PackedFloats
  private let places: Places

  /// W1 and W2 in panels of 16 results: [⌈results/16⌉, inputs, 16]. W1 of conv1d: its taps.
  var first: UnsafePointer<Float> { unsafe UnsafePointer(floats.base + places.start[0]) }
  var firstBias: UnsafePointer<Float> { unsafe UnsafePointer(floats.base + places.start[1]) }
  var second: UnsafePointer<Float> { unsafe UnsafePointer(floats.base + places.start[2]) }
  /// Twice B2 when the hidden vectors of two branches are added before W2.
  var secondBias: UnsafePointer<Float> { unsafe UnsafePointer(floats.base + places.start[3]) }
  var spatial: UnsafePointer<Float> { unsafe UnsafePointer(floats.base + places.start[4]) }

  /// `tensors` stand in the order of the operator's inputs and have passed its shape rule. `pack` is asked for memory of so many
  /// floats and for what fills it from the tensors given.
  init(
    _ block: AttentionBlock, _ tensors: [Tensor?], channels: Int, isa: ISA,
    pack: (Int, [Tensor], @escaping PackedFloats.Fill) throws(OnyxError) -> PackedFloats
  ) throws(OnyxError) {
    func tensor(_ input: AttentionBlock.Input) -> Tensor? { tensors.indices.contains(input.rawValue) ? tensors[input.rawValue] : nil }
    firstCount = tensor(.w1)?.shape.first ?? 0
    addsHidden = block.gate == .mlp && block.pooling == .both && block.outputActivation == .none
    let isWindow = block.spatial == .conv
    let window = isWindow ? tensor(.ws)?.shape : nil
    (windowHeight, windowWidth) = window.map { ($0[2], $0[3]) } ?? (0, 0)
    spatialBias = try tensor(.bs)?.elements(as: Float.self).first ?? 0

    let isLine = block.gate == .conv1d
    let parts = [
      Part(tensor(.w1), results: isLine ? nil : firstCount),
      Part(tensor(.b1), atLeast: isLine ? 1 : firstCount),
      Part(tensor(.w2), results: channels),
      Part(tensor(.b2), atLeast: channels, factor: addsHidden ? 2 : 1),
      Part(tensor(.ws), atLeast: isWindow ? 0 : channels),
    ]
    let places = Places(parts)
    self.places = places
    floats = unsafe try pack(places.count, parts.compactMap(\.tensor)) { target, sources, _ in
      unsafe target.update(repeating: 0, count: places.count)
      var rest = unsafe sources[...]
      for (part, start) in zip(parts, places.start) where part.tensor != nil {
        guard let source = unsafe rest.popFirst() else { return }
        unsafe part.write(source, to: target + start, isa)
      }
    }
  }

  static func padded(_ count: Int) -> Int {
    (count + AttentionBlockGeometry.lanes - 1) / AttentionBlockGeometry.lanes * AttentionBlockGeometry.lanes
  }

  /// Where each part begins.
  private struct Places {
    var start: [Int] = []
    var count = 0

    init(_ parts: [Part]) {
      for part in parts {
        start.append(count)
        count += part.count
      }
    }
  }

  /// One constant: a matrix to be packed in panels, or a vector.
  private struct Part {
    let tensor: Tensor?
    let results: Int?
    let count: Int
    let factor: Float

    init(_ tensor: Tensor?, results: Int?) {
      let elements = tensor?.elementCount ?? 0
      self.tensor = elements > 0 ? tensor : nil
      self.results = results
      factor = 1
      count = results.map { $0 > 0 ? padded($0) * (elements / $0) : 0 } ?? padded(elements)
    }

    init(_ tensor: Tensor?, atLeast least: Int, factor: Float = 1) {
      let elements = tensor?.elementCount ?? 0
      self.tensor = elements > 0 ? tensor : nil
      results = nil
      self.factor = factor
      count = padded(max(elements, least))
    }

    /// `source` holds the tensor's elements, `target` has `count` zeros.
    func write(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, _ isa: ISA) {
      guard let tensor else { return }
      guard let results else {
        unsafe UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: tensor.byteCount)
        if factor != 1 { for index in 0..<tensor.elementCount { unsafe target[index] *= factor } }
        return
      }
      guard results > 0 else { return }
      let (inputs, lanes) = (tensor.elementCount / results, AttentionBlockGeometry.lanes)
      for first in stride(from: 0, to: results, by: lanes) {
        unsafe isa.gemm.pack!(
          target + first * inputs, Int64(lanes), 0, source + first * inputs, Int64(inputs), 1, Int64(min(lanes, results - first)),
          Int64(inputs))
      }
    }
  }
}
