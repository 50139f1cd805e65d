#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_pool_row onyx_pool_avx512, onyx_pool_avx2;
#elif defined(__aarch64__)
extern const onyx_pool_row onyx_pool_neon;
#endif
extern const onyx_pool_row onyx_pool_scalar;

static const onyx_pool_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_pool_avx512,
  &onyx_pool_avx2,
#elif defined(__aarch64__)
  &onyx_pool_neon,
#endif
  &onyx_pool_scalar,
};

const onyx_pool_row *const *onyx_pool_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
