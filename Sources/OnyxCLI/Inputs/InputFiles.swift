import Onyx
import OnyxFiles
import OnyxInsight
import OnyxTensor

/// One --input: the files that it names, and the input that they are for when it says so.
struct InputFiles {
  let name: String?
  /// More than one where a pattern stands for several.
  let paths: [String]

  /// Splits NAME=FILE. A path can hold '=' itself: then what stands before it is no input, but the file is there.
  ///
  /// `-` is the standard input; `*`, `?` and `[…]` stand for what the shell would put there. Throws `usage` for a name that is none of
  /// `names`, and `missingFile` for a pattern without files.
  init(_ argument: String, among names: [String]) throws(OnyxError) {
    let (name, path) = try Self.split(argument, names)
    self.name = name
    if path == "-" {
      paths = ["/dev/stdin"]
    } else if path.contains("://") {
      throw .usage("'\(path)' is an address of the network.", remedy: "Onyx opens local files only; download it first.")
    } else if path.contains(where: { "*?[".contains($0) }), !OutputFolder.exists(path) {
      paths = FileBytes.paths(matching: path)
      guard !paths.isEmpty else { throw OnyxError(.missingFile, "No file matches '\(path)'.", remedy: "Check the pattern.") }
    } else {
      paths = [path]
    }
  }

  private static func split(_ argument: String, _ names: [String]) throws(OnyxError) -> (name: String?, path: String) {
    let marks = argument.indices.filter { argument[$0] == "=" }
    for mark in marks where names.contains(String(argument[..<mark])) {
      return (String(argument[..<mark]), String(argument[argument.index(after: mark)...]))
    }
    if let mark = marks.first, !OutputFolder.exists(argument) {
      let name = String(argument[..<mark])
      throw .usage("The model has no input '\(name)'.", remedy: Names.suggestion(for: name, among: names, what: "inputs"))
    }
    return (nil, argument)
  }
}
