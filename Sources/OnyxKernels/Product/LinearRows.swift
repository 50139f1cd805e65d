import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 products with constant weights, packed once for the session.
///
/// SAFETY: see `KernelCall`.
enum LinearRows {
  static let fusedMatMul = KernelRow("fused_matmul_f32_linear", ["FusedMatMul"], domain: "onyx", .float32) {
    (fused: FusedMatMul, query) throws(OnyxError) in
    guard let a = query.input(0)?.shape, let b = query.constant(1), b.shape.rank == 2, query.isFixed(2) else {
      return .declined("B is no constant matrix, or the bias no constant")
    }
    let (k, n) = (b.shape[0], b.shape[1])
    guard k > 0, n > 0, a.rank > 0 else { return .declined("something is empty") }
    let form = LinearForm(
      m: a.elementCount / k, n: n, k: k, addend: query.input(3) == nil ? nil : 3, activation: Activation(fused.activation))
    return try linear(query, form, bias: try query.constant(2)?.elements(as: Float.self))
  }

  /// Packs the weights once for the session; one row of X reads weights of shape [n, k] as they lie in the model. The bias is given, or
  /// a row of n floats that the input `biasInput` is.
  static func linear(
    _ query: KernelQuery, _ form: LinearForm, bias: [Float]?, biasInput: Int? = nil
  ) throws(OnyxError) -> Preparation {
    guard let constant = query.constant(1), form.m > 0 else { return .declined("B is no constant, or A has no rows") }
    let weights: LinearProduct.Weights
    if form.m == 1 && form.isTransposed {
      weights = .columns
    } else {
      weights = .packed(columns(of: constant, isTransposed: form.isTransposed, depth: form.k, lanes: form.n, query))
    }
    return linear(form, weights, bias: bias, biasInput: biasInput, query.isa)
  }

  /// The constant matrix B of a MatMul times any number of rows; nil for another B.
  static func openMatMul(_ query: KernelQuery) throws(OnyxError) -> OpenKernel.Bind? {
    guard let b = query.constant(1), b.shape.rank == 2, b.elementCount > 0 else { return nil }
    let (k, n, isa) = (b.shape[0], b.shape[1], query.isa)
    let weights = LinearProduct.Weights.packed(columns(of: b, isTransposed: false, depth: k, lanes: n, query))
    return { (inputs) throws(OnyxError) in
      guard let a = inputs[0]?.shape, a.rank > 1, a.last == k, a.elementCount > 0 else { return nil }
      var dimensions = a.dimensions
      dimensions[a.rank - 1] = n
      let form = LinearForm(m: a.elementCount / k, n: n, k: k)
      return OpenKernel.Bound(try Shape(dimensions), linear(form, weights, bias: nil, isa))
    }
  }

  private static func linear(
    _ form: LinearForm, _ weights: LinearProduct.Weights, bias: [Float]?, biasInput: Int? = nil, _ isa: ISA
  ) -> Preparation {
    let product = LinearProduct(
      m: form.m, n: form.n, k: form.k, rowStride: form.k, alpha: form.alpha, activation: form.activation, isa: isa)
    let addend = form.addend
    var isInPlace = false
    if case .packed = weights { isInPlace = true }
    let absorbed: [Int] = (isInPlace ? [1, 2] : [2]).filter { $0 != biasInput }
    return .run(inPlaceInputs: isInPlace ? addend.map { [$0] } ?? [] : [], absorbedInputs: absorbed) { call in
      unsafe (bias ?? []).withUnsafeBufferPointer { row in
        unsafe product.run(
          .init(
            x: call.input(0), weights: call.optionalInput(1), bias: bias == nil ? biasInput.map { unsafe call.input($0) } : row.baseAddress,
            addend: addend.map { unsafe call.input($0) },
            y: call.output()), weights, pool: call.pool)
      }
    }
  }

  /// A constant right operand [depth, lanes], or its transpose, packed once for the session.
  private static func columns(of constant: Tensor, isTransposed: Bool, depth: Int, lanes: Int, _ query: KernelQuery) -> PackedMatrix {
    let isa = query.isa
    let count = PackedMatrix.floatCount(.columns, lanes: lanes, depth: depth, isa: isa)
    let floats = unsafe query.packedFloats("columns_f32_\(isa.name)_\(isTransposed)", count: count, from: [constant]) {
      target, sources, pool in
      let matrix = unsafe Matrix(sources[0], rowStride: isTransposed ? depth : lanes)
      unsafe PackedMatrix.pack(
        .columns, isTransposed ? matrix.transposed : matrix, lanes: lanes, depth: depth, isa: isa, into: target, pool)
    }
    return PackedMatrix(.columns, lanes: lanes, depth: depth, isa: isa, in: floats)
  }
}
