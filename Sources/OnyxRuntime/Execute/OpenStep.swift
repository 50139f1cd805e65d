import OnyxKernels
import OnyxTensor
import OnyxThreads

/// What an execution keeps of a step whose types show only in the run: the element types that agree with its signature, and the kernel
/// that takes any extents, where there is one.
///
/// SAFETY: it belongs to one execution, which one run at a time owns; `addresses` are written and read within one call.
@safe final class OpenStep {
  private let elements: [ElementType?]
  private let kernel: OpenKernel?
  private let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private let inputs, outputs: [Int]

  init(_ tensors: [Tensor?], _ kernel: OpenKernel?) {
    elements = tensors.map { $0?.elementType }
    self.kernel = kernel
    inputs = tensors.indices.map { tensors[$0] == nil ? -1 : $0 }
    outputs = [tensors.count]
    unsafe addresses = .allocate(capacity: tensors.count + 1)
    unsafe addresses.initialize(repeating: nil, count: tensors.count + 1)
  }

  deinit { unsafe addresses.deallocate() }

  /// The row that the kernel stands for.
  var name: String? { kernel?.name }

  func matches(_ tensors: [Tensor?]) -> Bool {
    guard elements.count == tensors.count else { return false }
    for index in elements.indices where elements[index] != tensors[index]?.elementType { return false }
    return true
  }

  /// The result for inputs that `matches` agreed to; nil when there is no kernel for any extents, or none for these. `admit` is asked for
  /// the bytes that it takes.
  func run(_ tensors: [Tensor?], _ pool: ThreadPool, admit: (Int) throws(OnyxError) -> Void) throws(OnyxError) -> Tensor? {
    // Rows walk the axes of what has no elements, and these can be out of proportion.
    guard let kernel, tensors.allSatisfy({ $0?.elementCount != 0 }) else { return nil }
    guard let bound = try kernel.bind(tensors), case .run(let body) = bound.kernel.action else { return nil }
    let byteCount = try TensorType(kernel.elementType, bound.shape).byteCount()
    let (total, overflow) = byteCount.addingReportingOverflow(bound.kernel.byteCount)
    try admit(overflow ? .max : total)
    let buffer = try Buffer(uninitializedByteCount: byteCount)
    for index in tensors.indices {
      unsafe addresses[index] = nil
      if case .bytes(let memory, let offset)? = tensors[index]?.storage { unsafe addresses[index] = memory.pointer + offset }
    }
    unsafe addresses[tensors.count] = buffer.pointer
    let scratch = try bound.kernel.scratchByteCount > 0 ? Buffer(uninitializedByteCount: bound.kernel.scratchByteCount) : nil
    // SAFETY: the tensors and both buffers live until the call is over; `bind` saw the shapes that they have.
    try unsafe body(
      KernelCall(
        pointers: UnsafePointer(addresses), inputs: inputs, outputs: outputs, scratch: scratch?.pointer ?? buffer.pointer, pool: pool))
    withExtendedLifetime((tensors, scratch)) {}
    return Tensor(elementType: kernel.elementType, shape: bound.shape, storage: .bytes(buffer, offset: 0))
  }
}
