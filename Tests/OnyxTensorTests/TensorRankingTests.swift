import OnyxTensor
import OnyxTestSupport
import Testing

/// Expected numbers are numpy's.
struct TensorRankingTests {
  private func cube() throws -> Tensor { try Tensor([[[3, 1], [2, 5]], [[9, 8], [9, 7]]] as [[[Int32]]]) }

  @Test func argmaxAlongEveryAxis() throws {
    let tensor = try cube()
    #expect(try tensor.argmax(axis: 0) == Tensor([[1, 1], [1, 1]] as [[Int64]]))
    #expect(try tensor.argmax(axis: 1) == Tensor([[0, 1], [0, 0]] as [[Int64]]))
    #expect(try tensor.argmax(axis: -1) == Tensor([[0, 1], [0, 0]] as [[Int64]]))
    #expect(try tensor.argmax() == 4)
  }

  @Test(
    arguments: [
      ([1, .nan, 3, .nan], 1), ([2, 7, 7, 1], 1), ([-3, -1, -2], 1), ([-.infinity, -.infinity], 0), ([-0.0, 0], 0), ([0, .infinity], 1),
      ([5], 0),
    ] as [([Double], Int)])
  func argmaxOfFloats(_ values: [Double], _ index: Int) throws {
    for type in [ElementType.float64, .float32, .float16, .bfloat16] {
      #expect(try Tensor(floating: values, as: type, shape: Shape([values.count])).argmax() == index, "\(type)")
    }
  }

  @Test func argmaxOfLargeIntegers() throws {
    #expect(try Tensor([UInt64.max, 1, .max]).argmax() == 0)
    #expect(try Tensor([Int64.min, .max, 0]).argmax() == 1)
    #expect(try Tensor([1 << 53, (1 << 53) + 1] as [Int64]).argmax() == 1)
  }

  @Test func topK() throws {
    let tensor = try Tensor([[3, 1, 3, 2], [0, -1, 5, 4]] as [[Float]])
    let rows = try tensor.topK(3)
    #expect(try rows.values == Tensor([[3, 3, 2], [5, 4, 0]] as [[Float]]))
    #expect(try rows.indices == Tensor([[0, 2, 3], [2, 3, 0]] as [[Int64]]))
    let columns = try tensor.topK(1, axis: 0)
    #expect(try columns.values == Tensor([[3, 1, 5, 4]] as [[Float]]))
    #expect(try columns.indices == Tensor([[0, 0, 1, 1]] as [[Int64]]))
    #expect(try tensor.topK(0).values.shape == [2, 0])
  }

  @Test func aNaNIsLargest() throws {
    let top = try Tensor([1, .nan, .infinity, .nan] as [Float16]).topK(4)
    #expect(try top.indices.ints() == [1, 3, 2, 0])
    #expect(try top.values.doubles()[2...] == [.infinity, 1])
  }

  @Test func emptyAxes() throws {
    let tensor = try Tensor.zeros(.float32, shape: [2, 0])
    let error = #expect(throws: OnyxError.self) { try tensor.argmax(axis: 1) }
    #expect(error?.code == .usage)
    #expect(throws: OnyxError.self) { try tensor.argmax() }
    #expect(try tensor.argmax(axis: 0).shape == [0])
    #expect(try tensor.topK(0).indices.shape == [2, 0])
    #expect(try tensor.softmax(axis: 1).shape == [2, 0])
    #expect(throws: OnyxError.self) { try tensor.topK(1) }
    #expect(throws: OnyxError.self) { try Tensor.zeros(.float32, shape: Shape([1 << 50, 0])).softmax(axis: 1) }
  }

  @Test(arguments: [3, -4, .max, .min]) func axesOutsideTheRank(_ axis: Int) throws {
    let tensor = try cube().converted(to: .float32)
    #expect(throws: OnyxError.self) { try tensor.argmax(axis: axis) }
    #expect(throws: OnyxError.self) { try tensor.topK(1, axis: axis) }
    let error = #expect(throws: OnyxError.self) { try tensor.softmax(axis: axis) }
    #expect(error?.code == .usage)
    #expect(throws: OnyxError.self) { try Tensor(scalar: Float(1)).softmax() }
  }

  @Test(arguments: [-1, 3, .max, .min]) func kOutsideTheAxis(_ k: Int) throws {
    let tensor = try cube()
    let error = #expect(throws: OnyxError.self) { try tensor.topK(k) }
    #expect(error?.code == .usage)
  }

  @Test(arguments: [ElementType.bool, .string, .complex64, .complex128]) func whatHasNoOrder(_ type: ElementType) throws {
    let tensor = try Tensor.zeros(type, shape: [2])
    #expect(throws: OnyxError.self) { try tensor.argmax() }
    #expect(throws: OnyxError.self) { try tensor.topK(1) }
    #expect(throws: OnyxError.self) { try tensor.softmax() }
  }
}

/// exp(x - max) / sum in float64, by numpy 2.4.
struct TensorSoftmaxTests {
  private static let byColumns: [Float] = [
    0.04742587317756679, 0.8807970779778823, 0.9820137900379085, 0.9525741268224334, 0.11920292202211755, 0.017986209962091555,
  ]
  private static let byRows: [Float] = [
    0.09003057317038046, 0.24472847105479764, 0.6652409557748219, 0.9755587549443865, 0.0178679818703045, 0.006573263185309083,
  ]

  @Test func softmaxAlongEveryAxis() throws {
    let tensor = try Tensor([[1, 2, 3], [4, 0, -1]] as [[Float]])
    #expect(allClose(try tensor.softmax(axis: 0), try Tensor(Self.byColumns, shape: [2, 3]), rtol: 1e-7, atol: 0) == nil)
    #expect(allClose(try tensor.softmax(), try Tensor(Self.byRows, shape: [2, 3]), rtol: 1e-7, atol: 0) == nil)
  }

  @Test func largeScoresDoNotOverflow() throws {
    #expect(try Tensor([1000, 1000] as [Float]).softmax().elements(as: Float.self) == [0.5, 0.5])
    #expect(try Tensor([-.infinity, 3] as [Double]).softmax().doubles() == [0, 1])
    #expect(try Tensor([65504, -65504] as [Float16]).softmax().elements(as: Float16.self) == [1, 0])
  }

  @Test(arguments: [[1, .nan, 2], [.nan, 1], [1, .infinity], [-.infinity, -.infinity]] as [[Double]]) func whatHasNoShares(_ x: [Double])
    throws
  {
    #expect(try Tensor(x).softmax().doubles().contains(where: \.isNaN))
  }

  /// 1/3 rounded to 11 and to 8 bits.
  @Test func theTypeStays() throws {
    #expect(try Tensor.filled(with: Float16(2), shape: [3]).softmax() == Tensor.filled(with: Float16(0.333251953125), shape: [3]))
    #expect(try Tensor.filled(with: BFloat16(2), shape: [3]).softmax() == Tensor.filled(with: BFloat16(0.333984375), shape: [3]))
    let error = #expect(throws: OnyxError.self) { try Tensor([1, 2]).softmax() }
    #expect(error?.remedy == "Convert it first: converted(to: .float32).")
  }
}
