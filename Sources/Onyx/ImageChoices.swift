import OnyxFiles
import OnyxGraph
import OnyxInsight
import OnyxTensor

/// How image files become an input, as the texts of the command line, of `onyx.h` and of Python say it.
///
/// What no choice says follows the type and the shape of the input, and what a recipe says goes behind the choices.
package struct ImageChoices: Sendable {
  /// What the network was trained to see.
  package var recipe: ImageRecipe?
  /// The length of the shorter side, or both, the height first: "224", "480x640".
  package var resize: String?
  /// The middle that is left, in the same form.
  package var crop: String?
  /// Whether the whole image stays, with gray around it.
  package var letterbox = false
  package var interpolation: ImageGeometry.Interpolation?
  package var antialias: Bool?
  /// The factor of the pixels: "0.5", "1/255".
  package var scale: String?
  /// One number or one for each channel, separated by commas.
  package var mean: String?
  /// The same.
  package var std: String?
  package var layout: ImageOptions.Layout?
  /// The element type, other than that of the input.
  package var elementType: ElementType?
  /// What stands before the names of choices in messages.
  package let prefix: String

  package init(prefix: String = "") { self.prefix = prefix }

  /// The options for one input, whose open dimensions have `sizes`. Throws `usage` for a text that is no size or number, and for a
  /// letterbox without a size.
  package func options(for input: TensorSpecification?, sizes: [String: Int] = [:]) throws(OnyxError) -> ImageOptions {
    let input = elementType.map { input?.with($0) ?? TensorSpecification("", .tensor($0, shape: nil)) } ?? input
    var options: ImageOptions
    if let recipe {
      options = ImageOptions(for: input, recipe: recipe, layout: layout, sizes: sizes)
    } else {
      options = ImageOptions(for: input, scale: nil, mean: [0], std: [1], layout: layout, sizes: sizes)
    }
    if let scale { options.scale = try number(scale, "scale") }
    if let mean { options.mean = try numbers(mean, "mean") }
    if let std { options.std = try numbers(std, "std") }
    try setGeometry(&options.geometry, ImageOptions.pictureSize(of: input, layout: options.layout, sizes: sizes))
    return options
  }

  private func setGeometry(_ geometry: inout ImageGeometry, _ input: ImageGeometry.Size?) throws(OnyxError) {
    if letterbox, crop != nil { throw .usage("\(prefix)letterbox and \(prefix)crop exclude each other.") }
    if recipe == nil, resize == nil, crop == nil, !letterbox, let input { geometry = .filling(input) }
    if letterbox {
      guard let frame = try resize.map({ (text) throws(OnyxError) in try size(text, "resize") }) ?? input else {
        throw .usage(
          "The model does not say how large its images are.", remedy: "Give \(prefix)resize HEIGHTxWIDTH beside \(prefix)letterbox.")
      }
      (geometry.resize, geometry.crop) = (.letterbox(frame), nil)
    } else if let resize {
      let wanted = try size(resize, "resize")
      let isShorterSide = Int(resize) != nil
      geometry.resize = isShorterSide ? .shorterSide(wanted.width) : .exact(wanted)
      geometry.crop = isShorterSide ? input : nil
    } else if crop != nil, recipe == nil {
      geometry.resize = .none
    }
    if let crop { geometry.crop = try size(crop, "crop") }
    if let interpolation { geometry.interpolation = interpolation }
    if let antialias { geometry.antialias = antialias }
  }

  /// "224" or "480x640", the height first.
  private func size(_ text: String, _ name: String) throws(OnyxError) -> ImageGeometry.Size {
    let sides = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard sides.count <= 2, let height = sides.first, let width = sides.last, sides.allSatisfy({ (1...65536).contains($0) }) else {
      throw .usage(
        "'\(prefix)\(name) \(text)' is no size of 1 … 65536 pixels.",
        remedy: "For example \(prefix)\(name) 224 or \(prefix)\(name) 480x640, the height first.")
    }
    return ImageGeometry.Size(width: width, height: height)
  }

  private func numbers(_ text: String, _ name: String) throws(OnyxError) -> [Double] {
    var values: [Double] = []
    for part in text.split(separator: ",") { values.append(try number(String(part), name)) }
    return values
  }

  private func number(_ text: String, _ name: String) throws(OnyxError) -> Double {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
    let value = parts.count == 2 ? (parts[0] ?? .nan) / (parts[1] ?? .nan) : parts.count == 1 ? parts[0] ?? .nan : .nan
    guard value.isFinite else {
      throw .usage("'\(prefix)\(name) \(text)' is no number.", remedy: "For example \(prefix)\(name) 0.5 or \(prefix)\(name) 1/255.")
    }
    return value
  }
}
