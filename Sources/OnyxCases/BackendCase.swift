import OnyxTensor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A directory in the form of the ONNX backend tests: `model.onnx` and `test_data_set_N/{input,output}_M.pb`.
package struct BackendCase: Sendable {
  /// The directory's path as it was found.
  package let name: String
  package var modelPath: String { name + "/model.onnx" }
  /// Directories `test_data_set_N`, in order of N.
  package let dataSets: [String]

  /// Every case at or below the directories, sorted by path. Throws `missingFile` for a directory that is not there and
  /// `usage` when one holds no case.
  package static func find(in directories: [String]) throws(OnyxError) -> [BackendCase] {
    var cases: [BackendCase] = []
    for directory in directories {
      var isDirectory = false
      guard exists(directory, &isDirectory), isDirectory else {
        throw OnyxError(.missingFile, "There is no directory '\(directory)'.", remedy: "Give a directory with ONNX backend cases.")
      }
      let root = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
      let found = search(root, depth: 0)
      guard !found.isEmpty else {
        throw .usage("'\(directory)' holds no test case.", remedy: "A case is a directory with model.onnx and test_data_set_0.")
      }
      cases += found
    }
    return cases
  }

  /// Deeper trees are no test suites, and links could make them endless.
  private static let depthLimit = 12

  private static func search(_ directory: String, depth: Int) -> [BackendCase] {
    guard depth < depthLimit, let entries = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return [] }
    let sets = entries.filter { $0.hasPrefix("test_data_set_") }
      .sorted { (Int($0.dropFirst(14)) ?? 0) < (Int($1.dropFirst(14)) ?? 0) }
    if entries.contains("model.onnx"), !sets.isEmpty { return [BackendCase(name: directory, dataSets: sets.map { "\(directory)/\($0)" })] }
    return entries.sorted().flatMap { entry in
      var isDirectory = false
      let path = "\(directory)/\(entry)"
      return exists(path, &isDirectory) && isDirectory ? search(path, depth: depth + 1) : []
    }
  }

  private static func exists(_ path: String, _ isDirectory: inout Bool) -> Bool {
    FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
  }

  /// The files `prefix_0.pb`, `prefix_1.pb`, … of a data set, in order.
  package static func files(_ prefix: String, in dataSet: String) -> [String] {
    var files: [String] = []
    while FileManager.default.fileExists(atPath: "\(dataSet)/\(prefix)_\(files.count).pb") {
      files.append("\(dataSet)/\(prefix)_\(files.count).pb")
    }
    return files
  }
}
