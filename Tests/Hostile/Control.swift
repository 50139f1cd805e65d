// The same doors used as they are meant: must compile, so that what refuses Attacks.swift is the seal and not a broken build.

import Onyx

func sum<T: TensorElement & BinaryFloatingPoint>(of tensor: Tensor, as type: T.Type) throws(OnyxError) -> T {
  try tensor.withElements(of: type) { elements in elements.indices.reduce(0) { $0 + elements[$1] } }
}

func counted() throws(OnyxError) -> Tensor {
  try Tensor(shape: [2, 3], of: Float.self) { elements in
    for index in elements.indices { elements[index] = Float(index) }
  }
}

func checked(_ tensor: Tensor) throws(OnyxError) -> Float {
  try tensor.withElements(of: Float.self) { (elements) throws(OnyxError) in
    guard !elements.isEmpty else { throw OnyxError(.usage, "There is nothing to read.") }
    return elements[0]
  }
}

struct Refusal: Error {}

func refused(_ tensor: Tensor) throws {
  try tensor.withElements(of: Float.self) { elements in if elements.isEmpty { throw Refusal() } }
  _ = try Tensor(shape: [1], of: Float.self) { _ in throw Refusal() }
}

func widths<T: TensorElement>(_ type: T.Type) -> (ElementType, Int) { (T.elementType, T.storage.elementType.byteWidth) }

func viewed(_ elements: UnsafeMutableBufferPointer<Float>) throws(OnyxError) -> Tensor {
  try unsafe Tensor(viewing: UnsafeBufferPointer(elements), shape: Shape([elements.count])) {
    [address = UInt(bitPattern: elements.baseAddress)] in
    unsafe UnsafeMutablePointer<Float>(bitPattern: address)?.deallocate()
  }
}

func classified(_ logits: Tensor) throws(OnyxError) -> (Int, Float?) {
  let shares = try logits.converted(to: .float32).softmax(axis: -1)
  let best = try shares.topK(1).indices
  let rows = try Tensor([[1, 2], [3, 4]] as [[Float]])
  guard try rows.slice(at: 0) == Tensor([1, 2] as [Float]) else { return (0, nil) }
  return (try shares.argmax(), rows[1, Int(best[0, 0, as: Int64.self] ?? 0), as: Float.self])
}
