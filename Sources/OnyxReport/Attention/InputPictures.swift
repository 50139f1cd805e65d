import OnyxFigures
import OnyxImages
import OnyxTensor

/// The pictures in an input tensor, for people to look at.
enum InputPictures {
  /// One for each image of a tensor [N,C,H,W] or [N,H,W,C] with 1, 3 or 4 channels, its numbers stretched over black to white;
  /// nil for tensors of other forms and for large ones.
  static func make(_ tensor: Tensor) throws(OnyxError) -> [Pixels]? {
    let extents = tensor.shape.dimensions
    guard extents.count == 4, tensor.elementCount > 0, tensor.elementCount <= ObservedTensor.largest, tensor.elementType.isFloating else {
      return nil
    }
    let isPlanar = [1, 3, 4].contains(extents[1])
    guard isPlanar || [1, 3, 4].contains(extents[3]) else { return nil }
    let (channels, height, width) = isPlanar ? (extents[1], extents[2], extents[3]) : (extents[3], extents[1], extents[2])
    guard height > 1, width > 1 else { return nil }
    let values = try tensor.doubles()
    let shown = channels == 1 ? 1 : 3
    let size = channels * height * width
    return (0..<extents[0]).map { image in
      let part = values[image * size..<(image + 1) * size]
      let finite = part.filter(\.isFinite)
      let (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
      var bytes: [UInt8] = []
      bytes.reserveCapacity(height * width * shown)
      for pixel in 0..<height * width {
        for channel in 0..<shown {
          let value = part[part.startIndex + (isPlanar ? channel * height * width + pixel : pixel * channels + channel)]
          let share = high > low && value.isFinite ? (value - low) / (high - low) : 0
          bytes.append(UInt8(min(max(share * 255, 0), 255).rounded()))
        }
      }
      return Pixels(width: width, height: height, channels: shown, bytes: bytes)
    }
  }
}
