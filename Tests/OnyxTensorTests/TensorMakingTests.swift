import OnyxTensor
import OnyxTestSupport
import Synchronization
import Testing

struct TensorMakingTests {
  private struct Refusal: Error, Equatable {}

  @Test func nestedArrays() throws {
    let rows = try Tensor([[1, 2, 3], [4, 5, 6]] as [[Float]])
    #expect(rows.typeDescription == "float32[2,3]")
    #expect(try rows.elements(as: Float.self) == [1, 2, 3, 4, 5, 6])
    let planes = try Tensor([[[1], [2]], [[3], [4]], [[5], [6]]] as [[[Int8]]])
    #expect(planes.shape == [3, 2, 1])
    #expect(try planes.elements(as: Int8.self) == [1, 2, 3, 4, 5, 6])
    let batch = try Tensor([[[[true, false]]], [[[false, true]]]])
    #expect(batch.typeDescription == "bool[2,1,1,2]")
    #expect(try batch.elements(as: Bool.self) == [true, false, false, true])
  }

  @Test func nestedArraysWithoutElements() throws {
    #expect(try Tensor([] as [[Float]]).shape == [0, 0])
    #expect(try Tensor([[], []] as [[Float]]).shape == [2, 0])
    #expect(try Tensor([] as [[[Float]]]).shape == [0, 0, 0])
    #expect(try Tensor([[]] as [[[[Float]]]]).shape == [1, 0, 0, 0])
  }

  @Test func raggedArraysAreRefused() {
    let error = #expect(throws: OnyxError.self) { try Tensor([[1, 2], [3]] as [[Float]]) }
    #expect(error?.code == .usage)
    #expect(error?.reason == "The nested array is ragged: a row of 2 elements stands beside row 1 of 1.")
    #expect(throws: OnyxError.self) { try Tensor([[[1], [2]], [[3]]] as [[[Float]]]) }
    #expect(throws: OnyxError.self) { try Tensor([[[1], [2, 3]]] as [[[Float]]]) }
    #expect(throws: OnyxError.self) { try Tensor([[[[1]]], [[[1]], [[1]]]] as [[[[Float]]]]) }
  }

  @Test func flatArraysHaveRankOne() throws {
    #expect(try Tensor([1.5, 2] as [Float16]).typeDescription == "float16[2]")
    #expect(try Tensor([true]).typeDescription == "bool[1]")
    #expect(try Tensor(["a", "b"]).typeDescription == "string[2]")
    #expect(try Tensor([1, 2]).typeDescription == "int64[2]")
    #expect(try Tensor(scalar: "a").strings() == ["a"])
  }

  @Test(arguments: ElementType.allCases) func zerosOfEveryType(_ type: ElementType) throws {
    let tensor = try Tensor.zeros(type, shape: [2, 3])
    #expect(tensor.elementType == type && tensor.shape == [2, 3])
    if type == .string { #expect(try tensor.strings() == [String](repeating: "", count: 6)) }
    let isZero = unsafe tensor.withBytes { bytes in unsafe bytes.allSatisfy { $0 == 0 } }
    #expect(isZero)
  }

  @Test(arguments: [ElementType.float32, .string, .uint8]) func zerosNeedMemory(_ type: ElementType) {
    let error = #expect(throws: OnyxError.self) { try Tensor.zeros(type, shape: Shape([1 << 60])) }
    #expect(error?.code == .budgetExceeded)
  }

  @Test func filledTensors() throws {
    #expect(try Tensor.filled(with: Float16(0.5), shape: [2, 2]).elements(as: Float16.self) == [0.5, 0.5, 0.5, 0.5])
    #expect(try Tensor.filled(with: true, shape: [0]).elementCount == 0)
    #expect(try Tensor.filled(with: Int64(-1), shape: .scalar).integers() == [-1])
  }

  @Test func elementsAreWrittenInPlace() throws {
    let tensor = try Tensor(shape: [2, 2], of: Int32.self) { elements in
      #expect(elements.count == 4)
      elements[3] = 9
    }
    #expect(try tensor.elements(as: Int32.self) == [0, 0, 0, 9])
    #expect(throws: Refusal()) { try Tensor(shape: [1], of: Float.self) { _ in throw Refusal() } }
    let error = #expect(throws: OnyxError.self) {
      try Tensor(shape: [1], of: Float.self) { (_) throws(OnyxError) in throw OnyxError(.usage, "Not so.") }
    }
    #expect(error?.reason == "Not so.")
    #expect(throws: OnyxError.self) { try Tensor(shape: Shape([1 << 60]), of: Float.self) { _ in } }
  }

  /// A byte that is no bool, written past the type, is true.
  @Test func boolsAreZeroOrOne() throws {
    let tensor = try Tensor(shape: [3], of: Bool.self) { elements in
      var bytes = unsafe elements.mutableBytes
      bytes.storeBytes(of: 0xFE, toByteOffset: 1, as: UInt8.self)
    }
    let stored = unsafe tensor.withBytes { unsafe [UInt8]($0) }
    #expect(stored == [0, 1, 0])
    #expect(try tensor.elements(as: Bool.self) == [false, true, false])
  }
}

struct ForeignMemoryTests {
  /// Memory of the test's own, and how often it was given back.
  private func withMemory(
    _ elements: [Float], _ body: (UnsafeBufferPointer<Float>, @escaping @Sendable () -> Void, () -> Int) throws -> Void
  ) throws {
    let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: elements.count)
    defer { unsafe memory.deallocate() }
    _ = unsafe memory.initialize(from: elements)
    let count = Counter()
    try unsafe body(UnsafeBufferPointer(memory), { count.value.add(1, ordering: .relaxed) }, { count.value.load(ordering: .relaxed) })
  }

  private final class Counter: Sendable {
    let value = Atomic(0)
  }

  @Test func isReadWhereItIs() throws {
    try unsafe withMemory([1, 2, 3, 4]) { elements, give, given in
      var tensor: Tensor? = try unsafe Tensor(viewing: elements, shape: [2, 2], deallocator: give)
      let address = unsafe tensor?.withBytes { UInt(bitPattern: $0.baseAddress) }
      let source = UInt(bitPattern: elements.baseAddress)
      #expect(address == source)
      var row: Tensor? = try tensor?.slice(at: 1)
      tensor = nil
      #expect(given() == 0)
      #expect(try row?.elements(as: Float.self) == [3, 4])
      row = nil
      #expect(given() == 1)
    }
  }

  @Test func staysWithTheCallerWhenRefused() throws {
    try unsafe withMemory([1, 2, 3, 4]) { elements, give, given in
      let error = #expect(throws: OnyxError.self) { try unsafe Tensor(viewing: elements, shape: [5], deallocator: give) }
      #expect(error?.code == .usage)
      let start = unsafe UnsafePointer<Float>(bitPattern: UInt(bitPattern: elements.baseAddress) + 2)
      let shifted = unsafe UnsafeBufferPointer(start: start, count: 3)
      let misaligned = #expect(throws: OnyxError.self) { try unsafe Tensor(viewing: shifted, shape: [3], deallocator: give) }
      #expect(misaligned?.reason == "The memory is not aligned for float32.")
      #expect(given() == 0)
    }
  }

  @Test func hasNoInvalidBools() throws {
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 2)
    defer { unsafe bytes.deallocate() }
    _ = unsafe bytes.initialize(from: [1, 2])
    unsafe UnsafeRawPointer(bytes.baseAddress!).withMemoryRebound(to: Bool.self, capacity: 2) { start in
      let two = unsafe UnsafeBufferPointer(start: start, count: 2)
      #expect(throws: OnyxError.self) { try unsafe Tensor(viewing: two, shape: [2]) {} }
      let one = unsafe UnsafeBufferPointer(start: start, count: 1)
      #expect(throws: Never.self) { try unsafe Tensor(viewing: one, shape: [1]) {} }
    }
  }

  @Test func mayBeEmpty() throws {
    let count = Counter()
    do {
      let tensor = try unsafe Tensor(viewing: UnsafeBufferPointer<Double>(start: nil, count: 0), shape: [0, 3]) {
        count.value.add(1, ordering: .relaxed)
      }
      #expect(try tensor.elements(as: Double.self) == [])
    }
    #expect(count.value.load(ordering: .relaxed) == 1)
  }
}
