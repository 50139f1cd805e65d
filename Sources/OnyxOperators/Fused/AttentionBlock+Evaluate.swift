import OnyxTensor

extension AttentionBlock {
  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let x = try context.input(0)
    let shape = try context.shape()
    let reference = try AttentionBlockReference(self, context, AttentionBlockGeometry(self, x.shape))
    return [result == .gate ? try reference.gates(shape) : try reference.scaled(shape)]
  }
}

/// The scalar reference: sums in `Double`, each step rounded to the element type, as the nodes do that the block stands for.
struct AttentionBlockReference {
  private let block: AttentionBlock
  private let context: EvaluationContext
  private let sizes: AttentionBlockGeometry
  private let type: ElementType
  private let x: [Double]

  init(_ block: AttentionBlock, _ context: EvaluationContext, _ sizes: AttentionBlockGeometry) throws(OnyxError) {
    self.block = block
    self.context = context
    self.sizes = sizes
    let input = try context.input(0)
    type = input.elementType
    x = try input.doubles()
  }

  private func weights(_ input: AttentionBlock.Input) throws(OnyxError) -> [Double]? { try context.optional(input.rawValue)?.doubles() }

  private func rounded(_ values: [Double], _ activation: FusedActivation = .none) throws(OnyxError) -> [Double] {
    try activation.evaluate(try Tensor(floating: values, as: type, shape: try Shape([values.count]))).doubles()
  }

  private func at(_ values: [Double], _ image: Int, _ channel: Int, _ pixel: Int) -> Double {
    values[sizes.offset(image, channel, pixel, plane: sizes.plane)]
  }

  /// The pooled vector of one image.
  private func pooled(_ image: Int, maximum: Bool) throws(OnyxError) -> [Double] {
    var result: [Double] = []
    for channel in 0..<sizes.channels {
      var value = maximum ? -Double.infinity : 0
      for pixel in 0..<sizes.plane {
        let element = at(x, image, channel, pixel)
        if !maximum { value += element } else if element.isNaN || element > value { value = value.isNaN ? value : element }
      }
      result.append(maximum ? value : value / Double(sizes.plane))
    }
    return try rounded(result)
  }

  private func product(_ weights: [Double], _ vector: [Double], _ bias: [Double]?) throws(OnyxError) -> [Double] {
    let rows = vector.isEmpty ? bias?.count ?? 0 : weights.count / vector.count
    var result: [Double] = []
    for row in 0..<rows {
      var sum = bias?[row] ?? 0
      for column in vector.indices { sum += weights[row * vector.count + column] * vector[column] }
      result.append(sum)
    }
    return result
  }

  private func convolution(_ weights: [Double], _ vector: [Double], _ bias: Double) -> [Double] {
    vector.indices.map { position in
      var sum = bias
      for tap in weights.indices where vector.indices.contains(position + tap - weights.count / 2) {
        sum += weights[tap] * vector[position + tap - weights.count / 2]
      }
      return sum
    }
  }

  private func branch(_ vector: [Double]) throws(OnyxError) -> [Double] {
    let (w1, b1) = (try weights(.w1) ?? [], try weights(.b1))
    switch block.gate {
    case .none: return vector
    case .mlp:
      let hidden = try rounded(product(w1, vector, b1), block.hiddenActivation)
      return try rounded(product(try weights(.w2) ?? [], hidden, try weights(.b2)), block.outputActivation)
    case .fc: return try rounded(product(w1, vector, b1), block.outputActivation)
    case .conv1d: return try rounded(convolution(w1, vector, b1?.first ?? 0), block.outputActivation)
    }
  }

  /// The gate of each channel of one image.
  private func gate(_ image: Int) throws(OnyxError) -> [Double] {
    var sum = try branch(try pooled(image, maximum: block.pooling == .max))
    if block.pooling == .both {
      let other = try branch(try pooled(image, maximum: true))
      for channel in sum.indices { sum[channel] += other[channel] }
    }
    return try rounded(sum, block.gateActivation)
  }

  /// The result of a block that gives its gates; lanes without a channel are 0.
  func gates(_ shape: Shape) throws(OnyxError) -> Tensor {
    var y = try shape.filled(with: 0.0)
    for image in 0..<sizes.batch {
      for (channel, value) in try gate(image).enumerated() { y[sizes.offset(image, channel, 0, plane: 1)] = value }
    }
    return try Tensor(floating: y, as: type, shape: shape)
  }

  /// The two maps of one image, or the point convolution's one, with the bias and activation of the spatial part.
  private func spatialGate(_ image: Int, _ u: [Double]) throws(OnyxError) -> [Double] {
    let (weights, bias) = (try weights(.ws) ?? [], try weights(.bs)?.first ?? 0)
    var maps: [[Double]] = [[], []]
    for pixel in 0..<sizes.plane {
      let column = (0..<sizes.channels).map { at(u, image, $0, pixel) }
      if block.spatial == .point {
        maps[0].append(zip(weights, column).reduce(bias) { $0 + $1.0 * $1.1 })
      } else {
        maps[0].append(column.reduce(-.infinity) { $0.isNaN || $0 >= $1 ? $0 : $1 })
        maps[1].append(column.reduce(0, +) / Double(column.count))
      }
    }
    if block.spatial == .conv {
      let shape = try context.input(AttentionBlock.Input.ws.rawValue).shape
      let means = try rounded(maps[1])
      maps[0] = (0..<sizes.plane).map { pixel in
        let taps = weights.indices.lazy.map { tap -> Double in
          let row = pixel / sizes.width + tap / shape[3] % shape[2] - shape[2] / 2
          let column = pixel % sizes.width + tap % shape[3] - shape[3] / 2
          guard (0..<sizes.height).contains(row), (0..<sizes.width).contains(column) else { return 0 }
          let map = tap < shape[2] * shape[3] ? maps[0] : means
          return weights[tap] * map[row * sizes.width + column]
        }
        return taps.reduce(bias, +)
      }
    }
    return try rounded(maps[0], block.spatialActivation)
  }

  /// The result of a block that scales; lanes without a channel become activation(Z).
  func scaled(_ shape: Shape) throws(OnyxError) -> Tensor {
    var scales: [[Double]] = []
    for image in 0..<sizes.batch where block.gate != .none { scales.append(try gate(image)) }
    var u = x
    if block.gate != .none {
      u = try shape.filled(with: 0.0)
      forEachElement { image, channel, _, position in u[position] = x[position] * scales[image][channel] }
      u = try rounded(u)
    }
    var y = u
    if block.spatial != .none {
      let seen = block.scalesBeforeMaps ? u : x
      var factors: [[Double]] = []
      for image in 0..<sizes.batch { factors.append(try spatialGate(image, seen)) }
      var weighed = try shape.filled(with: 0.0)
      forEachElement { image, _, pixel, position in weighed[position] = seen[position] * factors[image][pixel] }
      y = try rounded(weighed)
      if block.join == .parallel { y = try rounded(y.indices.map { u[$0] + y[$0] }) }
    }
    if let z = try weights(.z) { y = y.indices.map { y[$0] + z[$0] } }
    return try block.activation.evaluate(try Tensor(floating: y, as: type, shape: shape))
  }

  private func forEachElement(_ body: (_ image: Int, _ channel: Int, _ pixel: Int, _ position: Int) -> Void) {
    for image in 0..<sizes.batch {
      for channel in 0..<sizes.channels {
        for pixel in 0..<sizes.plane { body(image, channel, pixel, sizes.offset(image, channel, pixel, plane: sizes.plane)) }
      }
    }
  }
}
