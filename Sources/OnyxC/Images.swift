// The names are those of onyx.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
//
// SAFETY: addresses are those of `Handle`; places and texts live as long as the call, and are as many as the caller says.

import COnyx
import Onyx
import OnyxFiles
import OnyxTensor
import Synchronization

/// How image files are to become a tensor.
final class ImageOptionsHandle: Sendable {
  let choices = Mutex(ImageChoices())
}

@c @implementation public func onyx_image_options_make() -> OpaquePointer! { unsafe Handle.make(ImageOptionsHandle()) }

@c @implementation public func onyx_image_options_set(
  _ options: OpaquePointer!, _ name: UnsafePointer<CChar>!, _ value: UnsafePointer<CChar>!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    guard let handle = unsafe Handle.object(options, as: ImageOptionsHandle.self) else { throw .usage("The options are NULL.") }
    let (name, value) = unsafe (try CText.read(name, "name of the option"), try CText.read(value, "value of the option"))
    try handle.choices.withLock { (choices) throws(OnyxError) in try choices.set(name, value) }
  }
}

@c @implementation public func onyx_image_options_release(_ options: OpaquePointer!) {
  unsafe Handle.release(options, as: ImageOptionsHandle.self)
}

@c @implementation public func onyx_tensor_of_images(
  _ session: OpaquePointer!, _ index: Int, _ paths: UnsafePointer<UnsafePointer<CChar>?>!, _ count: Int,
  _ options: OpaquePointer!, _ value: UnsafeMutablePointer<OpaquePointer?>!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    var input: TensorSpecification?
    if let handle = unsafe Handle.object(session, as: SessionHandle.self) {
      let inputs = handle.session.inputs
      guard inputs.indices.contains(index) else { throw .usage("The model has no input \(index); it has \(inputs.count).") }
      input = inputs[index]
    } else {
      guard index == 0 else { throw .usage("There is no session that could have an input \(index).") }
    }
    guard unsafe count > 0 && paths != nil, let place = unsafe value else { throw .usage("The paths or the place of the value are NULL.") }
    var files: [String] = []
    for number in 0..<count { files.append(unsafe try CText.read(paths[number], "path \(number)")) }
    let choices = unsafe Handle.object(options, as: ImageOptionsHandle.self)?.choices.withLock { $0 } ?? ImageChoices()
    let tensor = try Tensor(imageFiles: files, options: try choices.options(for: input))
    unsafe place.pointee = Handle.make(ValueHandle(.tensor(tensor)))
  }
}

extension ImageChoices {
  private static let names = [
    "preprocess", "resize", "crop", "letterbox", "interpolation", "antialias", "scale", "mean", "std", "layout", "type",
  ]

  /// Sets the option of `onyx_image_options_set` that has this name. Throws `usage` for another name and for a value that is none of it,
  /// and for the text of a configuration as `ImageRecipe` does.
  mutating func set(_ name: String, _ value: String) throws(OnyxError) {
    switch name {
    case "preprocess": recipe = try Self.recipe(value)
    case "resize": resize = value
    case "crop": crop = value
    case "letterbox": letterbox = try OptionText.choice(name, value, [true, false]) { (isOn: Bool) in "\(isOn)" }
    case "interpolation": interpolation = try OptionText.choice(name, value, ImageGeometry.Interpolation.allCases, \.rawValue)
    case "antialias": antialias = try OptionText.choice(name, value, [true, false]) { (isOn: Bool) in "\(isOn)" }
    case "scale": scale = value
    case "mean": mean = value
    case "std": std = value
    case "layout": layout = try OptionText.choice(name, value, ImageOptions.Layout.allCases, \.rawValue)
    case "type":
      guard case .tensor(let type)? = ValueKind(value) else { throw .usage("There is no element type '\(value)'.") }
      elementType = type
    default: throw .usage("There is no option '\(name)'.", remedy: "There are: \(Self.names.joined(separator: ", ")).")
    }
  }

  /// A preset, or what the text of a configuration says.
  private static func recipe(_ text: String) throws(OnyxError) -> ImageRecipe {
    if let preset = ImagePreset(rawValue: text) { return preset.recipe }
    guard text.first(where: { !$0.isWhitespace }) == "{" else {
      let names = ImagePreset.allCases.map(\.rawValue).joined(separator: ", ")
      throw .usage("There is no preset '\(text)'.", remedy: "Presets: \(names); or the text of a preprocessor_config.json.")
    }
    return try ImageRecipe(configuration: Array(text.utf8))
  }
}
