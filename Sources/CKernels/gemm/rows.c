#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_gemm_row onyx_gemm_avx512, onyx_gemm_avx2;
#elif defined(__aarch64__)
extern const onyx_gemm_row onyx_gemm_neon;
#endif
extern const onyx_gemm_row onyx_gemm_scalar;

static const onyx_gemm_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_gemm_avx512,
  &onyx_gemm_avx2,
#elif defined(__aarch64__)
  &onyx_gemm_neon,
#endif
  &onyx_gemm_scalar,
};

const onyx_gemm_row *const *onyx_gemm_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
