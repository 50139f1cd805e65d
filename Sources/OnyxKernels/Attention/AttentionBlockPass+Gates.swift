import CKernels
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// The gates of channels and pixels.
///
/// SAFETY: see `AttentionBlockPass`.
extension AttentionBlockPass {
  private var branches: Int { kernel.facts.branches }
  private var rowStride: Int { places.depth + 2 * places.border }

  /// The channel gates of all images, zeros behind the last channel.
  func makeGates(_ scratch: UnsafeMutablePointer<Float>) {
    for image in 0..<images.count { unsafe joinPooled(scratch, image) }
    let pooled = unsafe scratch + places.pooled + places.border
    let (hidden, outputs) = unsafe (scratch + places.hidden, scratch + places.branches)
    let rows = images.count * branches
    let weights = kernel.weights
    switch kernel.block.gate {
    case .none: break
    case .fc:
      unsafe product(outputs, places.depth, pooled, rowStride, weights.first, weights.firstBias, rows: rows, sizes.channels, sizes.channels)
    case .conv1d:
      unsafe kernel.isa.gating.window(
        outputs, pooled - weights.firstCount / 2, weights.first, weights.firstBias[0], 1, 0, Int64(rowStride), 1, Int64(weights.firstCount),
        Int64(rows),
        Int64(places.depth))
    case .mlp:
      unsafe product(
        hidden, places.hiddenDepth, pooled, rowStride, weights.first, weights.firstBias, rows: rows, weights.firstCount, sizes.channels)
      unsafe kernel.apply(kernel.hiddenActivation, hidden, rows * places.hiddenDepth)
      if weights.addsHidden { unsafe addBranches(hidden, places.hiddenDepth, into: hidden, stride: 2 * places.hiddenDepth) }
      let step = weights.addsHidden ? 2 : 1
      unsafe product(
        outputs, places.depth, hidden, step * places.hiddenDepth, weights.second, weights.secondBias, rows: rows / step, sizes.channels,
        weights.firstCount)
    }
    let gates = unsafe scratch + places.gates
    if weights.addsHidden {
      unsafe gates.update(from: outputs, count: images.count * places.depth)
    } else {
      unsafe kernel.apply(kernel.outputActivation, outputs, rows * places.depth)
      if branches == 2 {
        unsafe addBranches(outputs, places.depth, into: gates, stride: places.depth)
      } else {
        unsafe gates.update(from: outputs, count: images.count * places.depth)
      }
    }
    unsafe kernel.apply(kernel.gateActivation, gates, images.count * places.depth)
    for image in 0..<images.count {
      for channel in sizes.channels..<places.depth { unsafe gates[image * places.depth + channel] = 0 }
    }
  }

  /// The pooled vectors of one image from those of its parts, zeros around.
  private func joinPooled(_ scratch: UnsafeMutablePointer<Float>, _ image: Int) {
    let isa = kernel.isa
    let sums = unsafe scratch + places.partial + image * 2 * parts.pixelParts * places.depth
    let tops = unsafe sums + parts.pixelParts * places.depth
    let (rows, stride, count) = (Int64(parts.pixelParts), Int64(places.depth), Int64(sizes.channels))
    for branch in 0..<branches {
      let row = unsafe scratch + places.pooled + (image * branches + branch) * rowStride
      let vector = unsafe row + places.border
      unsafe isa.elementwise.fill(row, 0, Int64(rowStride))
      if kernel.facts.poolsMaximumOnly || branch == 1 {
        unsafe isa.elementwise.fill(vector, -.infinity, count)
        unsafe isa.reduce.rows[Int(ONYX_REDUCE_MAX)]!(vector, tops, rows, stride, count)
      } else {
        unsafe isa.reduce.rows[Int(ONYX_REDUCE_SUM)]!(vector, sums, rows, stride, count)
        var plane = Float(sizes.plane)
        unsafe isa.elementwise.binary_scalar[BinaryOperation.divide.rawValue]!(vector, vector, &plane, count, 0)
      }
    }
  }

  /// y = W · x + bias for each row, by panels of 16 results.
  private func product(
    _ y: UnsafeMutablePointer<Float>, _ yStride: Int, _ x: UnsafePointer<Float>, _ xStride: Int, _ panels: UnsafePointer<Float>,
    _ bias: UnsafePointer<Float>, rows: Int, _ results: Int, _ depth: Int
  ) {
    let lanes = AttentionBlockGeometry.lanes
    each((results + lanes - 1) / lanes, elements: depth * lanes * rows) { panel in
      unsafe kernel.isa.gating.gate(
        y + panel * lanes, Int64(yStride), x, Int64(xStride), panels + panel * depth * lanes, bias + panel * lanes, Int64(rows),
        Int64(depth))
    }
  }

  /// Adds the two vectors of each image.
  private func addBranches(_ vectors: UnsafeMutablePointer<Float>, _ count: Int, into sums: UnsafeMutablePointer<Float>, stride: Int) {
    let add = unsafe kernel.isa.elementwise.binary[BinaryOperation.add.rawValue]!
    for image in 0..<images.count {
      unsafe add(sums + image * stride, vectors + 2 * image * count, vectors + (2 * image + 1) * count, Int64(count), 0)
    }
  }

  /// The gates as the block's result.
  func putGates(_ scratch: UnsafeMutablePointer<Float>) {
    for image in 0..<images.count {
      unsafe (y + (images.lowerBound + image) * sizes.storedChannels).update(
        from: scratch + places.gates + image * places.depth, count: sizes.storedChannels)
    }
  }

  /// The gates of pixels from the maps of all images.
  func makeSpatialGates(_ scratch: UnsafeMutablePointer<Float>) {
    let rows = 16
    let bands = (sizes.height + rows - 1) / rows
    let mapsStride = places.mapParts * 2 * sizes.plane
    if kernel.facts.isPoint {
      each(images.count, elements: sizes.plane) { image in
        unsafe finishPoint(
          scratch + places.maps + image * mapsStride, scratch + places.spatial + image * sizes.plane, parts: places.mapParts, sizes.plane)
      }
      return
    }
    each(images.count * bands, elements: rows * sizes.width * kernel.weights.windowHeight * kernel.weights.windowWidth) { index in
      let (image, band) = index.quotientAndRemainder(dividingBy: bands)
      unsafe convolve(
        scratch + places.maps + image * mapsStride, scratch + places.spatial + image * sizes.plane,
        band * rows..<min((band + 1) * rows, sizes.height))
    }
  }

  /// activation(sum over parts + bias) for a run of pixels.
  func finishPoint(_ sums: UnsafePointer<Float>, _ gates: UnsafeMutablePointer<Float>, parts: Int, _ count: Int) {
    let isa = kernel.isa
    unsafe gates.update(from: sums, count: count)
    if parts > 1 {
      unsafe isa.reduce.rows[Int(ONYX_REDUCE_SUM)]!(gates, sums + 2 * sizes.plane, Int64(parts - 1), Int64(2 * sizes.plane), Int64(count))
    }
    var bias = kernel.weights.spatialBias
    unsafe isa.elementwise.binary_scalar[BinaryOperation.add.rawValue]!(gates, gates, &bias, Int64(count), 0)
    unsafe kernel.apply(kernel.spatialActivation, gates, count)
  }

  /// activation(window over [maximum, mean] + bias) for some rows of one image. The maps it needs are joined into rows with
  /// zeros around.
  private func convolve(_ maps: UnsafePointer<Float>, _ gates: UnsafeMutablePointer<Float>, _ rows: Range<Int>) {
    let (weights, row, width) = unsafe (kernel.weights, kernel.isa.gating, sizes.width)
    let (above, left) = (weights.windowHeight / 2, weights.windowWidth / 2)
    let stride = width + 2 * left
    let stagedRows = rows.count + 2 * above
    let mapStride = stagedRows * stride
    // The window kernel reads up to 32 elements and three rows further.
    unsafe workspace.withFloats(2 * mapStride + 3 * stride + 32) { staged in
      let present = max(rows.lowerBound - above, 0)..<min(rows.upperBound + above, sizes.height)
      let missing = present.lowerBound - (rows.lowerBound - above)
      for map in 0..<2 {
        let target = unsafe staged + map * mapStride
        unsafe kernel.isa.elementwise.fill(target, 0, Int64(missing * stride))
        unsafe row.stage(
          target + missing * stride, Int64(stride), Int64(left), maps + (map == 0 ? sizes.plane : 0) + present.lowerBound * width,
          Int64(places.mapParts), Int64(2 * sizes.plane), Int64(present.count), Int64(width), map == 0 ? 0 : Float(sizes.channels))
        let below = stagedRows - missing - present.count
        unsafe kernel.isa.elementwise.fill(target + (missing + present.count) * stride, 0, Int64(below * stride))
      }
      let target = unsafe gates + rows.lowerBound * width
      unsafe row.window(
        target, staged, weights.spatial, weights.spatialBias, 2, Int64(mapStride), Int64(stride), Int64(weights.windowHeight),
        Int64(weights.windowWidth),
        Int64(rows.count), Int64(width))
      unsafe kernel.apply(kernel.spatialActivation, target, rows.count * width)
    }
  }
}
