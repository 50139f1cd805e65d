import OnyxFiles
import OnyxInsight
import OnyxTensor

extension ImageOptions {
  /// Options that suit an input of a model: layout, channels, element type and size follow it where nothing else is said.
  ///
  /// The axis of channels is the one behind that of the batch, or the last one when only that has 1, 3 or 4 of them; there are 3 where
  /// the shape does not tell. A picture of another size than the input's is resized until it covers it, and its middle is taken; an
  /// input that leaves its size open takes the picture's. Pixels become 0 … 1, for inputs of integers they stay 0 … 255; `mean` and
  /// `std` hold one number, or one for each channel.
  public init(
    for input: TensorSpecification?, scale: Double? = nil, mean: [Double] = [0], std: [Double] = [1], layout: Layout? = nil
  ) {
    self.init(for: input, scale: scale, mean: mean, std: std, layout: layout, sizes: [:])
    if let size = Self.pictureSize(of: input, layout: self.layout, sizes: [:]) { geometry = .filling(size) }
  }

  /// Options by a preset for the size that an input has; 224 × 224, or 640 × 640 for YOLO, where it leaves it open.
  ///
  /// Inputs of integers take the pixels as they are: models with such inputs scale them themselves.
  public init(for input: TensorSpecification?, preset: ImagePreset, layout: Layout? = nil) {
    self.init(for: input, recipe: preset.recipe, layout: layout, sizes: [:])
  }

  /// Options by what training frameworks write beside a model: the bytes of Hugging Face's `preprocessor_config.json`, or of a
  /// `config.json` with timm's `pretrained_cfg`.
  ///
  /// Throws `invalidModel` for bytes that are neither, and `unsupported` for steps that Onyx lacks.
  public init(for input: TensorSpecification?, configuration bytes: [UInt8], layout: Layout? = nil) throws(OnyxError) {
    self.init(for: input, recipe: try ImageRecipe(configuration: bytes), layout: layout, sizes: [:])
  }

  /// - Parameter sizes: those of the dimensions that the model leaves open, by name.
  package init(for input: TensorSpecification?, recipe: ImageRecipe, layout: Layout? = nil, sizes: [String: Int]) {
    let isInteger = input?.elementType?.isInteger ?? false
    self.init(
      for: input, scale: isInteger ? nil : recipe.scale, mean: isInteger ? [0] : recipe.mean, std: isInteger ? [1] : recipe.std,
      layout: layout, sizes: sizes)
    geometry = recipe.geometry(for: Self.pictureSize(of: input, layout: self.layout, sizes: sizes))
    // Three means serve a picture with color only.
    if channels == 1, mean.count == 3, std.count == 3 { (mean, std) = ([Self.middle(mean)], [Self.middle(std)]) }
  }

  private static func middle(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// The options without a geometry.
  package init(
    for input: TensorSpecification?, scale: Double?, mean: [Double], std: [Double], layout: Layout?, sizes: [String: Int]
  ) {
    let extents = Self.extents(of: input, sizes)
    let first = extents.count == 3 ? 0 : 1
    func isChannels(_ axis: Int) -> Bool {
      (extents.count == 3 || extents.count == 4) && extents[axis].map { [1, 3, 4].contains($0) } ?? false
    }
    let layout = layout ?? (!isChannels(first) && isChannels(first + 2) ? .nhwc : .nchw)
    let axis = layout == .nhwc ? first + 2 : first
    let type = input?.elementType ?? .float32
    self.init(
      mean: mean, std: std, scale: scale ?? (type.isInteger ? 1 : 1 / 255), layout: layout,
      channels: isChannels(axis) ? extents[axis] ?? 3 : 3, elementType: type, isBatched: extents.count != 3)
  }

  /// The size of the pictures that an input takes; nil where the model and `sizes` leave it open.
  package static func pictureSize(of input: TensorSpecification?, layout: Layout, sizes: [String: Int]) -> ImageGeometry.Size? {
    let extents = extents(of: input, sizes)
    guard extents.count == 3 || extents.count == 4 else { return nil }
    let first = extents.count - 3 + (layout == .nchw ? 1 : 0)
    guard let height = extents[first], let width = extents[first + 1], height > 0, width > 0 else { return nil }
    return ImageGeometry.Size(width: width, height: height)
  }

  /// The open dimensions that say how large the pictures of an input are.
  package static func sizeDimensions(of input: TensorSpecification?, layout: Layout) -> [String] {
    let shape = input?.shape ?? []
    guard shape.count == 3 || shape.count == 4 else { return [] }
    let first = shape.count - 3 + (layout == .nchw ? 1 : 0)
    return shape[first...(first + 1)].compactMap { extent in if case .symbolic(let name) = extent { name } else { nil } }
  }

  private static func extents(of input: TensorSpecification?, _ sizes: [String: Int]) -> [Int?] {
    (input?.shape ?? []).map { extent in
      switch extent {
      case .fixed(let size): size
      case .symbolic(let name): sizes[name]
      }
    }
  }
}
