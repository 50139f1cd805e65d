#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_reduce_row onyx_reduce_avx512, onyx_reduce_avx2;
#elif defined(__aarch64__)
extern const onyx_reduce_row onyx_reduce_neon;
#endif
extern const onyx_reduce_row onyx_reduce_scalar;

static const onyx_reduce_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_reduce_avx512,
  &onyx_reduce_avx2,
#elif defined(__aarch64__)
  &onyx_reduce_neon,
#endif
  &onyx_reduce_scalar,
};

const onyx_reduce_row *const *onyx_reduce_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
