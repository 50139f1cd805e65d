import OnyxTensor
import OnyxTestSupport
import Testing

struct TensorAccessTests {
  private struct Refusal: Error, Equatable {}

  private func counted() throws -> Tensor { try Tensor((0..<24).map(Float.init), shape: [2, 3, 4]) }

  /// Row-major: element (i, j, k) of [2,3,4] is 12 i + 4 j + k.
  @Test func elementsAreFoundByIndex() throws {
    let tensor = try counted()
    #expect(try tensor.element(at: [1, 2, 3], as: Float.self) == 23)
    #expect(try tensor.element(at: [1, 0, 2], as: Float.self) == 14)
    #expect(tensor[0, 1, 1, as: Float.self] == 5)
    #expect(try Tensor(scalar: Int8(-5)).element(at: [], as: Int8.self) == -5)
    #expect(try Tensor([true, false])[1, as: Bool.self] == false)
  }

  @Test(arguments: [[2, 0, 0], [0, 3, 0], [0, 0, 4], [-1, 0, 0], [.max, 0, 0], [0, .min, 0], [0, 0], [], [0, 0, 0, 0]])
  func noElementLiesOutside(_ index: [Int]) throws {
    let tensor = try counted()
    let error = #expect(throws: OnyxError.self) { try tensor.element(at: index, as: Float.self) }
    #expect(error?.code == .usage)
  }

  @Test func subscriptsOfNoElementAreNil() throws {
    let tensor = try counted()
    #expect(tensor[2, 0, 0, as: Float.self] == nil && tensor[0, 0, as: Float.self] == nil)
    #expect(tensor[0, 0, 0, as: Double.self] == nil && tensor[0, 0, 0, as: Int32.self] == nil)
    #expect(try Tensor(["a"])[0, as: UInt8.self] == nil)
    #expect(try Tensor([] as [Float])[0, as: Float.self] == nil)
    let error = #expect(throws: OnyxError.self) { try tensor.element(at: [0, 0, 0], as: Double.self) }
    #expect(error?.reason == "A tensor of float32 was read as float64.")
  }

  @Test func slicesShareMemory() throws {
    let tensor = try counted()
    let second = try tensor.slice(at: 1)
    #expect(second.shape == [3, 4])
    #expect(try second.elements(as: Float.self) == (12..<24).map(Float.init))
    #expect(try second.slice(at: 2).slice(at: 3).elements(as: Float.self) == [23])
    func address(_ tensor: Tensor) -> UInt {
      unsafe tensor.withBytes { UInt(bitPattern: $0.baseAddress) }
    }
    #expect(address(second) == address(tensor) + 48)
  }

  @Test func slicesOutliveTheWhole() throws {
    func row() throws -> Tensor { try counted().slice(at: 1) }
    #expect(try row()[0, 0, as: Float.self] == 12)
  }

  @Test(arguments: ElementType.allCases) func slicesOfEveryTypeAreItsRows(_ type: ElementType) throws {
    let tensor = try Tensor.random(type, [3, 2], in: 0...3, seed: 3)
    for row in 0..<3 { #expect(try tensor.slice(at: row).hasEqualBits(to: tensor.gathering([2 * row, 2 * row + 1], shape: [2]))) }
  }

  @Test func slicesOfEmptyTensors() throws {
    #expect(try Tensor.zeros(.int32, shape: [2, 0]).slice(at: 1).shape == [0])
    #expect(throws: OnyxError.self) { try Tensor.zeros(.int32, shape: [0, 2]).slice(at: 0) }
  }

  @Test(arguments: [-1, 2, .max, .min]) func slicesLieInside(_ index: Int) throws {
    let tensor = try counted()
    let error = #expect(throws: OnyxError.self) { try tensor.slice(at: index) }
    #expect(error?.code == .usage && error?.remedy == "Valid indices are 0 … 1.")
    #expect(throws: OnyxError.self) { try Tensor(scalar: Float(1)).slice(at: 0) }
  }

  @Test func closuresOverElementsMayThrow() throws {
    let tensor = try counted()
    #expect(throws: Refusal()) { try tensor.withElements(of: Float.self) { _ in throw Refusal() } }
    func typed() throws(OnyxError) -> Float {
      try tensor.withElements(of: Float.self) { (elements) throws(OnyxError) in
        guard elements.count == 24 else { throw OnyxError(.usage, "There are \(elements.count).") }
        return elements[7]
      }
    }
    #expect(try typed() == 7)
    let error = #expect(throws: OnyxError.self) {
      try tensor.withElements(of: Float.self) { (_) throws(OnyxError) in throw OnyxError(.usage, "Enough.") }
    }
    #expect(error?.reason == "Enough.")
    #expect(throws: OnyxError.self) { try tensor.withElements(of: Int8.self) { _ in throw Refusal() } }
  }
}
