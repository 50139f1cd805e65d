#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_bf16_row onyx_bf16_avx512_bf16, onyx_bf16_avx512, onyx_bf16_avx2;
#elif defined(__aarch64__)
extern const onyx_bf16_row onyx_bf16_neon;
#endif
extern const onyx_bf16_row onyx_bf16_scalar;

static const onyx_bf16_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_bf16_avx512_bf16,
  &onyx_bf16_avx512,
  &onyx_bf16_avx2,
#elif defined(__aarch64__)
  &onyx_bf16_neon,
#endif
  &onyx_bf16_scalar,
};

const onyx_bf16_row *const *onyx_bf16_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
