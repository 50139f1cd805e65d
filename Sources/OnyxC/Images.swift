// The names are those of onyx.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase
//
// SAFETY: places and texts live as long as the call, and are as many as the caller says.

import COnyx
import Onyx
import OnyxTensor

@c @implementation public func onyx_tensor_of_images(
  _ session: OpaquePointer!, _ index: Int, _ paths: UnsafePointer<UnsafePointer<CChar>?>!, _ count: Int,
  _ preprocess: UnsafePointer<CChar>!, _ value: UnsafeMutablePointer<OpaquePointer?>!, _ error: ErrorPlace!
) -> onyx_code {
  unsafe attempt(error) { () throws(OnyxError) in
    let inputs = unsafe try SessionHandle.of(session).session.inputs
    guard inputs.indices.contains(index) else { throw .usage("The model has no input \(index); it has \(inputs.count).") }
    guard unsafe count > 0 && paths != nil, let place = unsafe value else { throw .usage("The paths or the place of the value are NULL.") }
    var files: [String] = []
    for number in 0..<count { files.append(unsafe try CText.read(paths[number], "path \(number)")) }
    let text = unsafe try preprocess.map { (text) throws(OnyxError) in unsafe try CText.read(text, "way to prepare images") }
    let tensor = try Tensor(imageFiles: files, options: try options(for: inputs[index], text))
    unsafe place.pointee = Handle.make(ValueHandle(.tensor(tensor)))
  }
}

/// What a preset or the text of a configuration says, or what suits the input.
private func options(for input: TensorSpecification, _ preprocess: String?) throws(OnyxError) -> ImageOptions {
  guard let preprocess else { return ImageOptions(for: input) }
  if let preset = ImagePreset(rawValue: preprocess) { return ImageOptions(for: input, preset: preset) }
  guard preprocess.first(where: { !$0.isWhitespace }) == "{" else {
    let names = ImagePreset.allCases.map(\.rawValue).joined(separator: ", ")
    throw .usage("There is no preset '\(preprocess)'.", remedy: "Presets: \(names); or the text of a preprocessor_config.json.")
  }
  return try ImageOptions(for: input, configuration: Array(preprocess.utf8))
}
