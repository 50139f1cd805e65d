import OnyxGraph
import OnyxOperators
import OnyxTensor
import OnyxThreads

/// Float32 products of few rows with constant weights that the model holds in 16 bits.
///
/// SAFETY: see `KernelCall`.
enum HalfProductRows {
  static let linear = KernelRow(
    "linear_f32_half_weights",
    operators: [
      OperatorName("MatMul"), OperatorName("Gemm"), OperatorName("FusedMatMul", domain: "onyx"), OperatorName("FusedGemm", domain: "onyx"),
    ], .float32
  ) { (query) throws(OnyxError) in
    guard let weights = query.constant(1)?.unwidened, weights.shape.rank == 2, let a = query.input(0)?.shape, a.rank > 0 else {
      return .declined("B is no constant matrix of 16 bits")
    }
    guard let linear = try LinearForm.of(query, a: a, b: weights.shape), linear.form.n > 0, linear.form.k > 0 else {
      return .declined("it is no product of rows with a constant bias, or empty")
    }
    guard (1...HalfProduct.mostRows).contains(linear.form.m) else {
      return .declined("it has more than \(HalfProduct.mostRows) rows, or none")
    }
    let product = try HalfProduct(query, weights, linear.form)
    let (addend, bias) = (linear.form.addend, linear.bias)
    return .run(inPlaceInputs: addend.map { [$0] } ?? [], absorbedInputs: [1, 2]) { call in
      unsafe (bias ?? []).withUnsafeBufferPointer { row in
        unsafe product.run(
          call.input(0), bias: bias == nil ? nil : row.baseAddress, addend: addend.map { unsafe call.input($0) }, call.output(),
          pool: call.pool)
      }
    }
  }
}
