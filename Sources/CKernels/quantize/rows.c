#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_quantize_row onyx_quantize_avx512, onyx_quantize_avx2;
#elif defined(__aarch64__)
extern const onyx_quantize_row onyx_quantize_neon;
#endif
extern const onyx_quantize_row onyx_quantize_scalar;

static const onyx_quantize_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_quantize_avx512,
  &onyx_quantize_avx2,
#elif defined(__aarch64__)
  &onyx_quantize_neon,
#endif
  &onyx_quantize_scalar,
};

const onyx_quantize_row *const *onyx_quantize_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
