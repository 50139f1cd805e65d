import CKernels
import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Einsum by copies, sums and matrix products.
///
/// SAFETY: see `KernelCall`; places of the plan in scratch memory do not overlap.
enum EinsumRows {
  static let all = [
    KernelRow("einsum_f32_products", ["Einsum"], .float32) { (op: Einsum, query) throws(OnyxError) in
      guard let plan = try plan(op, query) else { return .declined(outOfProportion) }
      let isa = query.isa
      return .run(scratchByteCount: plan.scratchCount * 4) { call in
        for step in plan.steps { run(step, call, isa) }
      }
    },
    KernelRow("einsum_typed_products", ["Einsum"], .everywhere([.float64, .int32, .uint32, .int64, .uint64])) {
      (op: Einsum, query) throws(OnyxError) in
      guard let type = query.input(0)?.elementType, let plan = try plan(op, query) else { return .declined(outOfProportion) }
      return try typed(plan, type, query.isa)
    },
  ]

  private static let outOfProportion = "something is empty, or the equation is out of proportion"

  private static func plan(_ op: Einsum, _ query: KernelQuery) throws(OnyxError) -> EinsumPlan? {
    guard let inputs = query.allInputs, let y = query.outputs[0], inputs.allSatisfy({ $0.shape.elementCount > 0 }),
      y.shape.elementCount > 0
    else { return nil }
    return try EinsumPlan(op.equation, inputs.map(\.shape), width: y.elementType.byteWidth)
  }

  private static func address(_ place: EinsumPlan.Place, _ call: borrowing KernelCall, _ width: Int) -> UnsafeMutableRawPointer {
    switch place {
    case .input(let index): unsafe UnsafeMutableRawPointer(mutating: call.bytes(index))
    case .scratch(let element): unsafe call.scratch + element * width
    case .output: unsafe call.outputBytes()
    }
  }

  private static func floats(_ place: EinsumPlan.Place, _ call: borrowing KernelCall) -> UnsafeMutablePointer<Float> {
    unsafe address(place, call, 4).assumingMemoryBound(to: Float.self)
  }

  private static func run(_ step: EinsumPlan.Step, _ call: borrowing KernelCall, _ isa: ISA) {
    switch step {
    case .copy(let copy, let from, let to):
      unsafe copy.run(from: UnsafeRawPointer(address(from, call, 4)), to: address(to, call, 4), pool: call.pool)
    case .sum(let shape, let reduced, let from, let to):
      unsafe Reduce.run(.sum, floats(from, call), floats(to, call), shape: shape, reduced: reduced, isa: isa, pool: call.pool)
    case .multiply(let a, let b, let shape, let to):
      unsafe Elementwise.binary(
        .multiply, floats(a.place, call), strides: a.strides, floats(b.place, call), strides: b.strides, floats(to, call), shape: shape,
        isa: isa, pool: call.pool)
    case .product(let product, let a, let b, let to):
      let (left, right) = (product.left, product.right)
      unsafe OnyxKernels.Gemm.multiplyBatch(
        m: product.rows, n: product.columns, k: product.depth,
        Matrix(floats(a, call), rowStride: left.rowStride, columnStride: left.columnStride), offsets: left.offsets,
        Matrix(floats(b, call), rowStride: right.rowStride, columnStride: right.columnStride), offsets: right.offsets,
        into: floats(to, call), offsets: product.offsets, rowStride: product.rowStride, isa: isa, pool: call.pool)
    }
  }

  /// Copies and matrix products alone.
  private static func typed(_ plan: EinsumPlan, _ type: ElementType, _ isa: ISA) throws(OnyxError) -> Preparation {
    let width = type.byteWidth
    var products: [TypedProduct?] = []
    var packed = 0
    for step in plan.steps {
      switch step {
      case .copy: products.append(nil)
      case .sum, .multiply: return .declined("sums or elementwise products of \(type)")
      case .product(let form, _, _, _):
        let product = TypedProduct(
          rows: form.rows, columns: form.columns, depth: form.depth, left: form.left, right: form.right, resultOffsets: form.offsets,
          resultStride: form.rowStride, type: TypedProductRows.type(type), width: width, isa: isa)
        guard let bytes = product.scratchByteCount else { return .declined("the packed matrix would not fit in memory") }
        packed = max(packed, bytes)
        products.append(product)
      }
    }
    let (all, start) = (products, plan.scratchCount * width)
    return .run(scratchByteCount: start + packed) { call in
      for (index, step) in plan.steps.enumerated() {
        switch step {
        case .copy(let copy, let from, let to):
          unsafe copy.run(from: UnsafeRawPointer(address(from, call, width)), to: address(to, call, width), pool: call.pool)
        case .product(_, let a, let b, let to):
          unsafe all[index]?.run(
            UnsafeRawPointer(address(a, call, width)), UnsafeRawPointer(address(b, call, width)), address(to, call, width),
            scratch: call.scratch + start, pool: call.pool)
        case .sum, .multiply: break
        }
      }
    }
  }
}
