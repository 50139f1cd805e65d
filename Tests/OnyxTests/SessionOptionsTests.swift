import Onyx
import OnyxTestSupport
import Testing

@Suite struct SessionOptionsTests {
  private static func text(_ change: (inout SessionOptions) -> Void) -> String {
    var options = SessionOptions()
    change(&options)
    let error = failure { () throws(OnyxError) in try Session(bytes: SmallModel.root, options: options) }
    #expect(error?.code == .usage)
    return error?.description ?? "no error"
  }

  @Test(arguments: [0, -1, 1025, .min, .max]) func threadsAreBounded(_ threads: Int) {
    #expect(Self.text { $0.threads = threads } == "\(threads) threads were asked for.\n  Use 1 to 1024 threads.")
  }

  @Test func absentInstructionSetsAreRefused() throws {
    let absent = SessionOptions.InstructionSet.allCases.filter { $0 != .best && !instructionSets.contains($0) }
    #expect(!absent.isEmpty, "x86 has no neon, ARM no avx2")
    for isa in absent {
      #expect(Self.text { $0.instructionSet = isa }.hasPrefix("This machine has no \(isa.rawValue) instructions.\n  It has: scalar"))
    }
  }

  @Test func unknownKernelsAndRewritesNameTheNearest() {
    #expect(Self.text { $0.disabledKernels = ["mul_f23"] } == "There are no kernels named 'mul_f23'.\n  Did you mean 'mul_f32'?")
    #expect(
      Self.text { $0.disabledRewrites = ["fuse-activations"] }
        == "There are no rewrites named 'fuse-activations'.\n  Did you mean 'fuse-activation'?")
  }

  /// Convolutions of 16 channels of 12 × 12 by 3 × 3, which Winograd's form makes cheaper.
  @Test func winogradCanBeSwitchedOff() throws {
    let weights = Onnx.tensor("w", dims: [16, 16, 3, 3], Wire.data(9, Wire.floats((0..<2304).map { Float($0 % 7) - 3 })))
    let pads = Wire.text(1, "pads") + [1, 1, 1, 1].flatMap { Wire.int(8, $0) } + Wire.int(20, 7)
    let dims = [1, 16, 12, 12].map { Wire.int(1, $0) }
    let model = Onnx.model(
      Onnx.graph(
        nodes: [Onnx.node("Conv", ["x", "w"], ["y"], attributes: [pads])], inputs: [], initializers: [weights],
        Wire.data(11, Onnx.value("x", dims: dims))))
    let x = try Tensor((0..<2304).map { Float($0 % 5) / 3 }, shape: [1, 16, 12, 12])
    func results(_ change: (inout SessionOptions) -> Void) throws -> [String: Tensor] {
      var options = SessionOptions(threads: 1)
      change(&options)
      return try Session(bytes: model, options: options).run(["x": x])
    }
    let usual = try results { _ in }
    let direct = try results { $0.winograd = false }
    let without = try results { $0.disabledKernels = ["blocked_conv_f32_winograd4", "blocked_conv_f32_winograd2"] }
    #expect(try bits(direct) == bits(without) && bits(direct) != bits(usual))
    #expect(try difference(usual, direct) == nil)
  }

  @Test func aRunOverTheMemoryBudgetIsRefused() throws {
    var options = SessionOptions(threads: 1)
    options.memoryBudget = 1 << 20
    let session = try Session(path: SessionTests.digits.path, options: options)
    func image(_ batch: Int) throws(OnyxError) -> Tensor { try .random(.float32, try Shape([batch, 1, 28, 28]), seed: 1) }
    #expect(try session.run(["image": image(2)])["logits"]?.shape == [2, 10])
    let error = failure { () throws(OnyxError) in try session.run(["image": try image(100)]) }
    #expect(error?.code == .budgetExceeded)
    #expect(error?.reason.hasSuffix("bytes of activations; the memory budget is 1048576.") == true, "\(error?.reason ?? "no error")")
    #expect(error?.remedy == "Use smaller inputs or raise the memory budget.")
    #expect(try session.run(["image": image(1)])["logits"]?.shape == [1, 10])
  }

  /// The output's size is a value that only the run knows.
  @Test func sizesKnownOnlyInTheRunAreBounded() throws {
    let expand = Onnx.graph(
      nodes: [Onnx.node("ConstantOfShape", ["shape"], ["y"])], inputs: [],
      Wire.data(11, Onnx.value("shape", type: 7, dims: [Wire.int(1, 2)])))
    var options = SessionOptions(threads: 1)
    options.memoryBudget = 1 << 20
    let session = try Session(bytes: Onnx.model(expand), options: options)
    for shape in [[1 << 31, 1 << 31], [.max, .max], [1 << 20, 1], [1 << 40, 1 << 40]] as [[Int64]] {
      let error = failure { () throws(OnyxError) in try session.run(["shape": try Tensor(shape, shape: [2])]) }
      #expect(error?.code == .budgetExceeded || error?.code == .invalidModel, "\(shape): \(error?.description ?? "no error")")
    }
    #expect(
      failure { () throws(OnyxError) in try session.run(["shape": try Tensor([-1, 2] as [Int64], shape: [2])]) }?.code == .invalidModel)
    #expect(try session.run(["shape": try Tensor([2, 3] as [Int64], shape: [2])])["y"]?.shape == [2, 3])
  }

  @Test func aRunPastItsDeadlineEnds() throws {
    var options = SessionOptions(threads: 1)
    options.deadline = .milliseconds(5)
    let session = try Session(bytes: SmallModel.products(500), options: options)
    let error = failure { () throws(OnyxError) in
      try session.run(["x": try Tensor(floating: Array(repeating: 0, count: 256 * 256), as: .float32, shape: [256, 256])])
    }
    #expect(error?.code == .budgetExceeded)
    #expect(error?.description == "The deadline of the run has passed.\n  Allow more time or use smaller inputs.")
  }

  @Test func eachRunHasADeadlineOfItsOwn() async throws {
    var options = SessionOptions(threads: 1)
    options.deadline = .seconds(1)
    let session = try Session(bytes: SmallModel.root, options: options)
    try await Task.sleep(for: .milliseconds(1100))
    #expect(try session.run(["x": vector(4)])["y"]?.doubles() == [2])
  }
}
