/// Decoded pixels: rows from the top, samples interleaved; 16-bit samples in the byte order of the machine.
package struct Pixels: Sendable, Hashable {
  package let width: Int
  package let height: Int
  /// 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha.
  package let channels: Int
  /// 8 or 16.
  package let sampleBits: Int
  package let bytes: [UInt8]

  package init(width: Int, height: Int, channels: Int, sampleBits: Int = 8, bytes: [UInt8]) {
    self.width = width
    self.height = height
    self.channels = channels
    self.sampleBits = sampleBits
    self.bytes = bytes
  }
}
