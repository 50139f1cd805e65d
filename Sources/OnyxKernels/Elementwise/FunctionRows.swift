import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Elementary functions: float32 and float64 computed in double, 16-bit floats in float32 chunk by chunk, and powers.
///
/// SAFETY: see `KernelCall`.
enum FunctionRows {
  static let all = functions + halves + [power]

  /// The names by which operators find their functions; Gelu has two.
  private static let indices: [String: Int] = [
    "Sin": ONYX_FUNCTION_SIN, "Cos": ONYX_FUNCTION_COS, "Tan": ONYX_FUNCTION_TAN, "Asin": ONYX_FUNCTION_ASIN,
    "Acos": ONYX_FUNCTION_ACOS, "Atan": ONYX_FUNCTION_ATAN, "Sinh": ONYX_FUNCTION_SINH, "Cosh": ONYX_FUNCTION_COSH,
    "Asinh": ONYX_FUNCTION_ASINH, "Acosh": ONYX_FUNCTION_ACOSH, "Atanh": ONYX_FUNCTION_ATANH, "Exp": ONYX_FUNCTION_EXP,
    "Log": ONYX_FUNCTION_LOG, "Tanh": ONYX_FUNCTION_TANH, "Sigmoid": ONYX_FUNCTION_SIGMOID, "Swish": ONYX_FUNCTION_SWISH,
    "Softplus": ONYX_FUNCTION_SOFTPLUS, "Mish": ONYX_FUNCTION_MISH, "Elu": ONYX_FUNCTION_ELU, "Selu": ONYX_FUNCTION_SELU,
    "Celu": ONYX_FUNCTION_CELU, "Erf": ONYX_FUNCTION_ERF, "Gelu": ONYX_FUNCTION_GELU, "GeluTanh": ONYX_FUNCTION_GELU_TANH,
  ]

  private static func name(_ query: KernelQuery) -> String {
    (query.op as? Gelu)?.approximation == .tanh ? "GeluTanh" : query.node.op.name
  }

  private static func parameters(_ query: KernelQuery) -> (Float, Float) {
    let values = (query.op as? any ParametricOperator)?.parameters ?? []
    return (values.first ?? 0, values.dropFirst().first ?? 0)
  }

  private static let functions = ElementFunction.all.map(\.name).filter { indices[$0] != nil }.sorted().map { op in
    let hasFloats = unsafe ISA.host.functions.f32[indices[op]!] != nil
    return KernelRow(KernelRow.name(of: op, "double"), [op], .everywhere(hasFloats ? [.float32, .float64] : [.float64])) {
      (query) throws(OnyxError) in
      guard let x = query.input(0), let index = indices[name(query)] else { return .declined(ElementRows.inputsMissing) }
      let (count, isa, isDouble, (p0, p1)) = (x.shape.elementCount, query.isa, x.elementType == .float64, parameters(query))
      return .run(inPlaceInputs: [0]) { call in
        call.pool.parallelFor(count: count, grain: 2048) { range in
          let (first, n) = (range.lowerBound, Int64(range.count))
          if isDouble {
            unsafe isa.functions.f64[index]!(call.output(0, as: Double.self) + first, call.input(0, as: Double.self) + first, n, p0, p1)
          } else {
            unsafe isa.functions.f32[index]!(call.output(0, as: Float.self) + first, call.input(0, as: Float.self) + first, n, p0, p1)
          }
        }
      }
    }
  }

  /// A function of float32 numbers in place.
  ///
  /// SAFETY: the function is a C constant that touches `count` elements.
  @safe private struct FloatFunction: @unchecked Sendable {
    let function: onyx_function_f32
    let p0, p1: Float

    init?(_ query: KernelQuery) {
      let name = FunctionRows.name(query)
      let wide = unsafe FunctionRows.indices[name].flatMap { unsafe query.isa.functions.f32[$0] }
      let vectors = unsafe UnaryOperation(named: name).flatMap { unsafe query.isa.elementwise.unary[$0.rawValue] }
      guard let found = unsafe vectors ?? wide else { return nil }
      unsafe function = found
      (p0, p1) = FunctionRows.parameters(query)
    }

    func apply(_ x: UnsafeMutablePointer<Float>, count: Int) { unsafe function(x, x, Int64(count), p0, p1) }
  }

  private static let chunk = 1024

  /// The operators that have no kernels for 16 bits themselves.
  private static let halves = ElementFunction.all.filter { function in
    function.operands == 1 && !ElementRows.all.contains { $0.operators.contains(OperatorName(function.name)) }
  }.map { function in
    KernelRow(KernelRow.name(of: function.name, "half"), [function.name], .everywhere([.float16, .bfloat16])) {
      (query) throws(OnyxError) in
      guard let x = query.input(0), let function = FloatFunction(query),
        let widening = ElementCast(from: x.elementType, to: .float32, isa: query.isa),
        let narrowing = ElementCast(from: .float32, to: x.elementType, isa: query.isa)
      else { return .declined("there is no function of float32") }
      let count = x.shape.elementCount
      return .run(inPlaceInputs: [0]) { call in
        call.pool.parallelFor(count: count, grain: 4096) { range in
          unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: chunk) { scratch in
            let wide = scratch.baseAddress!
            for first in stride(from: range.lowerBound, to: range.upperBound, by: chunk) {
              let n = min(chunk, range.upperBound - first)
              unsafe widening.block(wide, call.input(0, as: UInt16.self) + first, count: n)
              unsafe function.apply(wide, count: n)
              unsafe narrowing.block(call.output(0, as: UInt16.self) + first, wide, count: n)
            }
          }
        }
      }
    }
  }

  /// A base of at most 32 bits and an exponent that is exact in float32: each is converted chunk by chunk where it is not float32.
  private static let power = KernelRow("pow_double", ["Pow"], .input(0, [.float32, .float16, .bfloat16])) {
    (_: Pow, query) throws(OnyxError) in
    guard let inputs = query.allInputs, inputs.count == 2, let y = query.outputs[0] else { return .declined(ElementRows.inputsMissing) }
    guard try isExact(inputs[1].elementType, query.constant(1)) else { return .declined("the exponent may not fit float32") }
    guard !y.shape.contains(0) else { return .run { _ in } }
    let loops = BroadcastLoops(shape: Array(y.shape), operands: inputs.map { $0.shape.broadcastStrides(to: y.shape) })
    let casts = inputs.map { ElementCast(from: $0.elementType, to: .float32, isa: query.isa) }
    let narrowing = ElementCast(from: .float32, to: y.elementType, isa: query.isa)
    let (widths, width, isa) = (inputs.map(\.elementType.byteWidth), y.elementType.byteWidth, query.isa)
    return .run(inPlaceInputs: ElementRows.inPlaceInputs(query)) { call in
      let operands = unsafe (0..<2).map { unsafe call.input($0, as: UInt8.self) }
      loops.forEachBlock(pool: call.pool, grain: 2048) { target, offsets, rows, count in
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * chunk) { scratch in
          let base = scratch.baseAddress!
          for row in 0..<rows {
            for start in stride(from: 0, to: count, by: chunk) {
              let n = min(chunk, count - start)
              let places = offsets &+ loops.steps &* row &+ loops.inner &* start
              // What is no float32 passes through scratch memory.
              func floats(_ index: Int) -> UnsafePointer<Float> {
                let from = unsafe UnsafeRawPointer(operands[index] + places[index] * widths[index])
                guard let cast = casts[index] else { return unsafe from.assumingMemoryBound(to: Float.self) }
                unsafe cast.block(base + index * chunk, from, count: loops.inner[index] == 0 ? 1 : n)
                return unsafe UnsafePointer(base + index * chunk)
              }
              let to = unsafe UnsafeMutableRawPointer(call.output(0, as: UInt8.self) + (target + row * count + start) * width)
              let result = unsafe narrowing == nil ? to.assumingMemoryBound(to: Float.self) : base + 2 * chunk
              unsafe isa.functions.power!(
                result, floats(0), floats(1), Int64(n), Int64(loops.inner[0]), Int64(loops.inner[1]))
              unsafe narrowing?.block(to, result, count: n)
            }
          }
        }
      }
    }
  }

  private static func isExact(_ type: ElementType, _ constant: Tensor?) throws(OnyxError) -> Bool {
    if [.float32, .float16, .bfloat16, .int8, .uint8, .int16, .uint16].contains(type) { return true }
    guard let constant, constant.elementCount <= 1024 else { return false }
    return try constant.doubles().allSatisfy { Double(Float($0)) == $0 && $0.magnitude <= 0x1p24 }
  }
}
