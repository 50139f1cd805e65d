import Onyx
import OnyxReport
import OnyxTensor

/// The tensors of a file.
struct ListedTensors: ExpectedTensors {
  private let tensors: [String: Tensor]

  init(_ tensors: [(name: String, tensor: Tensor)]) {
    self.tensors = Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
  }

  var names: Set<String> { Set(tensors.keys) }
  func expected(_ name: String) throws(OnyxError) -> Tensor? { tensors[name] }
}

/// What another session makes of the same inputs.
struct FetchedTensors: ExpectedTensors {
  let names: Set<String>
  private let session: Session
  private let inputs: [String: Tensor]

  init(_ session: Session, _ inputs: [String: Tensor]) {
    self.session = session
    let known = session.inputs.map(\.name)
    self.inputs = inputs.filter { known.contains($0.key) }
    names = Set(session.madeTensorNames)
  }

  func expected(_ name: String) throws(OnyxError) -> Tensor? { try session.run(inputs, fetching: [name])[name] }
}
