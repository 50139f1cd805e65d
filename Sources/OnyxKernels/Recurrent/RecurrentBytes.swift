import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Constant weights of bytes of one direction of a recurrent layer, W [inputs, width] and R [hidden, width], with one zero point each and
/// a scale for each column.
///
/// SAFETY: R is packed as `packed` says, gate by gate for each block of units, panels of all lanes of the tier each.
struct RecurrentBytes: Sendable {
  let w: PackedBytes
  /// Panels of R: for each block of units those of its gates.
  let r: PackedBytes
  let inputScales: [Float]
  /// Scales, then sums, of the columns of R in the order of its panels, zeros for units that are not there.
  private let columns: PackedFloats
  /// Zero points as the weights are packed.
  let inputPoint: Int32
  private let point: Int32
  private let panelBytes: Int

  /// What a step reads of R.
  @safe struct Operand {
    let panels: UnsafePointer<UInt8>
    let panelBytes: Int
    let scales: UnsafePointer<Float>
    let sums: UnsafePointer<Int32>
    let point: Int32
  }

  /// Valid as long as the weights are.
  var operand: Operand {
    let sums = unsafe UnsafeRawPointer(columns.base + r.lanes).assumingMemoryBound(to: Int32.self)
    return unsafe Operand(panels: r.base, panelBytes: panelBytes, scales: columns.base, sums: sums, point: point)
  }

  /// nil when zero points differ between columns.
  init?(_ side: Int, _ geometry: RecurrentGeometry, _ query: KernelQuery) throws(OnyxError) {
    guard let w = query.constant(1), let r = query.constant(2), let wScale = query.constant(8), let wPoint = query.constant(9),
      let rScale = query.constant(10), let rPoint = query.constant(11),
      let inputPoint = try Self.point(wPoint, side), let point = try Self.point(rPoint, side)
    else { return nil }
    guard let panelBytes = query.isa.int8PanelSize(.columns, depth: geometry.hidden) else { return nil }
    (self.inputPoint, self.point, self.panelBytes) = (inputPoint, point, panelBytes)
    let (isa, width) = (query.isa, geometry.width)
    inputScales = try Self.scales(wScale, side, width)
    let order = geometry.columnOrder
    let ownScales = try Self.scales(rScale, side, width)
    self.w = try query.packed("recurrent_w8_\(isa.mask)_\(side)") { (_) throws(OnyxError) in
      try Self.pack(w, side, rows: geometry.inputs, order: Array(0..<width), isa)
    }
    let packedR = try query.packed("recurrent_r8_\(isa.mask)_\(side)") { (_) throws(OnyxError) in
      try Self.pack(r, side, rows: geometry.hidden, order: order, isa)
    }
    self.r = packedR
    columns = try query.packed("recurrent_columns8_\(isa.mask)_\(side)") { (_) throws(OnyxError) in
      try unsafe PackedFloats(count: 2 * order.count) { target in
        let sums = unsafe UnsafeMutableRawPointer(target + order.count).bindMemory(to: Int32.self, capacity: order.count)
        for (lane, column) in order.enumerated() {
          unsafe target[lane] = column < 0 ? 0 : ownScales[column]
          unsafe sums[lane] = packedR.sums[lane]
        }
      }
    }
  }

  private static func scales(_ tensor: Tensor, _ side: Int, _ width: Int) throws(OnyxError) -> [Float] {
    let values = try tensor.slice(at: side).elements(as: Float.self)
    return values.count == 1 ? Array(repeating: values[0], count: width) : values
  }

  /// The one zero point of a direction after packing; nil when there are several.
  private static func point(_ tensor: Tensor, _ side: Int) throws(OnyxError) -> Int32? {
    let values = try tensor.slice(at: side).integers()
    guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
    return Int32(first) - (tensor.elementType == .int8 ? 0 : 128)
  }

  /// Columns of a direction's matrix in some order, zeros for negative numbers; bytes without a sign are moved by 128.
  private static func pack(_ tensor: Tensor, _ side: Int, rows: Int, order: [Int], _ isa: ISA) throws(OnyxError) -> PackedBytes {
    let (width, isSigned) = (tensor.shape[2], tensor.elementType == .int8)
    let blank: UInt8 = isSigned ? 0 : 128
    return try unsafe tensor.slice(at: side).withUnalignedBytes { (bytes) throws(OnyxError) in
      var columns = [UInt8](repeating: blank, count: rows * order.count)
      for (target, source) in order.enumerated() where source >= 0 {
        for k in 0..<rows { columns[target * rows + k] = unsafe bytes[k * width + source] }
      }
      return try unsafe columns.withUnsafeBufferPointer { (columns) throws(OnyxError) in
        try unsafe PackedBytes(
          .columns, columns.baseAddress!, laneStride: rows, depthStride: 1, lanes: order.count, depth: rows, flips: !isSigned,
          isSigned: true,
          isa: isa)
      }
    }
  }
}

extension RecurrentGeometry {
  /// The column of R that lies at each lane of its panels; -1 for lanes without a unit.
  fileprivate var columnOrder: [Int] {
    (0..<blocks).flatMap { block in
      (0..<gates).flatMap { gate in
        (block * panel..<(block + 1) * panel).map { $0 < hidden ? gate * hidden + $0 : -1 }
      }
    }
  }
}

/// The memory of one direction in which hidden states become bytes: packed rows, their scale, and what zero points add to each row.
///
/// SAFETY: places in `base`, which has `count` floats from there on.
@safe struct RecurrentByteRows {
  let words: UnsafeMutablePointer<UInt8>
  let scales: UnsafeMutablePointer<Float>
  let terms, biases: UnsafeMutablePointer<Int32>
  let bytes: UnsafeMutablePointer<UInt8>

  /// Floats that rows of a layer need.
  static func count(_ geometry: RecurrentGeometry, _ isa: ISA) -> Int? {
    guard let size = isa.int8Size(.rows, lanes: geometry.batch, depth: geometry.hidden) else { return nil }
    return size / 4 + 3 * ((geometry.batch + 15) & ~15) + geometry.hidden / 4 + 32
  }

  init(_ base: UnsafeMutablePointer<Float>, _ geometry: RecurrentGeometry) {
    let lanes = (geometry.batch + 15) & ~15
    unsafe scales = base
    unsafe terms = UnsafeMutableRawPointer(base + lanes).assumingMemoryBound(to: Int32.self)
    unsafe biases = terms + lanes
    unsafe bytes = UnsafeMutableRawPointer(base + 3 * lanes).assumingMemoryBound(to: UInt8.self)
    unsafe words = bytes + (geometry.hidden + 63) & ~63
  }
}

extension RecurrentKernel {
  /// How the floats of some rows are to be bytes: by the range of all of them and zero.
  func quantization(rows: Int, count: Int, _ row: (Int) -> UnsafePointer<Float>?) -> onyx_quantization {
    var (least, greatest): (Float, Float) = (0, 0)
    for index in 0..<rows {
      guard let floats = unsafe row(index) else { continue }
      var (low, high): (Float, Float) = (0, 0)
      unsafe functions.quantize.range!(floats, Int64(count), &low, &high)
      (least, greatest) = (min(least, low), max(greatest, high))
    }
    return onyx_quantization(least: least, greatest: greatest)
  }

  /// The hidden states before a step as packed rows of bytes.
  func quantize(_ side: Side, _ step: Int, _ weights: RecurrentBytes.Operand) {
    let (g, rows) = unsafe (geometry, RecurrentByteRows(side.memory + scratch.bytes, geometry))
    let states = unsafe UnsafePointer(hidden(side, step))
    var q = unsafe quantization(rows: g.batch, count: g.hidden) { unsafe states + $0 * g.stateStride }
    let (panel, group) = (Int(functions.bytes.row_panel), Int(functions.bytes.group))
    let words = (g.hidden + group - 1) / group
    for sequence in 0..<g.batch {
      unsafe functions.quantize.quantize!(rows.bytes, states + sequence * g.stateStride, Int64(g.hidden), &q)
      for k in g.hidden..<words * group { unsafe rows.bytes[k] = 0 }
      let (tile, lane) = sequence.quotientAndRemainder(dividingBy: panel)
      let target = unsafe UnsafeMutableRawPointer(rows.words + (tile * panel * words + lane) * 4)
      for word in 0..<words {
        let value: UInt32
        if group == 4 {
          unsafe value = UnsafeRawPointer(rows.bytes + word * 4).loadUnaligned(as: UInt32.self)
        } else {
          unsafe value = (UInt32(rows.bytes[2 * word]) | UInt32(rows.bytes[2 * word + 1]) << 16).littleEndian
        }
        unsafe target.storeBytes(of: value, toByteOffset: word * panel * 4, as: UInt32.self)
      }
      unsafe rows.scales[sequence] = q.scale
      unsafe rows.terms[sequence] = 0 &- q.zero_point
      var bias: Int32 = 0
      if weights.point != 0 {
        for k in 0..<g.hidden { unsafe bias &+= Int32(rows.bytes[k]) }
        bias = weights.point &* (Int32(truncatingIfNeeded: g.hidden) &* q.zero_point &- bias)
      }
      unsafe rows.biases[sequence] = bias
    }
  }

  /// The rows of `quantize` times the panels of a block's gates, as floats.
  func multiply(_ units: Range<Int>, _ side: Side, _ weights: RecurrentBytes.Operand, into products: UnsafeMutablePointer<Float>) {
    let (g, rows) = unsafe (geometry, RecurrentByteRows(side.memory + scratch.bytes, geometry))
    let row = g.gates * g.panel
    // A block of all its units is one product.
    let (parts, columns) = units.count == g.panel ? (1, row) : (g.gates, units.count)
    for part in 0..<parts {
      let lane = units.lowerBound / g.panel * row + part * g.panel
      var epilogue = unsafe onyx_int8_epilogue(
        row_bias: weights.point == 0 ? nil : rows.biases, column_bias: nil, row_term: rows.terms, column_term: weights.sums + lane,
        row_scale: rows.scales, column_scale: weights.scales + lane, row_shift: nil, column_shift: nil, divisor: 1, low: 0, high: 0,
        zero_point: 0, kind: Int32(ONYX_INT8_FLOATS))
      unsafe functions.bytes.block!(
        Int64(g.hidden), rows.words, Int64(g.batch), weights.panels + lane / g.panel * weights.panelBytes, Int64(columns),
        products + part * g.panel, Int64(row), 1, &epilogue)
    }
  }

  /// Rows of X in the order of the steps, as bytes, times W, with the biases.
  func project(
    _ rows: UnsafePointer<UInt8>, _ count: Int, _ q: onyx_quantization, _ side: Side, _ weights: RecurrentBytes,
    into target: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    let product = ByteProduct(
      m: count, n: geometry.width, k: geometry.inputs, isSigned: false,
      columnZeroPoints: weights.inputPoint == 0 ? [] : Array(repeating: weights.inputPoint, count: geometry.width), isa: isa)
    var epilogue = ByteEpilogue(.floats)
    epilogue.columnScale = weights.inputScales.map { q.scale * $0 }
    epilogue.columnBias = unsafe weights.w.sums.withUnsafeBufferPointer { unsafe product.columnBias($0, zeroPoint: q.zero_point) }
    if let bias = unsafe side.bias { epilogue.columnShift = (0..<geometry.width).map { unsafe bias[$0] } }
    unsafe product.run(
      rows, columns: weights.w.base, into: UnsafeMutableRawPointer(target).assumingMemoryBound(to: UInt8.self), epilogue: epilogue,
      pool: pool)
  }
}

extension onyx_quantization {
  /// Unsigned bytes for the numbers from `least`, at most 0, to `greatest`, at least 0, as ONNX Runtime chooses them.
  init(least: Float, greatest: Float) {
    let scale = (least == greatest ? 1 : greatest - least) / Float(255)
    let start = -least / scale
    let point = start.isNaN ? 0 : min(max(start, 0), 255).rounded(.toNearestOrEven)
    self.init(scale: scale, zero_point: Int32(point), is_signed: 0)
  }
}
