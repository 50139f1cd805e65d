import ArgumentParser
import Onyx
import OnyxFiles
import OnyxInsight
import OnyxTensor

/// How an image becomes an input: its size, and the numbers that its pixels become, y = (pixel · scale − mean) / std for each channel.
struct ImageArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How the network was trained to see: imagenet, imagenet-bicubic, yolo, clip, none, or a preprocessor_config.json or timm's "
        + "config.json, or the folder with it; what other flags say goes before it.", valueName: "PRESET|FILE"))
  var preprocess: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Length of the shorter side, or both sides; default: what covers the model's input.", valueName: "N|HEIGHTxWIDTH"))
  var resize: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The middle that is left; default: the size of the model's input.", valueName: "N|HEIGHTxWIDTH"))
  var crop: String?

  @Flag(help: "The whole image with gray around it, in the size of --resize or of the model's input.")
  var letterbox = false

  @Option(help: ArgumentHelp("How pixels are weighed where the size changes; default: bilinear.", valueName: "METHOD"))
  var interpolation: InterpolationName?

  @Flag(inversion: .prefixedNo, help: "Images that get smaller are averaged over all their pixels; default: yes.")
  var antialias: Bool?

  @Option(parsing: .unconditional, help: ArgumentHelp("Factor of the pixel values; default: 1/255, for integers 1.", valueName: "X|A/B"))
  var scale: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Mean of each channel after scaling, separated by commas; default: 0.", valueName: "M,…"))
  var mean: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Standard deviation of each channel, separated by commas; default: 1.", valueName: "S,…"))
  var std: String?

  @Option(help: ArgumentHelp("Axis order; default: what the model's input looks like.", valueName: "ORDER"))
  var layout: LayoutName?

  enum LayoutName: String, ExpressibleByArgument, CaseIterable { case nchw, nhwc }
  enum InterpolationName: String, ExpressibleByArgument, CaseIterable { case nearest, box, bilinear, bicubic, lanczos }

  func validate() throws {
    if letterbox, crop != nil { throw ValidationError("--letterbox and --crop exclude each other.") }
  }

  /// Whether any of the flags stands on the command line.
  var isGiven: Bool { saysSize || scale != nil || mean != nil || std != nil || layout != nil || interpolation != nil || antialias != nil }

  /// Whether the flags say what becomes of an image of another size than the model's.
  var saysSize: Bool { preprocess != nil || resize != nil || crop != nil || letterbox }

  /// What `isGiven` looks for.
  static let flags = "--preprocess, --resize, --crop, --letterbox, --interpolation, --antialias, --scale, --mean, --std and --layout"

  /// The options for one input, whose open dimensions have `sizes`; what no flag says follows the input's type and shape.
  func options(for input: TensorSpecification?, sizes: [String: Int]) throws(OnyxError) -> ImageOptions {
    var choices = ImageChoices(prefix: "--")
    choices.recipe = try recipe()
    (choices.resize, choices.crop, choices.letterbox) = (resize, crop, letterbox)
    choices.interpolation = interpolation.flatMap { ImageGeometry.Interpolation(rawValue: $0.rawValue) }
    choices.antialias = antialias
    (choices.scale, choices.mean, choices.std) = (scale, mean, std)
    choices.layout = layout.flatMap { ImageOptions.Layout(rawValue: $0.rawValue) }
    return try choices.options(for: input, sizes: sizes)
  }

  /// What --preprocess says.
  private func recipe() throws(OnyxError) -> ImageRecipe? {
    guard let preprocess else { return nil }
    if let preset = ImagePreset(rawValue: preprocess) { return preset.recipe }
    let names = ["\(preprocess)/preprocessor_config.json", "\(preprocess)/config.json"]
    let path = names.first(where: OutputFolder.exists) ?? preprocess
    guard OutputFolder.exists(path) else {
      throw .usage(
        "There is no preset and no file '\(preprocess)'.",
        remedy: Names.suggestion(for: preprocess, among: ImagePreset.allCases.map(\.rawValue), what: "presets"))
    }
    let bytes = try FileBytes.read(path)
    do throws(OnyxError) { return try ImageRecipe(configuration: bytes) } catch {
      throw OnyxError(error.code, "'\(path)': \(error.reason)", remedy: error.remedy)
    }
  }
}
