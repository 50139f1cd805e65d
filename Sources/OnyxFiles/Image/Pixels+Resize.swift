import OnyxImages
import OnyxTensor

extension Pixels {
  /// The picture as `geometry` wants it. A longer side than 2^16 or more than `limit` bytes end in `budgetExceeded`, sizes below 1 in
  /// `usage`.
  ///
  /// With antialias 8-bit pictures are those of Pillow bit for bit: rows are resized before columns, and each time samples are rounded;
  /// without it they are rounded once. Alpha is resized as any other channel.
  func fitted(_ geometry: ImageGeometry) throws(OnyxError) -> Pixels {
    let target = try target(of: geometry)
    var result = try resized(to: target, geometry)
    if case .letterbox(let frame) = geometry.resize { result = try result.framed(frame, value: 114) }
    if let crop = geometry.crop { result = try result.cropped(to: crop) }
    return result
  }

  /// Throws `usage` for a size without pixels and `budgetExceeded` for one that is too large.
  private func check(_ size: ImageGeometry.Size) throws(OnyxError) {
    guard size.width > 0, size.height > 0 else {
      throw .usage("A picture cannot be \(size.width) × \(size.height) pixels large.", remedy: "Give sides of at least 1 pixel.")
    }
    guard size.width <= 1 << 16, size.height <= 1 << 16, size.width * size.height * channels * sampleBits / 8 <= Codecs.largestImage else {
      throw .budget(
        "A picture of \(size.width) × \(size.height) pixels is too large.", remedy: "Give a smaller size; or a picture that is less long.")
    }
  }

  /// The size to which the pixels are resized, without what surrounds them.
  private func target(of geometry: ImageGeometry) throws(OnyxError) -> ImageGeometry.Size {
    let size: ImageGeometry.Size
    switch geometry.resize {
    case .none: return ImageGeometry.Size(width: width, height: height)
    case .exact(let exact): size = exact
    case .shorterSide(let side):
      try check(ImageGeometry.Size(width: side, height: side))
      size =
        width <= height
        ? ImageGeometry.Size(width: side, height: side * height / width) : ImageGeometry.Size(width: side * width / height, height: side)
    case .cover(let cover):
      try check(cover)
      size =
        cover.width * height >= cover.height * width
        ? ImageGeometry.Size(width: cover.width, height: max(cover.height, cover.width * height / width))
        : ImageGeometry.Size(width: max(cover.width, cover.height * width / height), height: cover.height)
    case .letterbox(let frame):
      try check(frame)
      let ratio = min(Double(frame.width) / Double(width), Double(frame.height) / Double(height))
      func side(_ length: Int) -> Int { max(Int((Double(length) * ratio).rounded(.toNearestOrEven)), 1) }
      size = ImageGeometry.Size(width: side(width), height: side(height))
    }
    try check(size)
    return size
  }

  private func resized(to size: ImageGeometry.Size, _ geometry: ImageGeometry) throws(OnyxError) -> Pixels {
    if size.width == width, size.height == height { return self }
    func windows(_ source: Int, _ target: Int) -> ResamplingWindows? {
      source == target
        ? nil : ResamplingWindows(source: source, target: target, geometry.interpolation, antialias: geometry.antialias)
    }
    let (columns, rows) = (windows(width, size.width), windows(height, size.height))
    func bytes<Sample: FixedWidthInteger & UnsignedInteger>(_ samples: [Sample]) -> [Sample] {
      if !geometry.antialias, let columns, let rows {
        return Resampling.both(samples, channels: channels, width: width, columns, rows)
      }
      let wide = columns.map { Resampling.columns(samples, channels: channels, width: width, $0) } ?? samples
      return rows.map { Resampling.rows(wide, rowLength: size.width * channels, $0) } ?? wide
    }
    if sampleBits == 8 { return Pixels(width: size.width, height: size.height, channels: channels, bytes: bytes(self.bytes)) }
    let samples = stride(from: 0, to: self.bytes.count, by: 2).map { UInt16(self.bytes[$0]) | UInt16(self.bytes[$0 + 1]) << 8 }
    return Pixels(
      width: size.width, height: size.height, channels: channels, sampleBits: 16,
      bytes: bytes(samples).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
  }

  /// The middle of the picture; where it is smaller, black surrounds it. An odd number of pixels that are left over is halved as
  /// torchvision does: to the even number when they are cut off, with less to the left and top when they are added.
  private func cropped(to size: ImageGeometry.Size) throws(OnyxError) -> Pixels {
    try check(size)
    func offset(_ length: Int, _ wanted: Int) -> Int {
      length < wanted ? -((wanted - length) / 2) : Int((Double(length - wanted) / 2).rounded(.toNearestOrEven))
    }
    return window(size, left: offset(width, size.width), top: offset(height, size.height), value: 0)
  }

  /// The picture in the middle of a larger one whose samples, alpha apart, have this value of 0 … 255.
  private func framed(_ size: ImageGeometry.Size, value: UInt8) throws(OnyxError) -> Pixels {
    window(size, left: -((size.width - width) / 2), top: -((size.height - height) / 2), value: value)
  }

  /// The part of the picture that begins at a place, which may lie outside; alpha is opaque there.
  private func window(_ size: ImageGeometry.Size, left: Int, top: Int, value: UInt8) -> Pixels {
    if size.width == width, size.height == height, left == 0, top == 0 { return self }
    let hasAlpha = channels == 2 || channels == 4
    let blank = (0..<channels).flatMap { channel in
      // Both bytes of a 16-bit sample: v · 257.
      [UInt8](repeating: hasAlpha && channel == channels - 1 ? 255 : value, count: sampleBits / 8)
    }
    var result: [UInt8] = []
    result.reserveCapacity(size.width * size.height * blank.count)
    func fill(_ count: Int) { for _ in 0..<max(count, 0) { result += blank } }
    let columns = max(left, 0)..<max(min(left + size.width, width), max(left, 0))
    for row in top..<top + size.height {
      guard row >= 0, row < height, !columns.isEmpty else {
        fill(size.width)
        continue
      }
      fill(-left)
      result += bytes[(row * width + columns.lowerBound) * blank.count..<(row * width + columns.upperBound) * blank.count]
      fill(left + size.width - width)
    }
    return Pixels(width: size.width, height: size.height, channels: channels, sampleBits: sampleBits, bytes: result)
  }
}

/// Sums of weighed samples, rounded to the nearest number that a sample can be.
private enum Resampling {
  private static let half = 1 << (ResamplingWindows.weightBits - 1)

  private static func rounded<Sample: FixedWidthInteger & UnsignedInteger>(_ sum: Int, _ type: Sample.Type) -> Sample {
    Sample(clamping: sum >> ResamplingWindows.weightBits)
  }

  /// Every row gets as many pixels as there are windows.
  static func columns<Sample: FixedWidthInteger & UnsignedInteger>(
    _ samples: [Sample], channels: Int, width: Int, _ windows: ResamplingWindows
  ) -> [Sample] {
    let (starts, counts, weights) = (windows.starts, windows.counts, windows.weights)
    let rows = samples.count / (width * channels)
    var result = [Sample](repeating: 0, count: rows * starts.count * channels)
    var place = 0
    for row in 0..<rows {
      for index in starts.indices {
        let (first, weight) = ((row * width + starts[index]) * channels, index * windows.capacity)
        for channel in 0..<channels {
          var sum = half
          for tap in 0..<counts[index] { sum &+= Int(samples[first + tap * channels + channel]) &* weights[weight + tap] }
          result[place] = rounded(sum, Sample.self)
          place += 1
        }
      }
    }
    return result
  }

  /// Every column gets as many pixels as there are windows.
  static func rows<Sample: FixedWidthInteger & UnsignedInteger>(
    _ samples: [Sample], rowLength: Int, _ windows: ResamplingWindows
  ) -> [Sample] {
    var result: [Sample] = []
    result.reserveCapacity(windows.starts.count * rowLength)
    var sums = [Int](repeating: half, count: rowLength)
    for index in windows.starts.indices {
      for column in 0..<rowLength { sums[column] = half }
      for tap in 0..<windows.counts[index] {
        let (first, weight) = ((windows.starts[index] + tap) * rowLength, windows.weights[index * windows.capacity + tap])
        for column in 0..<rowLength { sums[column] &+= Int(samples[first + column]) &* weight }
      }
      for sum in sums { result.append(rounded(sum, Sample.self)) }
    }
    return result
  }

  /// Both at once, for windows of few pixels.
  static func both<Sample: FixedWidthInteger & UnsignedInteger>(
    _ samples: [Sample], channels: Int, width: Int, _ columns: ResamplingWindows, _ rows: ResamplingWindows
  ) -> [Sample] {
    let bits = 2 * ResamplingWindows.weightBits
    var result: [Sample] = []
    result.reserveCapacity(rows.starts.count * columns.starts.count * channels)
    for row in rows.starts.indices {
      for column in columns.starts.indices {
        for channel in 0..<channels {
          // Four weights of either kind have magnitudes of 1.4 together: products with 16 bits stay below 2^62.
          var sum = 1 << (bits - 1)
          for down in 0..<rows.counts[row] {
            let first = ((rows.starts[row] + down) * width + columns.starts[column]) * channels + channel
            let weight = rows.weights[row * rows.capacity + down]
            for along in 0..<columns.counts[column] {
              sum &+= Int(samples[first + along * channels]) &* (weight &* columns.weights[column * columns.capacity + along])
            }
          }
          result.append(Sample(clamping: sum >> bits))
        }
      }
    }
    return result
  }
}
