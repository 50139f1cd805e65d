import OnyxGraph
import OnyxKernels
import OnyxOperators
import OnyxTensor
import OnyxTestSupport
import OnyxThreads
import Testing

/// A kernel that was bound to one call serves the extents of others as the row itself does.
@Suite("Kernels for any extents")
struct OpenKernelTests {
  struct Series: CustomTestStringConvertible {
    let op: String
    var attributes: [String: Attribute] = [:]
    /// Constants by the input that they are.
    var constants: [Int: Tensor] = [:]
    /// The shapes of the other inputs in each call; the kernel is bound to those of the first.
    let calls: [[Shape]]

    var testDescription: String { "\(op) \(attributes.mapValues(\.text))" }

    func tensors(_ shapes: [Shape]) throws -> [Tensor] {
      var shapes = shapes[...]
      return try (0..<(constants.count + shapes.count)).map { index in
        try constants[index] ?? .random(.float32, shapes.removeFirst(), in: -2...2, seed: UInt64(index + 1))
      }
    }

    func query(_ tensors: [Tensor], _ weights: WeightCache, _ isa: ISA) throws -> KernelQuery {
      let node = Node(
        op: OperatorName(op), opset: Catalog.newestOpset, inputs: tensors.indices.map { ValueID($0) }, outputs: [ValueID(tensors.count)],
        attributes: attributes)
      let made = try Catalog.make(node)
      let output = try #require(TensorType(made.outputTypes(tensors, outputCount: 1)[0]))
      return KernelQuery(
        node: node, op: made, inputs: tensors.map { TensorType($0.elementType, $0.shape) }, outputs: [output],
        constants: tensors.indices.map { constants[$0] }, isa: isa, precision: .float32, weights: weights, pool: ThreadPool(threads: 1),
        nodeIndex: 0)
    }
  }

  static func weights(_ shape: Shape) -> Tensor { try! .random(.float32, shape, in: -1...1, seed: 9) }

  static let series: [Series] = [
    Series(op: "Tanh", calls: [[[1, 8]], [[17, 8]], [[3, 5, 7]], [[]]]),
    Series(op: "Clip", constants: [1: try! Tensor(scalar: Float(-0.5))], calls: [[[4]], [[33]]]),
    Series(op: "LeakyRelu", attributes: ["alpha": .float(0.3)], calls: [[[4]], [[2, 33]]]),
    Series(
      op: "Mul",
      calls: [[[1, 8], [1, 8]], [[31, 8], [31, 8]], [[31, 8], [8]], [[31, 1], [1, 8]], [[], [5]], [[2, 3, 16], [2, 1, 16]]]),
    Series(op: "Div", calls: [[[3], [1]], [[40], [1]]]),
    Series(op: "Sub", constants: [1: weights([1, 8])], calls: [[[1, 8]], [[30, 8]], [[2, 2, 8]]]),
    Series(op: "Softmax", attributes: ["axis": .int(0)], calls: [[[1, 8]], [[77, 8]], [[5]]]),
    Series(op: "LogSoftmax", attributes: ["axis": .int(-1)], calls: [[[4, 1]], [[4, 70]], [[2, 3, 9]]]),
    Series(op: "ReduceSum", constants: [1: try! Tensor([0])], calls: [[[1, 8]], [[300, 8]], [[2, 1]]]),
    Series(op: "ReduceMax", attributes: ["keepdims": .int(0)], constants: [1: try! Tensor([-1])], calls: [[[3, 1]], [[3, 400]]]),
    Series(op: "ReduceLogSumExp", constants: [1: try! Tensor([0, 2])], calls: [[[1, 2, 3]], [[5, 6, 7]]]),
    Series(op: "ReduceMean", calls: [[[1, 8]], [[12, 8]]]),
    Series(op: "MatMul", constants: [1: weights([8, 19])], calls: [[[1, 8]], [[45, 8]], [[2, 3, 8]], [[600, 8]]]),
    Series(op: "MatMul", calls: [[[1, 8], [8, 1]], [[9, 8], [8, 33]], [[2, 3, 4, 5], [3, 5, 6]], [[4, 5], [2, 5, 6]]]),
    Series(op: "Gather", constants: [1: try! Tensor([1, -1, 0])], calls: [[[2]], [[700]], [[3, 5]], [[2, 3, 40]]]),
    Series(
      op: "Gather", attributes: ["axis": .int(-1)], constants: [1: try! Tensor([Int32(1), 0], shape: [2, 1])],
      calls: [[[2]], [[4, 9]], [[2, 3, 40]]]),
    Series(
      op: "GatherND", constants: [1: try! Tensor([Int64(1), 0, -1, 1], shape: [2, 2])], calls: [[[2, 3]], [[9, 2]], [[4, 5, 6]]]),
    Series(
      op: "GatherND", attributes: ["batch_dims": .int(1)], constants: [1: try! Tensor([Int64(1), -1], shape: [2, 1])],
      calls: [[[2, 3]], [[2, 2, 7]]]),
  ]

  @Test(arguments: series) func aCallEqualsTheRowsKernel(_ series: Series) throws {
    for isa in ISA.tiers {
      let (table, weights, pool) = (KernelTable(), WeightCache(), ThreadPool(threads: 2))
      let rows = table.rows(of: OperatorName(series.op))
      let first = try series.query(series.tensors(series.calls[0]), weights, isa)
      let name = try #require(try table.select(first, among: rows)?.name)
      let open = try #require(try table.open(first, among: rows, served: name))
      #expect(open.name == name && open.elementType == .float32)
      for shapes in series.calls {
        let tensors = try series.tensors(shapes)
        let query = try series.query(tensors, weights, isa)
        let bound = try #require(try open.bind(tensors), "\(shapes)")
        let expected = try #require(try table.select(query, among: rows)?.kernel)
        try weights.pack(pool)
        #expect(bound.shape == query.outputs[0]?.shape)
        try GenericRowTests.expectIdentical(
          run(bound.kernel, tensors, bound.shape, pool), run(expected, tensors, bound.shape, ThreadPool(threads: 1)),
          "\(series.op) \(shapes) \(isa.name)")
      }
    }
  }

  private func run(_ kernel: PreparedKernel, _ tensors: [Tensor], _ shape: Shape, _ pool: ThreadPool) throws -> Tensor {
    guard case .run(let body) = kernel.action else { throw OnyxError.bug("There is nothing to run.") }
    let output = try OnyxTensor.Buffer(uninitializedByteCount: shape.elementCount * 4)
    let scratch = try OnyxTensor.Buffer(uninitializedByteCount: kernel.scratchByteCount)
    var pointers = unsafe [UnsafeMutableRawPointer?]()
    for tensor in tensors {
      guard case .bytes(let buffer, let offset) = tensor.storage else { continue }
      unsafe pointers.append(buffer.pointer + offset)
    }
    unsafe pointers.append(output.pointer)
    try unsafe pointers.withUnsafeBufferPointer { pointers in
      try unsafe body(
        KernelCall(
          pointers: pointers.baseAddress!, inputs: Array(tensors.indices), outputs: [tensors.count], scratch: scratch.pointer, pool: pool))
    }
    withExtendedLifetime((tensors, scratch)) {}
    return Tensor(elementType: .float32, shape: shape, storage: .bytes(output, offset: 0))
  }

  /// Inference has the words for what is wrong with them.
  @Test(
    arguments: [
      (Series(op: "Add", calls: [[[2], [2]]]), [[3], [2]]),
      (Series(op: "Softmax", attributes: ["axis": .int(1)], calls: [[[2, 2]]]), [[2]]),
      (Series(op: "ReduceSum", constants: [1: try! Tensor([1])], calls: [[[2, 2]]]), [[2]]),
      (Series(op: "MatMul", constants: [1: weights([8, 3])], calls: [[[1, 8]]]), [[1, 7]]),
      (Series(op: "MatMul", calls: [[[1, 8], [8, 2]]]), [[1, 8], [7, 2]]),
      (Series(op: "MatMul", calls: [[[1, 8], [8, 2]]]), [[2, 1, 8], [3, 8, 2]]),
      (Series(op: "MatMul", calls: [[[1, 8], [8, 2]]]), [[8], [8, 2]]),
      (Series(op: "Gather", attributes: ["axis": .int(1)], constants: [1: try! Tensor([0])], calls: [[[2, 2]]]), [[2]]),
      (Series(op: "GatherND", constants: [1: try! Tensor([Int64(0), 0], shape: [1, 2])], calls: [[[2, 2]]]), [[2]]),
      (
        Series(
          op: "GatherND", attributes: ["batch_dims": .int(1)], constants: [1: try! Tensor([Int64(0), 0], shape: [2, 1])],
          calls: [[[2, 2]]]), [[3, 2]]
      ),
    ] as [(Series, [Shape])]) func shapesThatBreakTheRuleAreLeft(_ series: Series, _ shapes: [Shape]) throws
  {
    let (table, weights) = (KernelTable(), WeightCache())
    let rows = table.rows(of: OperatorName(series.op))
    let first = try series.query(series.tensors(series.calls[0]), weights, .host)
    let name = try #require(try table.select(first, among: rows)?.name)
    let open = try #require(try table.open(first, among: rows, served: name))
    #expect(try open.bind(series.tensors(shapes)) == nil)
  }

  @Test func axesOfTheRunBindNoKernel() throws {
    let series = Series(op: "ReduceSum", calls: [[[2, 3]]])
    let tensors = [try Tensor.random(.float32, [2, 3], in: -1...1, seed: 1), try Tensor([1])]
    let rows = KernelTable().rows(of: OperatorName("ReduceSum"))
    #expect(try KernelTable().open(series.query(tensors, WeightCache(), .host), among: rows, served: "reduce_sum_f32") == nil)
  }
}
