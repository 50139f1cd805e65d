import OnyxTensor
import OnyxTestSupport
import Testing

struct TensorTests {
  @Test func holdsItsElements() throws {
    let tensor = try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    #expect(tensor.elementType == .float32 && tensor.shape == [2, 3] && tensor.byteCount == 24)
    #expect(tensor.typeDescription == "float32[2,3]")
    #expect(try tensor.elements(as: Float.self) == [1, 2, 3, 4, 5, 6])
    #expect(try tensor.withElements(of: Float.self) { $0[5] } == 6)
    #expect(try Tensor(scalar: Int8(-1)).typeDescription == "int8[]")
    #expect(try Tensor([3, 4]).typeDescription == "int64[2]")
  }

  @Test func emptyTensors() throws {
    let tensor = try Tensor([] as [Double], shape: [3, 0])
    #expect(try tensor.elements(as: Double.self) == [])
    #expect(try tensor.doubles() == [] && tensor.byteCount == 0)
    #expect(try tensor.reshaped(to: [0]).shape == [0])
  }

  @Test func checksItsElementCount() {
    let error = #expect(throws: OnyxError.self) { try Tensor([1, 2] as [Float], shape: [3]) }
    #expect(error?.code == .usage)
    #expect(throws: OnyxError.self) { try Tensor(["a"], shape: [2]) }
    #expect(throws: OnyxError.self) { try Tensor([Float(1)], shape: [1]).reshaped(to: [2]) }
  }

  @Test func isReadAsItsOwnTypeOnly() throws {
    let tensor = try Tensor([1] as [Int32], shape: [1])
    #expect(throws: OnyxError.self) { try tensor.elements(as: UInt32.self) }
    #expect(throws: OnyxError.self) { try tensor.strings() }
    #expect(throws: OnyxError.self) { try tensor.booleans() }
    let error = #expect(throws: OnyxError.self) { try Tensor(["a"], shape: [1]).elements(as: Float.self) }
    #expect(error?.reason == "A tensor of string was read as float32.")
  }

  @Test func strings() throws {
    let tensor = try Tensor(["é", ""], shape: [2])
    #expect(try tensor.strings() == ["é", ""])
    #expect(tensor.byteCount == 2)
    #expect(try tensor.reshaped(to: [1, 2]).strings() == ["é", ""])
    #expect(throws: OnyxError.self) { try tensor.doubles() }
    #expect(throws: OnyxError.self) { try tensor.integers() }
  }

  /// More than any machine has: refused before anything is allocated.
  @Test func refusesWhatCannotBeAllocated() throws {
    let error = #expect(throws: OnyxError.self) { try Tensor(of: UInt8.self, shape: Shape([1 << 60])) { _ in } }
    #expect(error?.code == .budgetExceeded)
    #expect(throws: OnyxError.self) { try Tensor(of: Double.self, shape: Shape([1 << 61])) { _ in } }
  }

  @Test func bigBuffersAreZeroedAndAligned() throws {
    let tensor = try Tensor(of: Int16.self, shape: [1000]) { $0[3] = 7 }
    var expected = [Int16](repeating: 0, count: 1000)
    expected[3] = 7
    #expect(try tensor.elements(as: Int16.self) == expected)
    for count in [1, 3, 65] {
      let buffer = try Buffer(byteCount: count)
      #expect(unsafe UInt(bitPattern: buffer.pointer) % UInt(Buffer.alignment) == 0)
    }
  }

  @Test func viewsKeepTheirOwnerAlive() throws {
    let owner = try Buffer(byteCount: 16)
    unsafe owner.pointer.storeBytes(of: 42, toByteOffset: 8, as: Int64.self)
    weak let weakOwner = owner
    func view(_ owner: consuming Buffer) -> Tensor {
      let bytes = unsafe UnsafeRawBufferPointer(start: owner.pointer, count: owner.byteCount)
      return Tensor(elementType: .int64, shape: [1], storage: .bytes(unsafe Buffer(viewing: bytes, owner: owner), offset: 8))
    }
    let tensor = view(owner)
    #expect(weakOwner != nil)
    #expect(try tensor.elements(as: Int64.self) == [42])
  }
}

struct TensorDomainTests {
  @Test func doubles() throws {
    #expect(try Tensor([UInt64.max, 1], shape: [2]).doubles() == [0x1p64, 1])
    #expect(try Tensor([Int64.min], shape: [1]).doubles() == [-0x1p63])
    #expect(try Tensor([true, false], shape: [2]).doubles() == [1, 0])
    #expect(try Tensor([Float16(0.1)], shape: [1]).doubles() == [0.0999755859375])
    #expect(try Tensor([BFloat16(0.1)], shape: [1]).doubles() == [0.10009765625])
  }

  @Test func integers() throws {
    #expect(try Tensor([UInt64.max], shape: [1]).integers() == [-1])
    #expect(throws: OnyxError.self) { try Tensor([UInt64.max], shape: [1]).ints() }
    #expect(try Tensor([UInt64(5)], shape: [1]).ints() == [5])
    #expect(throws: OnyxError.self) { try Tensor([Float(1)], shape: [1]).integers() }
    #expect(try Tensor(integral: [200, -129, 0x1_0000_0007], as: .int8, shape: [3]).elements(as: Int8.self) == [-56, 127, 7])
    #expect(try Tensor(integral: [-1], as: .uint64, shape: [1]).elements(as: UInt64.self) == [.max])
    #expect(try Tensor(integral: [-1, 17], as: .uint4, shape: [2]).integers() == [15, 1])
  }

  @Test func complexes() throws {
    let values = [Complex128(1, 2), Complex128(.infinity, -0.0)]
    #expect(try Tensor(complex: values, as: .complex128, shape: [2]).complexes() == values)
    #expect(
      try Tensor(complex: [Complex128(0.1, 1e300)], as: .complex64, shape: [1]).elements(as: Complex64.self) == [Complex64(0.1, .infinity)])
    #expect(try Tensor([Int8(3)], shape: [1]).complexes() == [Complex128(3, 0)])
    #expect(throws: OnyxError.self) { try Tensor(complex: values, as: .complex64, shape: [2]).doubles() }
  }

  @Test func wrongDomainsAreOurBugs() {
    #expect(throws: OnyxError.self) { try Tensor(floating: [1], as: .int8, shape: [1]) }
    #expect(throws: OnyxError.self) { try Tensor(integral: [1], as: .string, shape: [1]) }
  }

  @Test(arguments: ElementType.allCases.filter { $0.domain != .string })
  func everyDomainComesBack(_ type: ElementType) throws {
    let tensor = try Tensor.random(type, [4, 5], in: -9...9, seed: 11)
    let copy: Tensor
    switch type.domain {
    case .complex: copy = try Tensor(complex: tensor.complexes(), as: type, shape: tensor.shape)
    case .floating: copy = try Tensor(floating: tensor.doubles(), as: type, shape: tensor.shape)
    default: copy = try Tensor(integral: tensor.integers(), as: type, shape: tensor.shape)
    }
    #expect(allClose(copy, tensor, rtol: 0, atol: 0) == nil)
  }
}

struct TensorMovementTests {
  @Test(arguments: ElementType.allCases)
  func gathersAndJoins(_ type: ElementType) throws {
    let a = try Tensor.random(type, [2, 3], in: 0...3, seed: 1)
    let b = try Tensor.random(type, [4], in: 0...3, seed: 2)
    let joined = try Tensor.joined([a, try a.gathering([], shape: [0]), b])
    #expect(joined.shape == [10] && joined.elementType == type)
    #expect(allClose(try joined.gathering(Array(0..<6), shape: [2, 3]), a, rtol: 0, atol: 0) == nil)
    #expect(allClose(try joined.gathering(Array(6..<10), shape: [4]), b, rtol: 0, atol: 0) == nil)
    let reversed = try a.gathering([5, 4, 3, 2, 1, 0], shape: [6])
    #expect(allClose(try reversed.gathering([5, 4, 3, 2, 1, 0], shape: [2, 3]), a, rtol: 0, atol: 0) == nil)
  }

  @Test func movesTheRightElements() throws {
    let tensor = try Tensor([10, 20, 30])
    #expect(try tensor.gathering([2, 0, 2, 1], shape: [2, 2]).integers() == [30, 10, 30, 20])
    #expect(try Tensor(["a", "b"], shape: [2]).gathering([1, 1], shape: [2]).strings() == ["b", "b"])
  }

  /// Pieces that together are the result; -1 is the filling.
  @Test func movesPieceByPiece() throws {
    let tensor = try Tensor([10, 20, 30])
    let filled = try tensor.gathering(shape: [2, 2], fill: try Tensor([7])) { (take) throws(OnyxError) in
      try take([2, -1])
      try take([])
      try take([0, 1])
    }
    #expect(try filled.integers() == [30, 7, 10, 20])
    let text = try Tensor(["a", "b"], shape: [2]).gathering(shape: [2], fill: try Tensor(["-"], shape: [1])) { (take) throws(OnyxError) in
      try take([-1, 1])
    }
    #expect(try text.strings() == ["-", "b"])
    for pieces in [[[0], [1, 2]], [[0]], [[0, -1]], [[0, 3]]] {
      #expect(throws: OnyxError.self) {
        try tensor.gathering(shape: [2]) { (take) throws(OnyxError) in for piece in pieces { try take(piece) } }
      }
    }
  }

  @Test(arguments: [([3], [1]), ([-1], [1]), ([0, 1], [3]), ([.max], [1])] as [([Int], [Int])])
  func checksItsIndices(_ indices: [Int], _ shape: [Int]) throws {
    let tensor = try Tensor([10, 20, 30])
    let error = #expect(throws: OnyxError.self) { try tensor.gathering(indices, shape: Shape(shape)) }
    #expect(error?.code == .internalBug)
  }

  @Test func joinsOneTypeOnly() throws {
    #expect(throws: OnyxError.self) { try Tensor.joined([Tensor([1]), Tensor(scalar: Float(1))]) }
    #expect(throws: OnyxError.self) { try Tensor.joined([]) }
  }
}

struct OnyxErrorTests {
  @Test func saysWhereAndWhat() {
    let error = OnyxError.invalid("The shapes differ.", remedy: "Export again.")
      .at(node: "a (Add)", inputTypes: ["float32[2]", "float32[3]"]).at(node: "loop (Loop)", inputTypes: ["bool[]"])
    #expect(error.trail == ["a (Add)", "loop (Loop)"])
    #expect(error.inputTypes == ["float32[2]", "float32[3]"])
    #expect(
      error.description == """
        The shapes differ.
          at node a (Add)
          inside loop (Loop)
          inputs float32[2], float32[3]
          Export again.
        """)
  }

  @Test func exitCodes() {
    let codes: [OnyxError.Code] = [.usage, .invalidModel, .missingFile, .unsupported, .internalBug, .budgetExceeded]
    #expect(codes.map(\.exitCode) == [64, 65, 66, 69, 70, 75])
    #expect(codes.map(\.description) == ["usage", "invalidModel", "missingFile", "unsupported", "internalBug", "budgetExceeded"])
    #expect(OnyxError.bug("x").remedy != nil)
  }
}

@Suite struct MemoryLimitTests {
  /// A size that no machine has ends in an error before memory is asked for.
  @Test func largestBufferIsBelowTheMachinesMemory() {
    #expect(Buffer.largestByteCount > 1 << 20)
    #expect(ControlGroup.memoryLimit.map { Buffer.largestByteCount <= $0 / 2 } ?? true)
    for size in [Buffer.largestByteCount + 1, .max, -1] {
      let error = #expect(throws: OnyxError.self) { try Buffer(byteCount: size) }
      #expect(error?.code == .budgetExceeded)
    }
  }
}
