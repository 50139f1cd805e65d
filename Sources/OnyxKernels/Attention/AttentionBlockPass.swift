import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// The phases of an attention block over some images: pool, gates, maps, spatial gates, scale.
///
/// SAFETY: the pointers hold the whole batch; ranges of channels and pixels lie inside the sizes, and `scratch` was laid out
/// for them. Parts that run at the same time write different places.
@safe struct AttentionBlockPass {
  let kernel: AttentionBlockKernel
  let images: Range<Int>
  let x: UnsafePointer<Float>
  let z: UnsafePointer<Float>?
  let y: UnsafeMutablePointer<Float>
  let workspace: Workspace
  /// Splits each phase; nil on one thread.
  let pool: ThreadPool?
  let places: AttentionBlockScratch

  var sizes: AttentionBlockGeometry { kernel.sizes }
  var parts: AttentionBlockParts { kernel.parts }

  init(
    _ kernel: AttentionBlockKernel, _ images: Range<Int>, _ x: UnsafePointer<Float>, _ z: UnsafePointer<Float>?,
    _ y: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ pool: ThreadPool?
  ) {
    self.kernel = kernel
    self.images = images
    unsafe self.x = x
    unsafe self.z = z
    unsafe self.y = y
    self.workspace = workspace
    self.pool = pool
    places =
      images.count == 1 && pool == nil
      ? kernel.places
      : AttentionBlockScratch(kernel.block, kernel.sizes, kernel.parts, kernel.weights, images: images.count, isParallel: pool != nil)
  }

  /// Calls `body` for each index, on several threads where that pays. One thread can go backwards: it begins with what the
  /// phase before it left in the cache.
  func each(_ count: Int, elements: Int, backwards: Bool = false, _ body: (Int) -> Void) {
    guard let pool else {
      if backwards { (0..<count).reversed().forEach(body) } else { (0..<count).forEach(body) }
      return
    }
    pool.parallelFor(count: count, grain: max(1, 16384 / max(elements, 1))) { $0.forEach(body) }
  }

  func run() {
    unsafe workspace.withFloats(places.count) { scratch in
      if kernel.facts.isGated {
        unsafe poolImages(scratch)
        unsafe makeGates(scratch)
        if kernel.facts.putsGates { return unsafe putGates(scratch) }
      }
      switch kernel.block.spatial {
      case .none: unsafe scaleImages(scratch)
      case .point where pool == nil || !kernel.facts.isGated: unsafe runTiles(scratch)
      case .point, .conv:
        unsafe makeMaps(scratch)
        unsafe makeSpatialGates(scratch)
        unsafe scaleImages(scratch)
      }
    }
  }

  /// Sums, and maxima where the block reads them, of every part of every channel.
  private func poolImages(_ scratch: UnsafeMutablePointer<Float>) {
    each(images.count * parts.count, elements: parts.elements, backwards: kernel.facts.isWindow) { index in
      let (image, part) = index.quotientAndRemainder(dividingBy: parts.count)
      let (channelPart, pixelPart) = part.quotientAndRemainder(dividingBy: parts.pixelParts)
      let (channels, pixels) = (parts.channelRange(channelPart), parts.pixelRange(pixelPart))
      let sums = unsafe scratch + places.partial + (image * 2 * parts.pixelParts + pixelPart) * places.depth + channels.lowerBound
      let tops = unsafe kernel.facts.poolsAverageOnly ? nil : sums + parts.pixelParts * places.depth
      let from = unsafe x + sizes.offset(images.lowerBound + image, channels.lowerBound, pixels.lowerBound, plane: sizes.plane)
      let row = unsafe kernel.isa.gating
      switch sizes.layout {
      case .first: unsafe row.pool_planes(sums, tops, from, Int64(channels.count), Int64(sizes.plane), Int64(pixels.count))
      case .last: unsafe row.pool_lanes(sums, tops, from, Int64(pixels.count), Int64(sizes.channels), Int64(channels.count))
      case .blocked:
        let lanes = AttentionBlockGeometry.lanes
        for block in 0..<(channels.count + lanes - 1) / lanes {
          unsafe row.pool_lanes(
            sums + block * lanes, tops.map { unsafe $0 + block * lanes }, from + block * sizes.plane * lanes, Int64(pixels.count),
            Int64(lanes), Int64(lanes))
        }
      }
    }
  }

  /// The maps of u over a part of one image; `joins` adds to what they hold.
  func mapPart(
    _ scratch: UnsafeMutablePointer<Float>, _ image: Int, _ channels: Range<Int>, _ pixels: Range<Int>, _ sums: UnsafeMutablePointer<Float>,
    joins: Bool
  ) {
    let from = unsafe x + sizes.offset(images.lowerBound + image, channels.lowerBound, pixels.lowerBound, plane: sizes.plane)
    var factors: UnsafePointer<Float>?
    if kernel.facts.isPoint {
      unsafe factors = UnsafePointer(scratch + places.points + image * places.depth + channels.lowerBound)
    } else if kernel.facts.scalesBeforeMaps {
      unsafe factors = UnsafePointer(scratch + places.gates + image * places.depth + channels.lowerBound)
    }
    let (count, plane, lanes) = (Int64(channels.count), Int64(sizes.plane), Int64(AttentionBlockGeometry.lanes))
    let tops = unsafe sums + sizes.plane
    let row = unsafe kernel.isa.gating
    switch sizes.layout {
    case .first: unsafe row.map_planes(sums, tops, from, factors, count, plane, Int64(pixels.count), joins ? 1 : 0)
    case .last: unsafe row.map_lanes(sums, tops, from, factors, count, lanes, Int64(pixels.count), Int64(sizes.channels), joins ? 1 : 0)
    case .blocked: unsafe row.map_lanes(sums, tops, from, factors, count, plane * lanes, Int64(pixels.count), lanes, joins ? 1 : 0)
    }
  }

  private func makeMaps(_ scratch: UnsafeMutablePointer<Float>) {
    unsafe makePoints(scratch)
    let maps = unsafe scratch + places.maps
    if places.mapParts > 1 {
      each(images.count * parts.count, elements: parts.elements) { index in
        let (image, part) = index.quotientAndRemainder(dividingBy: parts.count)
        let (channelPart, pixelPart) = part.quotientAndRemainder(dividingBy: parts.pixelParts)
        let pixels = parts.pixelRange(pixelPart)
        let sums = unsafe maps + (image * places.mapParts + channelPart) * 2 * sizes.plane + pixels.lowerBound
        unsafe mapPart(scratch, image, parts.channelRange(channelPart), pixels, sums, joins: false)
      }
    } else {
      each(images.count * parts.pixelParts, elements: parts.pixels * sizes.channels) { index in
        let (image, pixelPart) = index.quotientAndRemainder(dividingBy: parts.pixelParts)
        let pixels = parts.pixelRange(pixelPart)
        let sums = unsafe maps + image * 2 * sizes.plane + pixels.lowerBound
        for part in 0..<parts.channelParts { unsafe mapPart(scratch, image, parts.channelRange(part), pixels, sums, joins: part > 0) }
      }
    }
  }

  /// What the point convolution multiplies x with: its weights, times the gates when it sees x·s.
  func makePoints(_ scratch: UnsafeMutablePointer<Float>) {
    guard kernel.facts.isPoint else { return }
    let weights = unsafe kernel.weights.spatial
    for image in 0..<images.count {
      let points = unsafe scratch + places.points + image * places.depth
      if kernel.facts.scalesBeforeMaps {
        let gates = unsafe scratch + places.gates + image * places.depth
        unsafe kernel.isa.elementwise.binary[BinaryOperation.multiply.rawValue]!(points, weights, gates, Int64(places.depth), 0)
      } else {
        unsafe points.update(from: weights, count: places.depth)
      }
    }
  }

  /// Multiplies part of one image and adds Z.
  func scalePart(_ scratch: UnsafeMutablePointer<Float>, _ image: Int, _ channels: Range<Int>, _ pixels: Range<Int>) {
    let at = sizes.offset(images.lowerBound + image, channels.lowerBound, pixels.lowerBound, plane: sizes.plane)
    var gates: UnsafePointer<Float>?
    if kernel.facts.isGated { unsafe gates = UnsafePointer(scratch + places.gates + image * places.depth + channels.lowerBound) }
    var map: UnsafePointer<Float>?
    if kernel.facts.hasMap { unsafe map = UnsafePointer(scratch + places.spatial + image * sizes.plane + pixels.lowerBound) }
    let (low, high) = kernel.activation.limits
    let isParallel: Int32 = kernel.facts.isParallel ? 1 : 0
    let (count, lanes) = (Int64(pixels.count), AttentionBlockGeometry.lanes)
    let addend = unsafe z.map { unsafe $0 + at }
    let (isa, activation) = (kernel.isa, kernel.activation)
    switch sizes.layout {
    case .first:
      unsafe isa.gating.scale_planes(
        y + at, x + at, addend, gates, map, Int64(channels.count), Int64(sizes.plane), count, low, high, isParallel)
      unsafe activation.apply(y + at, rows: channels.count, stride: sizes.plane, count: pixels.count, isa: isa)
    case .last:
      unsafe isa.gating.scale_lanes(
        y + at, x + at, addend, gates, map, Int64(channels.count), count, Int64(sizes.channels), low, high, isParallel)
      unsafe activation.apply(y + at, rows: pixels.count, stride: sizes.channels, count: channels.count, isa: isa)
    case .blocked:
      for block in 0..<(channels.count + lanes - 1) / lanes {
        let offset = block * sizes.plane * lanes
        unsafe isa.gating.scale_lanes(
          y + at + offset, x + at + offset, addend.map { unsafe $0 + offset }, gates.map { unsafe $0 + block * lanes }, map, Int64(lanes),
          count,
          Int64(lanes), low, high, isParallel)
        unsafe activation.apply(y + at + offset, rows: 1, stride: 0, count: pixels.count * lanes, isa: isa)
      }
    }
  }

  private func scaleImages(_ scratch: UnsafeMutablePointer<Float>) {
    each(images.count * parts.count, elements: parts.elements, backwards: true) { index in
      let (image, part) = index.quotientAndRemainder(dividingBy: parts.count)
      let (channelPart, pixelPart) = part.quotientAndRemainder(dividingBy: parts.pixelParts)
      unsafe scalePart(scratch, image, parts.channelRange(channelPart), parts.pixelRange(pixelPart))
    }
  }

  /// A point convolution needs no neighbours: each tile of pixels is weighed and scaled while it is near.
  private func runTiles(_ scratch: UnsafeMutablePointer<Float>) {
    unsafe makePoints(scratch)
    let tile = max(64, min(parts.pixels, 16384 / sizes.channels / 64 * 64))
    let tiles = (sizes.plane + tile - 1) / tile
    each(images.count * tiles, elements: tile * sizes.channels) { index in
      let (image, position) = index.quotientAndRemainder(dividingBy: tiles)
      let pixels = position * tile..<min((position + 1) * tile, sizes.plane)
      let sums = unsafe scratch + places.maps + image * 2 * sizes.plane + pixels.lowerBound
      for part in 0..<parts.channelParts { unsafe mapPart(scratch, image, parts.channelRange(part), pixels, sums, joins: part > 0) }
      unsafe finishPoint(sums, scratch + places.spatial + image * sizes.plane + pixels.lowerBound, parts: 1, pixels.count)
      unsafe scalePart(scratch, image, 0..<sizes.channels, pixels)
    }
  }
}
