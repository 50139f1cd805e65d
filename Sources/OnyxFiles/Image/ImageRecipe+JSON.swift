import OnyxTensor

extension ImageRecipe {
  /// Reads `preprocessor_config.json` of Hugging Face, or a `config.json` with timm's `pretrained_cfg`.
  ///
  /// Throws `invalidModel` for bytes that are neither, and `unsupported` for steps that Onyx lacks.
  package init(configuration bytes: [UInt8]) throws(OnyxError) {
    guard case .object(let members) = try JSONValue(parsing: bytes[...]) else { throw Self.unknown }
    if case .object(let inner)? = members["pretrained_cfg"] {
      try self.init(timm: Configuration(members: inner))
    } else if members["crop_pct"] != nil, members["input_size"] != nil {
      try self.init(timm: Configuration(members: members))
    } else if members["image_mean"] != nil || members["do_resize"] != nil || members["size"] != nil {
      try self.init(huggingFace: Configuration(members: members))
    } else {
      throw Self.unknown
    }
  }

  private static var unknown: OnyxError {
    .invalid(
      "The file says nothing of how pictures are prepared.",
      remedy: "Give a preprocessor_config.json, or a config.json with pretrained_cfg.")
  }

  /// timm's evaluation: the shorter side to ⌊size / crop_pct⌋, then the middle.
  private init(timm file: Configuration) throws(OnyxError) {
    let extents = try file.numbers("input_size") ?? [3, 224, 224]
    guard extents.count == 3 else { throw .invalid("\"input_size\" is no list of 3 numbers.") }
    let size = try Configuration.size(width: extents[2], height: extents[1], "input_size")
    let share = try file.number("crop_pct") ?? 0.875
    guard share > 0, share <= 1 else { throw .invalid("\"crop_pct\" does not lie in 0 … 1.") }
    let name = file.text("interpolation") ?? "bilinear"
    guard let interpolation = ImageGeometry.Interpolation(rawValue: name) else {
      throw .unsupported("The interpolation '\(name)' is not known.", remedy: Configuration.interpolations)
    }
    switch file.text("crop_mode") ?? "center" {
    case "center": self.init(.crop(share: share, rounding: .down), size: size, interpolation)
    case "squash" where share == 1: self.init(.exact, size: size, interpolation)
    case let mode: throw .unsupported("The crop mode '\(mode)' with crop_pct \(share) is not known.", remedy: Configuration.flags)
    }
    (mean, std) = (try file.numbers("mean") ?? [0.485, 0.456, 0.406], try file.numbers("std") ?? [0.229, 0.224, 0.225])
  }

  private init(huggingFace file: Configuration) throws(OnyxError) {
    let codes: [Double: ImageGeometry.Interpolation] = [0: .nearest, 1: .lanczos, 2: .bilinear, 3: .bicubic, 4: .box]
    let code = try file.number("resample") ?? 2
    guard let interpolation = codes[code] else {
      throw .unsupported(
        "The resampling \(Int(exactly: code).map(String.init) ?? "\(code)") is not known.", remedy: Configuration.interpolations)
    }
    let crop = file.flag("do_center_crop") == true ? try file.size("crop_size") : nil
    let resized = file.flag("do_resize") == false ? nil : try file.size("size")
    switch (resized, crop) {
    case (nil, nil): self.init(.none, size: nil, interpolation)
    case (nil, let crop?): self.init(.none, size: crop.size, interpolation)
    case (let resized?, nil):
      // ConvNeXt writes the size behind the crop, and the share that is cropped below 384.
      if let share = try file.number("crop_pct"), resized.size.width < 384, share > 0, share <= 1 {
        self.init(.crop(share: share, rounding: .down), size: resized.size, interpolation)
      } else {
        self.init(.exact, size: resized.size, interpolation)
      }
    case (let resized?, let crop?):
      let share = Double(crop.size.height) / Double(resized.size.height)
      guard resized.isShorterSide || share == 1 else {
        throw .unsupported("A crop out of a picture that was resized to both sides is not known.", remedy: Configuration.flags)
      }
      self.init(.crop(share: share, rounding: .toNearestOrEven), size: crop.size, interpolation)
    }
    if file.flag("do_rescale") == false { scale = 1 } else { scale = try file.number("rescale_factor") }
    guard file.flag("do_normalize") != false else { return }
    (mean, std) = (try file.numbers("image_mean") ?? [0], try file.numbers("image_std") ?? [1])
  }
}

/// The members of such a file.
private struct Configuration {
  let members: [String: JSONValue]

  static let flags = "Say it by --resize, --crop, --letterbox and --interpolation."
  static let interpolations =
    "Known are \(ImageGeometry.Interpolation.allCases.map(\.rawValue).joined(separator: ", ")); --interpolation says another."

  func text(_ key: String) -> String? { if case .string(let text)? = members[key] { text } else { nil } }

  func flag(_ key: String) -> Bool? { if case .bool(let flag)? = members[key] { flag } else { nil } }

  func number(_ key: String) throws(OnyxError) -> Double? {
    switch members[key] {
    case nil, .null?: return nil
    case .number(let text)?:
      if let value = Double(text), value.isFinite { return value }
      fallthrough
    default: throw .invalid("\"\(key)\" is no number.")
    }
  }

  /// A list of numbers, or one number for all.
  func numbers(_ key: String) throws(OnyxError) -> [Double]? {
    guard case .array(let items)? = members[key] else { return try number(key).map { [$0] } }
    var values: [Double] = []
    for item in items {
      guard case .number(let text) = item, let value = Double(text), value.isFinite else {
        throw .invalid("\"\(key)\" is no list of numbers.")
      }
      values.append(value)
    }
    return values
  }

  /// One number, "shortest_edge", or "width" and "height". One number beside a crop is that of the shorter side.
  func size(_ key: String) throws(OnyxError) -> (size: ImageGeometry.Size, isShorterSide: Bool)? {
    guard case .object(let sides)? = members[key] else {
      guard let side = try number(key) else { return nil }
      return (try Self.size(width: side, height: side, key), flag("do_center_crop") == true)
    }
    let inner = Configuration(members: sides)
    if let side = try inner.number("shortest_edge") { return (try Self.size(width: side, height: side, key), true) }
    guard let width = try inner.number("width"), let height = try inner.number("height") else {
      throw .unsupported("\"\(key)\" has neither a shortest edge nor width and height.", remedy: Self.flags)
    }
    return (try Self.size(width: width, height: height, key), false)
  }

  static func size(width: Double, height: Double, _ key: String) throws(OnyxError) -> ImageGeometry.Size {
    guard (1...65536).contains(width), (1...65536).contains(height) else { throw .invalid("\"\(key)\" is no size of a picture.") }
    return ImageGeometry.Size(width: Int(width), height: Int(height))
  }
}
