import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// An attention block over a feature map of known sizes.
///
/// A thread that takes a whole image keeps it in its cache through all phases, with no barrier. When there are fewer images
/// than threads, each phase is split by parts, mostly of channels, so that a thread meets the same elements again.
///
/// A class, since every image's pass refers to it: as a value it would be copied with all rows of the instruction set.
final class AttentionBlockKernel: Sendable {
  let block: AttentionBlock
  let facts: Facts
  let sizes: AttentionBlockGeometry
  let weights: AttentionBlockWeights
  let isa: ISA
  let parts: AttentionBlockParts
  /// Images of one pass on one thread: several where their gates' weights are more than an image, so that they are read for all at once.
  let imagesPerPass: Int
  /// For one image on one thread.
  let places: AttentionBlockScratch
  let hiddenActivation: Activation
  let outputActivation: Activation
  let gateActivation: Activation
  let spatialActivation: Activation
  let activation: Activation

  /// What every pass asks of the block, answered once: the operator's own members would be copied and compared out of line.
  struct Facts: Sendable {
    let branches: Int
    let isGated, putsGates, hasMap, isPoint, isWindow: Bool
    let poolsAverageOnly, poolsMaximumOnly: Bool
    let isParallel, scalesBeforeMaps: Bool

    init(_ block: AttentionBlock) {
      branches = block.branches
      isGated = block.gate != .none
      putsGates = block.result == .gate
      hasMap = block.spatial != .none
      isPoint = block.spatial == .point
      isWindow = block.spatial == .conv
      poolsAverageOnly = block.pooling == .avg
      poolsMaximumOnly = block.pooling == .max
      isParallel = block.join == .parallel
      scalesBeforeMaps = block.scalesBeforeMaps
    }
  }

  /// Elements below which more threads cost more than they bring.
  private static let smallWork = 32768

  init(_ block: AttentionBlock, _ sizes: AttentionBlockGeometry, _ weights: AttentionBlockWeights, _ isa: ISA) {
    self.block = block
    facts = Facts(block)
    self.sizes = sizes
    self.weights = weights
    self.isa = isa
    parts = AttentionBlockParts(sizes)
    let weightCount =
      switch block.gate {
      case .mlp: 2 * sizes.channels * weights.firstCount
      case .fc: sizes.channels * sizes.channels
      case .none, .conv1d: 0
      }
    imagesPerPass = weightCount > sizes.imageStride ? max(1, Self.smallWork / max(sizes.imageStride, 1)) : 1
    places = AttentionBlockScratch(block, sizes, parts, weights, images: 1, isParallel: false)
    hiddenActivation = Activation(block.hiddenActivation)
    outputActivation = Activation(block.outputActivation)
    gateActivation = Activation(block.gateActivation)
    spatialActivation = Activation(block.spatialActivation)
    activation = Activation(block.activation)
  }

  /// SAFETY: `x`, `y` and `z` hold what the block's shape rule says; `y` may be `x` or `z`.
  func run(_ x: UnsafePointer<Float>, _ z: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>, _ pool: ThreadPool) {
    let threads = pool.threadCount
    let isSmall = sizes.imageStride <= Self.smallWork
    let whole = isSmall ? sizes.batch : sizes.batch / threads * threads
    if whole > 0 {
      pool.parallelFor(count: whole, grain: max(1, Self.smallWork / max(sizes.imageStride, 1))) { range in
        for first in stride(from: range.lowerBound, to: range.upperBound, by: imagesPerPass) {
          let images = first..<min(first + imagesPerPass, range.upperBound)
          unsafe AttentionBlockPass(self, images, x, z, y, pool.workspace, nil).run()
        }
      }
    }
    if whole < sizes.batch { unsafe AttentionBlockPass(self, whole..<sizes.batch, x, z, y, pool.workspace, pool).run() }
  }

  /// Applies an activation, limits included, to a run.
  /// SAFETY: touches `values[..<count]` only.
  func apply(_ activation: Activation, _ values: UnsafeMutablePointer<Float>, _ count: Int) {
    switch activation {
    case .none: break
    case .clamp(let low, let high): unsafe isa.elementwise.unary[UnaryOperation.clip.rawValue]!(values, values, Int64(count), low, high)
    case .unary(let operation, let p0, let p1): unsafe isa.elementwise.unary[operation.rawValue]!(values, values, Int64(count), p0, p1)
    }
  }
}

/// Where the intermediate numbers of some images stand in one piece of scratch memory; each place is whole blocks of 16.
struct AttentionBlockScratch {
  /// Channels, and hidden units, in whole blocks.
  let depth: Int
  let hiddenDepth: Int
  /// Zeros before and behind a pooled vector, for conv1d.
  let border: Int
  /// Maps by parts of channels, to be joined; 1 when one thread makes the maps of an image.
  let mapParts: Int

  let partial: Int
  let pooled: Int
  let hidden: Int
  let branches: Int
  let gates: Int
  let points: Int
  let maps: Int
  let spatial: Int
  let count: Int

  init(
    _ block: AttentionBlock, _ sizes: AttentionBlockGeometry, _ parts: AttentionBlockParts, _ weights: AttentionBlockWeights, images: Int,
    isParallel: Bool
  ) {
    var next = 0
    func take(_ count: Int, _ next: inout Int) -> Int {
      defer { next += AttentionBlockWeights.padded(count) }
      return next
    }
    let isGated = block.gate != .none
    let rows = images * block.branches
    depth = AttentionBlockWeights.padded(sizes.channels)
    hiddenDepth = block.gate == .mlp ? AttentionBlockWeights.padded(weights.firstCount) : 0
    border = block.gate == .conv1d ? AttentionBlockWeights.padded(weights.firstCount / 2) : 0
    mapParts = isParallel && isGated ? parts.channelParts : 1
    partial = take(isGated ? images * 2 * parts.pixelParts * depth : 0, &next)
    // The window kernel reads up to 32 elements and three rows further.
    pooled = take(isGated ? (rows + 3) * (depth + 2 * border) + 32 : 0, &next)
    hidden = take(rows * hiddenDepth, &next)
    branches = take(rows * depth, &next)
    gates = take(isGated ? images * depth : 0, &next)
    points = take(block.spatial == .point ? images * depth : 0, &next)
    maps = take(block.spatial == .none ? 0 : images * mapParts * 2 * sizes.plane, &next)
    spatial = take(block.spatial == .none ? 0 : images * sizes.plane, &next)
    count = next
  }
}
