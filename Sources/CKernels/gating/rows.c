#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_gating_row onyx_gating_avx512, onyx_gating_avx2;
#elif defined(__aarch64__)
extern const onyx_gating_row onyx_gating_neon;
#endif
extern const onyx_gating_row onyx_gating_scalar;

static const onyx_gating_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_gating_avx512,
  &onyx_gating_avx2,
#elif defined(__aarch64__)
  &onyx_gating_neon,
#endif
  &onyx_gating_scalar,
};

const onyx_gating_row *const *onyx_gating_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
