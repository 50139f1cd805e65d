import OnyxGraph
import OnyxTensor
import OnyxThreads

/// A kernel bound to one node of a plan: shapes, strides and packed weights are already inside.
package struct PreparedKernel: Sendable {
  package typealias Body = @Sendable (borrowing KernelCall) throws(OnyxError) -> Void

  /// Makes the outputs of a kernel whose sizes show only while it runs.
  package typealias Maker = @Sendable (borrowing KernelCall) throws(OnyxError) -> [Tensor]

  package enum Action: Sendable {
    case run(Body)
    case make(Maker)
    /// Output 0 is the same memory as this input; nothing runs.
    case view(of: Int)
  }

  package let action: Action
  /// Temporary memory that the kernel needs while it runs.
  package let scratchByteCount: Int
  /// Memory beside scratch that it borrows from the pool's workspace while it runs, on all threads together. Tiles of a bounded size do
  /// not count.
  package let borrowedByteCount: Int
  /// Memory of the tables that it keeps from plan to run.
  package let tableByteCount: Int
  /// Inputs whose memory output 0 may take over when nobody else reads them: the kernel reads element i of them no later
  /// than it writes element i of the output.
  package let inPlaceInputs: [Int]
  /// Constant inputs that the kernel has taken into itself and does not read from memory: their pages are never touched
  /// again, unless another step reads them.
  package let absorbedInputs: [Int]

  package init(
    scratchByteCount: Int = 0, borrowedByteCount: Int = 0, tableByteCount: Int = 0, inPlaceInputs: [Int] = [], absorbedInputs: [Int] = [],
    _ body: @escaping Body
  ) {
    self.action = .run(body)
    self.scratchByteCount = scratchByteCount
    self.borrowedByteCount = borrowedByteCount
    self.tableByteCount = tableByteCount
    self.inPlaceInputs = inPlaceInputs
    self.absorbedInputs = absorbedInputs
  }

  /// A kernel that makes its outputs itself; the call has no memory for them.
  package static func make(scratchByteCount: Int = 0, borrowedByteCount: Int = 0, _ maker: @escaping Maker) -> PreparedKernel {
    PreparedKernel(.make(maker), scratchByteCount: scratchByteCount, borrowedByteCount: borrowedByteCount)
  }

  package static func view(of input: Int) -> PreparedKernel { PreparedKernel(.view(of: input)) }

  /// Bytes that the kernel takes beside inputs and outputs while it runs.
  package var byteCount: Int {
    let (sum, overflow) = scratchByteCount.addingReportingOverflow(borrowedByteCount)
    let (total, isLarger) = sum.addingReportingOverflow(tableByteCount)
    return overflow || isLarger ? .max : total
  }

  private init(_ action: Action, scratchByteCount: Int = 0, borrowedByteCount: Int = 0) {
    self.action = action
    (self.scratchByteCount, self.borrowedByteCount, tableByteCount) = (scratchByteCount, borrowedByteCount, 0)
    inPlaceInputs = []
    absorbedInputs = []
  }
}

/// What a kernel sees while it runs: the memory of its inputs and outputs.
///
/// SAFETY: the planner gave every pointer at least the bytes of the type in the `KernelQuery` that made the kernel, aligned
/// for its elements; outputs overlap no input except as `inPlaceInputs` allows. A row takes counts, strides and sizes from that
/// query, so what its kernel reads and writes stays inside.
@safe package struct KernelCall: ~Copyable {
  let pointers: UnsafePointer<UnsafeMutableRawPointer?>
  let inputs: [Int]
  let outputs: [Int]
  package let scratch: UnsafeMutableRawPointer
  package let pool: ThreadPool

  /// `inputs` and `outputs` are positions in `pointers`; -1 stands for an omitted input.
  package init(
    pointers: UnsafePointer<UnsafeMutableRawPointer?>, inputs: [Int], outputs: [Int], scratch: UnsafeMutableRawPointer, pool: ThreadPool
  ) {
    unsafe self.pointers = pointers
    self.inputs = inputs
    self.outputs = outputs
    unsafe self.scratch = scratch
    self.pool = pool
  }

  /// The elements of input `index`; nil when the input is omitted.
  package func optionalInput<T>(_ index: Int, as type: T.Type = T.self) -> UnsafePointer<T>? {
    guard inputs.indices.contains(index), inputs[index] >= 0 else { return nil }
    return unsafe UnsafePointer(pointers[inputs[index]]?.assumingMemoryBound(to: T.self))
  }

  /// The elements of an input that the kernel's query had.
  package func input<T>(_ index: Int, as type: T.Type = T.self) -> UnsafePointer<T> {
    guard let pointer = unsafe optionalInput(index, as: type) else { preconditionFailure("A kernel read an input that its query lacked.") }
    return unsafe pointer
  }

  package func output<T>(_ index: Int = 0, as type: T.Type = T.self) -> UnsafeMutablePointer<T> {
    guard let pointer = unsafe pointers[outputs[index]] else { preconditionFailure("A kernel wrote an output that its query lacked.") }
    return unsafe pointer.assumingMemoryBound(to: T.self)
  }
}
