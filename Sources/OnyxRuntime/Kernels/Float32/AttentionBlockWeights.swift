import CSystem
import OnyxOperators
import OnyxTensor

/// The constants of an attention block in the order of its kernels, zeros behind them to whole blocks of 16.
///
/// SAFETY: owns `base`, written in `init` only; the other pointers are into it.
@safe final class AttentionBlockWeights: @unchecked Sendable {
  /// W1 and W2 in panels of 16 results: [⌈results/16⌉, inputs, 16]. W1 of conv1d: its taps.
  let first: UnsafePointer<Float>
  let second: UnsafePointer<Float>
  let firstBias: UnsafePointer<Float>
  /// Twice B2 when the hidden vectors of two branches are added before W2.
  let secondBias: UnsafePointer<Float>
  let spatial: UnsafePointer<Float>
  let spatialBias: Float
  /// Results of W1: hidden units, or channels; taps of conv1d.
  let firstCount: Int
  let windowHeight: Int
  let windowWidth: Int
  /// Whether W2 sees the sum of the hidden vectors: it is linear, and nothing stands behind it.
  let addsHidden: Bool

  private let base: UnsafeMutablePointer<Float>

  /// `tensors` stand in the order of the operator's inputs and have passed its shape rule.
  init(_ block: AttentionBlock, _ tensors: [Tensor?], channels: Int) throws(OnyxError) {
    func values(_ input: AttentionBlock.Input) throws(OnyxError) -> [Float] {
      guard tensors.indices.contains(input.rawValue), let tensor = tensors[input.rawValue] else { return [] }
      return try tensor.elements(as: Float.self)
    }
    func shape(_ input: AttentionBlock.Input) -> Shape { tensors.indices.contains(input.rawValue) ? tensors[input.rawValue]?.shape ?? [] : [] }
    firstCount = shape(.w1).first ?? 0
    addsHidden = block.gate == .mlp && block.pooling == .both && block.outputActivation == .none
    let isWindow = block.spatial == .conv
    (windowHeight, windowWidth) = isWindow ? (shape(.ws)[2], shape(.ws)[3]) : (0, 0)
    spatialBias = try values(.bs).first ?? 0

    var all: [Float] = []
    func add(_ values: [Float], results: Int) -> Int {
      let start = all.count
      all += values + Array(repeating: 0, count: Self.padded(max(results, values.count)) - values.count)
      return start
    }
    let w1 = try values(.w1)
    let w1At = add(block.gate == .conv1d ? w1 : Self.panels(w1, results: firstCount), results: 0)
    let b1At = add(try values(.b1), results: block.gate == .conv1d ? 1 : firstCount)
    let w2At = add(Self.panels(try values(.w2), results: channels), results: 0)
    let factor: Float = addsHidden ? 2 : 1
    let b2At = add(try values(.b2).map { factor * $0 }, results: channels)
    let wsAt = add(try values(.ws), results: isWindow ? 0 : channels)
    let bytes = max(all.count, 16) * MemoryLayout<Float>.stride
    guard let memory = unsafe csystem_allocate(bytes, 64) else {
      throw .budget("\(bytes) bytes for packed weights could not be allocated.", remedy: "Free memory or use a smaller model.")
    }
    let base = unsafe memory.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride)
    for index in all.indices { unsafe base[index] = all[index] }
    unsafe self.base = base
    unsafe first = UnsafePointer(base + w1At)
    unsafe firstBias = UnsafePointer(base + b1At)
    unsafe second = UnsafePointer(base + w2At)
    unsafe secondBias = UnsafePointer(base + b2At)
    unsafe spatial = UnsafePointer(base + wsAt)
  }

  deinit { unsafe csystem_free(base) }

  static func padded(_ count: Int) -> Int { (count + AttentionBlockGeometry.lanes - 1) / AttentionBlockGeometry.lanes * AttentionBlockGeometry.lanes }

  /// Weights [results, inputs] as [⌈results/16⌉, inputs, 16].
  private static func panels(_ weights: [Float], results: Int) -> [Float] {
    guard results > 0, !weights.isEmpty else { return [] }
    let lanes = AttentionBlockGeometry.lanes
    let inputs = weights.count / results
    var packed = [Float](repeating: 0, count: padded(results) * inputs)
    for result in 0..<results {
      for input in 0..<inputs { packed[(result / lanes * inputs + input) * lanes + result % lanes] = weights[result * inputs + input] }
    }
    return packed
  }
}
