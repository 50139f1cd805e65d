import OnyxTestSupport
import OnyxTesting
import Synchronization
import Testing

/// Failures as Swift Testing reports them.
@Suite struct SwiftTestingTests {
  /// The messages that a body records, each with the line it was recorded for.
  private func issues(_ body: () throws -> Void) throws -> [(message: String, line: Int?)] {
    let found = Mutex<[(message: String, line: Int?)]>([])
    try withKnownIssue {
      try body()
    } matching: { issue in
      found.withLock { $0.append((issue.comments.map(\.rawValue).joined(), issue.sourceLocation?.line)) }
      return true
    }
    return found.withLock { $0 }
  }

  @Test func whatHoldsRecordsNothing() throws {
    let x = try Tensor([1, 2] as [Float])
    #expect(expectClose(x, x) && expectClose(["x": x, "more": x], ["x": x]))
    #expect(expectSupported(try Model(bytes: TestedModel.root)))
    let folder = try TestedModel.rootCase(expecting: [2, 3])
    withExtendedLifetime(folder) { #expect(expectCase(folder.path)) }
  }

  @Test func tensors() throws {
    let (a, b) = (try Tensor([[1, 2], [3, 5]] as [[Float]]), try Tensor([[1, 2], [3, 4]] as [[Float]]))
    let found = try issues { #expect(!expectClose(a, b)) }
    #expect(
      found.map(\.message) == ["1 of 4 elements differ, the first at [1,1]: 5.0, expected 4.0; the largest difference is 1.0 at [1,1]"])
    #expect(found.map(\.line) == [#line - 3])
  }

  @Test func results() throws {
    let (x, y) = (try Tensor([1] as [Float]), try Tensor([1] as [Double]))
    let found = try issues { #expect(!expectClose(["a": x, "b": x, "more": y], ["a": y, "b": x, "c": y])) }
    #expect(found.map(\.message) == ["'a': the tensor is float32[1], expected float64[1]\n'c' is missing, expected float64[1]"])
  }

  @Test func operators() throws {
    let model = try Model(bytes: TestedModel.mystery)
    let found = try issues { #expect(!expectSupported(model)) }
    #expect(
      found.map(\.message) == [
        """
        Onyx cannot run 4 nodes:
          b (com.example.Mystery, opset 1): not implemented
          inside (com.example.Mystery, opset 1): not implemented
          inside (com.example.Mystery, opset 1): not implemented
          last (com.example.Riddle, opset 1): not implemented
        """
      ])
  }

  @Test func cases() throws {
    let folder = try TestedModel.rootCase(expecting: [2, 3.5])
    try withExtendedLifetime(folder) {
      let found = try issues { #expect(!expectCase(folder.path)) }
      let message = try #require(found.first?.message)
      #expect(found.count == 1 && message.hasPrefix("The case '") && message.contains("Output 'y' of "))
      #expect(message.contains("1 of 2 elements differ, the first at [1]: 3.0, expected 3.5") && message.contains("at node root (Sqrt)"))
      #expect(expectCase(folder.path, rtol: 0.2) && expectCase(folder.path, rtol: 0, atol: 0.5))
      #expect(try issues { expectCase(folder.path, rtol: 0, atol: 0.49) }.count == 1)
      #expect(try issues { expectCase(folder.path("none")) }.map(\.message).first?.contains("There is no directory") == true)
      #expect(try issues { expectCase(folder.path("test_data_set_0")) }.map(\.message).first?.contains("holds no test case") == true)
    }
  }
}
