import CKernels

/// The micro-kernels that a step calls, found once: a step of a small layer takes less than a microsecond.
///
/// SAFETY: copies of immutable C constants.
@safe struct RecurrentFunctions: @unchecked Sendable {
  let cells: onyx_recurrent_row
  let gemm: onyx_gemm_row
  let bytes: onyx_int8_row
  let quantize: onyx_quantize_row

  init(_ isa: ISA) {
    unsafe cells = isa.recurrent
    unsafe gemm = isa.gemm
    unsafe bytes = isa.int8
    unsafe quantize = isa.quantize
  }
}
