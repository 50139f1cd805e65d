import OnyxGraph
import OnyxOperators
import OnyxTensor
import Testing

/// DepthToSpace and SpaceToDepth. Expected elements: the ONNX reference evaluator 1.23.2.
struct DepthToSpaceTests {
  static let moves: [MovedCase] = [
    MovedCase(
      "DepthToSpace", [1, 8, 1, 2], [], ["blocksize": .int(2)],
      gives: ([1, 2, 2, 4], [0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15])),
    MovedCase(
      "DepthToSpace", [1, 8, 1, 2], [], ["blocksize": .int(2), "mode": .text("CRD")],
      gives: ([1, 2, 2, 4], [0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15])),
    MovedCase("DepthToSpace", [2, 2, 1, 2], [], ["blocksize": .int(1)], gives: ([2, 2, 1, 2], Array(0..<8))),
    MovedCase("DepthToSpace", [1, 9, 1, 1], [], ["blocksize": .int(3), "mode": .text("CRD")], gives: ([1, 1, 3, 3], Array(0..<9))),
    MovedCase("DepthToSpace", [0, 4, 2, 2], [], ["blocksize": .int(2)], gives: ([0, 1, 4, 4], [])),
    MovedCase(
      "SpaceToDepth", [1, 2, 2, 4], [], ["blocksize": .int(2)],
      gives: ([1, 8, 1, 2], [0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15])),
    MovedCase(
      "SpaceToDepth", [1, 2, 2, 4], [], ["blocksize": .int(2), "mode": .text("CRD")],
      gives: ([1, 8, 1, 2], [0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15])),
    MovedCase("SpaceToDepth", [1, 1, 0, 4], [], ["blocksize": .int(2)], gives: ([1, 4, 0, 2], [])),
  ]

  @Test(arguments: moves) func movesElements(_ row: MovedCase) throws { try row.run() }

  static let rules: [RuleCase] = [
    RuleCase("DepthToSpace", [symbolic(.float32, ["n", 16, "h", "w"])], ["blocksize": .int(2)], gives: "float32[n,4,2*h,2*w]"),
    RuleCase("DepthToSpace", [symbolic(.float32, ["n", "c", 1, 1])], ["blocksize": .int(2)], gives: "float32[n,floor(c/4),2,2]"),
    RuleCase("DepthToSpace", [symbolic(.float32, nil)], ["blocksize": .int(2)], gives: "float32[t.0,t.1,t.2,t.3]"),
    RuleCase("SpaceToDepth", [symbolic(.float32, ["n", 3, try! "h" * 4, 8])], ["blocksize": .int(2)], gives: "float32[n,12,2*h,4]"),
  ]

  @Test(arguments: rules) func infers(_ row: RuleCase) throws { try row.run() }

  static let refusals: [FailureCase] = [
    FailureCase("DepthToSpace", [f32([1, 2], [1, 2, 1, 1])], ["blocksize": .int(2)], says: "2 is no multiple of 4"),
    FailureCase("DepthToSpace", [f32([1, 2], [1, 2])], ["blocksize": .int(1)], says: "must have rank 4"),
    FailureCase("DepthToSpace", [f32([1], [1, 1, 1, 1])], ["blocksize": .int(0)], says: "'blocksize' is 0"),
    FailureCase("DepthToSpace", [f32([1], [1, 1, 1, 1])], ["blocksize": .int(.max)], says: "overflows"),
    FailureCase("DepthToSpace", [f32([1], [1, 1, 1, 1])], says: "'blocksize' is missing"),
    FailureCase("DepthToSpace", [f32([1], [1, 1, 1, 1])], ["blocksize": .int(1), "mode": .text("RCD")], says: "'mode' is 'RCD'"),
    FailureCase("SpaceToDepth", [f32([1, 2], [1, 1, 2, 1])], ["blocksize": .int(2)], says: "1 is no multiple of 2"),
    FailureCase("SpaceToDepth", [f32([1], [1])], ["blocksize": .int(1)], says: "must have rank 4"),
  ]

  @Test(arguments: refusals) func refuses(_ row: FailureCase) { row.run() }
}
