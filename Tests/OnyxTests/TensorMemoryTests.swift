import Foundation
import Onyx
import OnyxTestSupport
import Testing

/// Inputs that lie where nothing but their own element type is aligned give the bits of a copy, on every instruction set.
@Suite struct TensorMemoryTests {
  private func session(_ bytes: [UInt8], _ isa: SessionOptions.InstructionSet) throws -> Session {
    var options = SessionOptions(threads: 2)
    options.instructionSet = isa
    return try Session(bytes: bytes, options: options)
  }

  @Test(arguments: instructionSets) func slicesAreInputs(_ isa: SessionOptions.InstructionSet) throws {
    let session = try session(SmallModel.products(3), isa)
    let whole = try Tensor.random(.float32, [3, 5, 5], seed: 21)
    for index in 0..<3 {
      let slice = try whole.slice(at: index)
      let copy = try Tensor(slice.elements(as: Float.self), shape: slice.shape)
      #expect(try bits(session.run(["x": slice])) == bits(session.run(["x": copy])))
    }
  }

  @Test(arguments: instructionSets) func foreignMemoryIsAnInput(_ isa: SessionOptions.InstructionSet) throws {
    let bytes = [UInt8](try Data(contentsOf: SessionTests.digits.url.appending(path: "model.onnx")))
    let session = try session(bytes, isa)
    let count = 28 * 28
    let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: count + 1)
    defer { unsafe memory.deallocate() }
    let pixels = try Tensor.random(.float32, [count + 1], in: 0...1, seed: 22).elements(as: Float.self)
    _ = unsafe memory.initialize(from: pixels)
    let image = try unsafe Tensor(viewing: UnsafeBufferPointer(rebasing: memory[1...]), shape: [1, 1, 28, 28]) {}
    let copy = try Tensor(Array(pixels[1...]), shape: [1, 1, 28, 28])
    #expect(try bits(session.run(["image": image])) == bits(session.run(["image": copy])))
  }
}

@Suite struct LocalizedErrorTests {
  @Test func foundationShowsTheReason() throws {
    let error: any Error = OnyxError(.usage, "The input 'x' is missing.", remedy: "Give it.")
    #expect(error.localizedDescription == "The input 'x' is missing.\n  Give it.")
    let localized = try #require(error as? any LocalizedError)
    #expect(localized.failureReason == "The input 'x' is missing." && localized.recoverySuggestion == "Give it.")
  }
}
