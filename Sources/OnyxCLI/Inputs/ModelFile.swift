import ArgumentParser
import OnyxFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What an argument for a model stands for.
enum ModelFile {
  static let help: ArgumentHelp = "The .onnx file, the folder with it, or - for the standard input."

  /// The path of the file that an argument of a command stands for. Throws for an address of the network.
  static func argument(_ text: String) throws -> String {
    if text.contains("://") { throw ValidationError("Onyx opens local files only; download it first.") }
    return path(text)
  }

  /// The path of the file that an argument stands for: `model.onnx` or the only .onnx file of a folder; for `-` a file that holds the
  /// standard input and goes with the process. Anything else stands for itself, and so does what cannot be read.
  static func path(_ argument: String) -> String {
    // A model is mapped, which a pipe cannot be.
    if argument == "-" { return (try? FileBytes.unnamedCopy(of: FileBytes.read("/dev/stdin"))) ?? "/dev/stdin" }
    var isFolder = false
    guard FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder), isFolder else { return argument }
    let files = ((try? FileManager.default.contentsOfDirectory(atPath: argument)) ?? []).filter { $0.hasSuffix(".onnx") }
    guard let name = files.contains("model.onnx") ? "model.onnx" : files.count == 1 ? files.first : nil else { return argument }
    return (argument.hasSuffix("/") ? argument : argument + "/") + name
  }

  /// All .onnx files in a folder, at any depth and in alphabetical order; anything else stands for itself.
  static func all(_ argument: String) -> [String] {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder), isFolder else { return [path(argument)] }
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: argument)) ?? []
    let files = names.filter { $0.hasSuffix(".onnx") }.sorted().map { (argument.hasSuffix("/") ? argument : argument + "/") + $0 }
    return files.isEmpty ? [argument] : files
  }
}
