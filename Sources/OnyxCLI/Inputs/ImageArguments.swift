import ArgumentParser
import Onyx
import OnyxFiles
import OnyxInsight
import OnyxTensor

/// How the pixels of an image become numbers: y = (pixel · scale − mean) / std for each channel.
struct ImageArguments: ParsableArguments {
  @Option(parsing: .unconditional, help: ArgumentHelp("Factor of the pixel values; default: 1/255.", valueName: "X|A/B"))
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

  /// Whether any of the flags stands on the command line.
  var isGiven: Bool { scale != nil || mean != nil || std != nil || layout != nil }

  /// The options for one input; layout and channel count follow the input's shape where no flag says otherwise.
  func options(for input: TensorSpecification?) throws(OnyxError) -> ImageOptions {
    ImageOptions(
      for: input, scale: try number(scale ?? "1/255", "--scale"), mean: try numbers(mean, "--mean") ?? [0],
      std: try numbers(std, "--std") ?? [1], layout: layout.map { $0 == .nhwc ? .nhwc : .nchw })
  }

  private func numbers(_ text: String?, _ flag: String) throws(OnyxError) -> [Double]? {
    guard let text else { return nil }
    var values: [Double] = []
    for part in text.split(separator: ",") { values.append(try number(String(part), flag)) }
    return values
  }

  private func number(_ text: String, _ flag: String) throws(OnyxError) -> Double {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
    let value = parts.count == 2 ? (parts[0] ?? .nan) / (parts[1] ?? .nan) : parts.count == 1 ? parts[0] ?? .nan : .nan
    guard value.isFinite else { throw .usage("'\(flag) \(text)' is no number.", remedy: "For example \(flag) 0.5 or \(flag) 1/255.") }
    return value
  }
}
