import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Attention over branches of known sizes: pool every branch, weigh them by two small layers, add them up.
///
/// Images are independent. When there are fewer than threads, channels are split instead: each pools and scales alone.
///
/// SAFETY: the branches and `y` hold what the operator's shape rule says; scratch is laid out by `Places`.
struct SplitAttentionKernel: Sendable {
  /// Those of one branch.
  let sizes: AttentionBlockGeometry
  let branches: Int
  let weights: AttentionBlockWeights
  let hiddenActivation: Activation
  let isa: ISA

  /// Elements below which more threads cost more than they bring.
  private static let grain = 16384
  private static let lanes = AttentionBlockGeometry.lanes

  /// Channels in whole blocks: the stride of a vector.
  private var depth: Int { AttentionBlockWeights.padded(sizes.channels) }
  private var hiddenDepth: Int { AttentionBlockWeights.padded(weights.firstCount) }

  /// W1, B1, W2 and B2 in the order of the kernels; the rows of each branch in W2 and B2 begin a block.
  static func pack(_ tensors: [Tensor?], channels: Int, branches: Int, _ query: KernelQuery) throws(OnyxError) -> AttentionBlockWeights {
    var block = AttentionBlock()
    (block.gate, block.pooling) = (.mlp, .avg)
    let depth = AttentionBlockWeights.padded(channels)
    func padded(_ input: SplitAttention.Input) throws(OnyxError) -> Tensor? {
      guard let tensor = tensors[input.rawValue] else { return nil }
      let values = try tensor.elements(as: Float.self)
      let width = values.count / (branches * channels)
      var rows = [Float](repeating: 0, count: branches * depth * width)
      for branch in 0..<branches {
        for index in 0..<channels * width { rows[branch * depth * width + index] = values[branch * channels * width + index] }
      }
      return try Tensor(rows, shape: try Shape([branches * depth] + tensor.shape.dropFirst()))
    }
    let ordered = [
      nil, tensors[SplitAttention.Input.w1.rawValue], tensors[SplitAttention.Input.b1.rawValue], try padded(.w2), try padded(.b2),
    ]
    return unsafe try AttentionBlockWeights(block, ordered, channels: branches * depth, isa: query.isa) { count, sources, fill in
      unsafe query.packedFloats("split_attention_\(query.isa.name)", count: count, from: sources, fill: fill)
    }
  }

  func run(_ x: [UnsafePointer<Float>], _ y: UnsafeMutablePointer<Float>, _ pool: ThreadPool) {
    let threads = pool.threadCount
    let whole = sizes.imageStride * branches <= 2 * Self.grain ? sizes.batch : sizes.batch / threads * threads
    if whole > 0 {
      pool.parallelFor(count: whole, grain: max(1, Self.grain / max(sizes.imageStride * branches, 1))) { range in
        for image in range { unsafe self.run(image, x, y, pool.workspace, nil) }
      }
    }
    for image in whole..<sizes.batch { unsafe run(image, x, y, pool.workspace, pool) }
  }

  private func run(_ image: Int, _ x: [UnsafePointer<Float>], _ y: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ pool: ThreadPool?)
  {
    // Sums of each branch, the hidden vector, scores and weights of each branch.
    let count = (2 * branches + 1) * depth + hiddenDepth
    unsafe workspace.withFloats(count) { scratch in
      let sums = unsafe scratch
      let hidden = unsafe sums + branches * depth
      let scores = unsafe hidden + hiddenDepth
      unsafe isa.elementwise.fill(sums, 0, Int64(branches * depth))
      each(channelParts, pool) { part in
        for branch in 0..<branches { unsafe poolPart(x[branch], image, part, sums + branch * depth) }
      }
      unsafe makeWeights(sums, hidden, scores, pool)
      each(channelParts, pool) { part in unsafe addPart(x, y, image, part, scores) }
    }
  }

  private func each(_ count: Int, _ pool: ThreadPool?, _ body: (Int) -> Void) {
    guard let pool else { return (0..<count).forEach(body) }
    let elements = max(sizes.imageStride * branches / max(count, 1), 1)
    pool.parallelFor(count: count, grain: max(1, Self.grain / elements)) { $0.forEach(body) }
  }

  /// Parts of 16 channels: what one call of a kernel over lanes takes.
  private var channelParts: Int { sizes.blocks }

  private func channels(_ part: Int) -> Int { min(Self.lanes, sizes.channels - part * Self.lanes) }

  /// Where 16 channels of one image begin.
  private func start(_ image: Int, _ part: Int) -> Int { sizes.offset(image, part * Self.lanes, 0, plane: sizes.plane) }

  private func poolPart(_ x: UnsafePointer<Float>, _ image: Int, _ part: Int, _ sums: UnsafeMutablePointer<Float>) {
    let (at, plane) = (start(image, part), Int64(sizes.plane))
    let target = unsafe sums + part * Self.lanes
    if sizes.layout == .blocked {
      unsafe isa.gating.pool_lanes(target, nil, x + at, plane, Int64(Self.lanes), Int64(Self.lanes))
    } else {
      unsafe isa.gating.pool_planes(target, nil, x + at, Int64(channels(part)), plane, plane)
    }
  }

  /// The branches' weights in place of their scores.
  private func makeWeights(
    _ sums: UnsafeMutablePointer<Float>, _ hidden: UnsafeMutablePointer<Float>, _ scores: UnsafeMutablePointer<Float>, _ pool: ThreadPool?
  ) {
    let add = unsafe isa.elementwise.binary[BinaryOperation.add.rawValue]!
    for branch in 1..<branches { unsafe add(sums, sums, sums + branch * depth, Int64(depth), 0) }
    var plane = Float(sizes.plane)
    unsafe isa.elementwise.binary_scalar[BinaryOperation.divide.rawValue]!(sums, sums, &plane, Int64(depth), 0)
    unsafe product(hidden, sums, weights.first, weights.firstBias, results: hiddenDepth, depth: sizes.channels, pool)
    switch hiddenActivation {
    case .none: break
    case .clamp(let low, let high):
      unsafe isa.elementwise.unary[UnaryOperation.clip.rawValue]!(hidden, hidden, Int64(hiddenDepth), low, high)
    case .unary: unsafe hiddenActivation.apply(hidden, rows: 1, stride: hiddenDepth, count: hiddenDepth, isa: isa)
    }
    unsafe product(scores, hidden, weights.second, weights.secondBias, results: branches * depth, depth: weights.firstCount, pool)
    unsafe isa.normalize.softmax_columns!(scores, scores, Int64(branches), Int64(depth), Int64(depth), 0)
  }

  /// y = W · x + bias by panels of 16 results.
  private func product(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ panels: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, results: Int,
    depth: Int, _ pool: ThreadPool?
  ) {
    let count = results / Self.lanes
    func one(_ panel: Int) {
      unsafe isa.gating.gate(
        y + panel * Self.lanes, 0, x, 0, panels + panel * depth * Self.lanes, bias + panel * Self.lanes, 1, Int64(depth))
    }
    guard let pool else { return (0..<count).forEach(one) }
    pool.parallelFor(count: count, grain: max(1, Self.grain / (depth * Self.lanes))) { $0.forEach(one) }
  }

  /// The weighed sum of the branches for 16 channels; a piece of it stays near while all branches come by.
  private func addPart(
    _ x: [UnsafePointer<Float>], _ y: UnsafeMutablePointer<Float>, _ image: Int, _ part: Int, _ weights: UnsafePointer<Float>
  ) {
    let at = start(image, part)
    let isBlocked = sizes.layout == .blocked
    let piece = isBlocked ? 256 : 4096 / Self.lanes
    for pixel in stride(from: 0, to: sizes.plane, by: piece) {
      let count = Int64(min(piece, sizes.plane - pixel))
      let position = at + (isBlocked ? pixel * Self.lanes : pixel)
      let target = unsafe y + position
      for branch in 0..<branches {
        let z = unsafe branch == 0 ? nil : UnsafePointer(target)
        let factors = unsafe weights + branch * depth + part * Self.lanes
        let source = unsafe x[branch] + position
        if isBlocked {
          unsafe isa.gating.scale_lanes(
            target, source, z, factors, nil, Int64(Self.lanes), count, Int64(Self.lanes), -.infinity, .infinity, 0)
        } else {
          unsafe isa.gating.scale_planes(
            target, source, z, factors, nil, Int64(channels(part)), Int64(sizes.plane), count, -.infinity, .infinity, 0)
        }
      }
    }
  }
}
