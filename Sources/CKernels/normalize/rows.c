#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_normalize_row onyx_normalize_avx512, onyx_normalize_avx2;
#elif defined(__aarch64__)
extern const onyx_normalize_row onyx_normalize_neon;
#endif
extern const onyx_normalize_row onyx_normalize_scalar;

static const onyx_normalize_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_normalize_avx512,
  &onyx_normalize_avx2,
#elif defined(__aarch64__)
  &onyx_normalize_neon,
#endif
  &onyx_normalize_scalar,
};

const onyx_normalize_row *const *onyx_normalize_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
