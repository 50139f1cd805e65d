import Foundation
import Onyx
import OnyxFiles
import Testing

/// The tensors of an .npz file.
struct NamedTensors {
  private let tensors: [String: Tensor]

  init(_ url: URL) throws {
    let read = try TensorFile.read(url.path(percentEncoded: false))
    tensors = Dictionary(uniqueKeysWithValues: read.map { ($0.name ?? "", $0.tensor) })
  }

  subscript(_ name: String) -> Tensor { get throws { try #require(tensors[name]) } }
}
