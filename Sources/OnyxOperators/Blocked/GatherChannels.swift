import OnyxGraph
import OnyxTensor

/// Channels of channel-blocked values in another order: what Concat, Split, Slice and Gather along channels and a channel shuffle are
/// in blocks. Made by the optimizer only; domain `onyx`, version 1.
///
/// The lanes of all inputs are numbered one input after the other, lane l of block b of the first as 16 b + l. Channel c of Y is lane
/// `channels[c]`; lanes past the last channel are zeros.
package struct GatherChannels: TensorOperator {
  package static let name = OperatorName("GatherChannels", domain: "onyx")

  static let definition = OperatorDefinition(
    Signature(
      name.name, domain: "onyx", versions: [1], inputs: [.variadic("X", "T")], outputs: [.required("Y", "T")],
      types: ["T": .floats]), GatherChannels.init)

  /// The lane of each channel of the result.
  package let channels: [Int]

  init(_ attributes: inout AttributeReader) throws(OnyxError) {
    channels = try attributes.required("channels", try attributes.ints("channels"))
  }

  package func infer(_ context: InferenceContext) throws(OnyxError) -> [Inferred] {
    let element = try context.elementType(0)
    guard let shapes = context.allShapes() else { return [Inferred(element, nil)] }
    var result = shapes[0]
    var lanes: Int? = 0
    for shape in shapes {
      guard shape.count == result.count, shape.count >= 4, shape.last == Dimension(ChannelBlocks.size) else {
        throw .invalid("The shape \(shape) is not channel-blocked as the other inputs are.")
      }
      for axis in shape.indices where axis != 1 { try requireEqual(shape[axis], result[axis], "The inputs differ in axis \(axis)") }
      let blocks = shape[1].known
      lanes = lanes.flatMap { sum in blocks.map { sum + $0 * ChannelBlocks.size } }
    }
    if let lanes, let lane = channels.first(where: { !(0..<lanes).contains($0) }) {
      throw .invalid("The lane \(lane) is outside the \(lanes) lanes of the inputs.")
    }
    result[1] = Dimension(ChannelBlocks.count(channels.count))
    return [Inferred(element, try result.checked())]
  }

  package func evaluate(_ context: EvaluationContext) throws(OnyxError) -> [Tensor] {
    let inputs = context.given
    let shape = try context.shape()
    var result: [Double] = try shape.filled(with: 0)
    if result.isEmpty { return [try Tensor(floating: result, as: inputs[0].elementType, shape: shape)] }
    var sources: [[Double]] = []
    var places: [(input: Int, lane: Int)] = []
    for (index, input) in inputs.enumerated() {
      guard input.shape.rank == shape.rank else { throw .invalid("The shape \(input.shape) is not channel-blocked.") }
      sources.append(try input.doubles())
      places += (0..<input.shape[1] * ChannelBlocks.size).map { (index, $0) }
    }
    let (size, pixels) = (ChannelBlocks.size, shape[2..<shape.rank - 1].reduce(1, *))
    for image in 0..<shape[0] {
      for (channel, lane) in channels.enumerated() {
        guard places.indices.contains(lane) else { throw .invalid("The lane \(lane) is outside the \(places.count) lanes of the inputs.") }
        let place = places[lane]
        let from = (image * inputs[place.input].shape[1] + place.lane / size) * pixels * size + place.lane % size
        let to = (image * shape[1] + channel / size) * pixels * size + channel % size
        for pixel in 0..<pixels { result[to + pixel * size] = sources[place.input][from + pixel * size] }
      }
    }
    return [try Tensor(floating: result, as: inputs[0].elementType, shape: shape)]
  }
}
