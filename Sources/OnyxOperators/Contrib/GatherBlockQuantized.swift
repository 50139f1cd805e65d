import OnyxGraph
import OnyxTensor

/// Gather of numbers that are quantized in blocks of one axis, dequantized behind it. ONNX Runtime: com.microsoft.GatherBlockQuantized (1).
///
/// Bytes hold integers of 2, 4 or 8 bits packed along the last axis, the first in the lowest bits; their zero points are packed alike and
/// by default the middle of the range. An index outside the axis gives zeros.
package struct GatherBlockQuantized: TensorOperator {
  static let definition = OperatorDefinition(
    Signature(
      "GatherBlockQuantized", domain: "com.microsoft", versions: [1],
      inputs: [.required("data", "T1"), .required("indices", "Tind"), .required("scales", "T2"), .optional("zero_points", "T1")],
      outputs: [.required("output", "T2")],
      types: [
        "T1": Set.floats8.union([.int4, .uint4, .uint8, .float4e2m1]), "T2": [.float32, .float16, .bfloat16], "Tind": .indices,
      ]), GatherBlockQuantized.init)

  /// The axis that is indexed; may count from the end.
  package let axis: Int
  /// The axis that is divided into blocks; may count from the end.
  package let quantizedAxis: Int
  /// Elements of a block; 0 is the whole axis.
  package let blockSize: Int
  /// Bits of an integer in a byte.
  package let bits: Int

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    axis = try attributes.int("gather_axis", default: 0)
    quantizedAxis = try attributes.int("quantize_axis", default: 1)
    blockSize = try attributes.int("block_size", default: 128)
    bits = try attributes.int("bits", default: 4)
    guard [2, 4, 8].contains(bits) else { throw .invalid("The attribute 'bits' is \(bits); it must be 2, 4 or 8.") }
    guard blockSize == 0 || (blockSize >= 16 && blockSize & (blockSize - 1) == 0) else {
      throw .invalid("The attribute 'block_size' is \(blockSize); it must be 0 or a power of two, at least 16.")
    }
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let scales = try context.tensor(2)
    let type = try context.elementType(0)
    guard blockSize > 0 || type.isFloating else { throw .invalid("The attribute 'block_size' is 0, which is for floats only.") }
    guard !(type.isFloating && context.has(3)) else { throw .invalid("Quantized floats have no zero points.") }
    guard let stored = try context.shape(0) else { return [scales.resized(nil)] }
    guard !stored.isEmpty else { throw .invalid("The data is a scalar.") }
    let logical = try logical(stored, type)
    let (gathered, quantized) = (
      try Shape.normalize(axis: axis, rank: logical.count), try Shape.normalize(axis: quantizedAxis, rank: logical.count)
    )
    if type == .uint8, gathered != 0 || (gathered == quantized && bits < 8) {
      throw .invalid("Packed bytes are gathered along axis 0 and quantized along another one.")
    }
    try check(context.shape(2), logical, quantized, isFloating: type.isFloating, "scales")
    if type == .uint8, let points = context.optional(3)?.shape, let shape = try context.shape(2), let last = shape.last {
      let packed = shape.dropLast() + [try last.dividedUp(by: Dimension(8 / bits))]
      guard points.count == packed.count, zip(points, packed).allSatisfy({ $0.known == nil || $1.known == nil || $0 == $1 }) else {
        throw .invalid("The zero points have the shape \(points); they must be \(packed).")
      }
    } else {
      try check(context.optional(3)?.shape, logical, quantized, isFloating: false, "zero points")
    }
    guard let picked = try context.shape(1) else { return [scales.resized(nil)] }
    return [scales.resized(logical[..<gathered] + picked + logical[(gathered + 1)...])]
  }

  /// The shape without packing.
  private func logical(_ stored: [Dimension], _ type: ElementType) throws(OnyxError) -> [Dimension] {
    guard type == .uint8, let last = stored.last else { return stored }
    return stored.dropLast() + [try last * Dimension(8 / bits)]
  }

  private func check(
    _ shape: [Dimension]?, _ data: [Dimension], _ quantized: Int, isFloating: Bool, _ what: String
  ) throws(OnyxError) {
    guard let shape else { return }
    var needed = data
    needed[quantized] = blockSize == 0 ? 1 : try data[quantized].dividedUp(by: Dimension(blockSize))
    let fits =
      shape.count == needed.count
      && zip(shape, needed).enumerated().allSatisfy { axis, pair in
        pair.0.known == nil || pair.1.known == nil || pair.0 == pair.1 || (isFloating && axis != quantized && pair.0 == 1)
      }
    guard fits else { throw .invalid("The \(what) have the shape \(shape); they must be \(needed).") }
  }

  /// Decodes the picked rows only: a table of embeddings is far larger than what one run takes of it.
  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let (data, scales) = (try context.input(0), try context.input(2))
    let shape = try context.shape()
    var sizes = data.shape.dimensions
    if data.elementType == .uint8 { sizes[sizes.count - 1] *= 8 / bits }
    let (gathered, quantized) = (
      try Shape.normalize(axis: axis, rank: sizes.count), try Shape.normalize(axis: quantizedAxis, rank: sizes.count)
    )
    let extent = sizes[gathered]
    sizes[gathered] = 1
    let indices = try context.input(1).ints()
    var y: [Double] = try shape.filled(with: 0)
    if y.isEmpty { return [try Tensor(floating: y, as: scales.elementType, shape: shape)] }
    let inner = sizes[(gathered + 1)...].reduce(1, *)
    for (place, picked) in indices.enumerated() {
      let index = picked < 0 ? picked + extent : picked
      guard (0..<extent).contains(index) else { continue }
      let block = gathered == quantized ? index / max(1, blockSize) : index
      let row = try QuantizedRows(
        data: data.slice(axis: gathered, from: index, count: 1), sizes: sizes, scales: Self.part(scales, gathered, block),
        points: context.optional(3).map { (points) throws(OnyxError) in try Self.part(points, gathered, block) },
        quantizedAxis: quantized, blockSize: blockSize, bits: bits)
      for source in 0..<y.count / indices.count {
        y[(source / inner * indices.count + place) * inner + source % inner] = row.value(source)
      }
    }
    return [try Tensor(floating: y, as: scales.elementType, shape: shape)]
  }

  /// One element along an axis; the only one where the tensor has no other.
  private static func part(_ tensor: Tensor, _ axis: Int, _ index: Int) throws(OnyxError) -> Tensor {
    try tensor.slice(axis: axis, from: tensor.shape[axis] == 1 ? 0 : index, count: 1)
  }
}

/// Quantized numbers with their scales and zero points. `sizes` is the shape without packing.
private struct QuantizedRows {
  private let sizes: [Int]
  private let strides: [Int]
  private let quantizedAxis: Int
  private let blockSize: Int
  private let bits: Int
  /// Numbers, or packed integers in rows of `rowBytes`.
  private let values: [Double]
  private let packed: PackedIntegers?
  private let rowBytes: Int
  private let scales: [Double]
  private let scaleStrides: [Int]
  private let scaleRow: Int
  private let points: [Double]?
  private let packedPoints: PackedIntegers?

  init(
    data: Tensor, sizes: [Int], scales: Tensor, points: Tensor?, quantizedAxis: Int, blockSize: Int, bits: Int
  ) throws(OnyxError) {
    self.sizes = sizes
    self.quantizedAxis = quantizedAxis
    self.blockSize = blockSize
    self.bits = bits
    strides = try Shape(sizes).strides
    let isPacked = data.elementType == .uint8
    values = isPacked ? [] : try data.doubles()
    packed = isPacked ? try PackedIntegers(data, bits: bits) : nil
    rowBytes = data.shape.last ?? 1
    self.scales = try scales.doubles()
    scaleStrides = zip(scales.shape.strides, scales.shape).map { $1 == 1 ? 0 : $0 }
    scaleRow = scales.shape.last ?? 1
    let packedPoints = isPacked ? points : nil
    self.packedPoints = try packedPoints.map { (tensor) throws(OnyxError) in try PackedIntegers(tensor, bits: bits) }
    self.points = isPacked ? nil : try points?.doubles()
  }

  /// The number at a place of `sizes`.
  func value(_ source: Int) -> Double {
    var scale = 0
    for axis in sizes.indices {
      let coordinate = source / strides[axis] % sizes[axis]
      scale += (axis == quantizedAxis ? coordinate / max(1, blockSize) : coordinate) * scaleStrides[axis]
    }
    guard let packed else { return (values[source] - (points?[scale] ?? 0)) * scales[scale] }
    let row = sizes[sizes.count - 1]
    let pointBytes = (scaleRow * bits + 7) / 8
    let zero = packedPoints?.value(scale % scaleRow, from: scale / scaleRow * pointBytes) ?? 1 << (bits - 1)
    return Double(packed.value(source % row, from: source / row * rowBytes) - zero) * scales[scale]
  }
}
