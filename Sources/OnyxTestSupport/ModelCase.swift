import Foundation
import OnyxFiles
import OnyxTensor

/// A model under `models/` with the inputs and expected outputs of its data sets.
package struct ModelCase: Sendable, CustomStringConvertible {
  /// The path below `models/`: "attention/se-avg/dynamo-static".
  package let name: String
  package var url: URL { Repository.models.appending(path: name) }
  package var path: String { url.appending(path: "model.onnx").path(percentEncoded: false) }
  package var description: String { name }

  /// A data set: tensors in the order of the model's inputs and outputs.
  package struct DataSet {
    package let inputs: [Tensor]
    package let outputs: [Tensor]
  }

  package init(_ name: String) { self.name = name }

  /// All models, sorted by name.
  package static let all: [ModelCase] = {
    let root = Repository.models.path(percentEncoded: false)
    let files = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return files.filter { $0.hasSuffix("/model.onnx") }.map { ModelCase(String($0.dropLast("/model.onnx".count))) }.sorted {
      $0.name < $1.name
    }
  }()

  package func dataSets() throws -> [DataSet] {
    var sets: [DataSet] = []
    while true {
      let folder = url.appending(path: "test_data_set_\(sets.count)").path(percentEncoded: false)
      guard FileManager.default.fileExists(atPath: folder) else { return sets }
      sets.append(DataSet(inputs: try Self.tensors("\(folder)/input_"), outputs: try Self.tensors("\(folder)/output_")))
    }
  }

  private static func tensors(_ prefix: String) throws -> [Tensor] {
    var tensors: [Tensor] = []
    while FileManager.default.fileExists(atPath: "\(prefix)\(tensors.count).pb") {
      tensors += try TensorFile.read("\(prefix)\(tensors.count).pb").map(\.tensor)
    }
    return tensors
  }
}
