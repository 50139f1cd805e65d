#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_elementwise_row onyx_elementwise_avx512, onyx_elementwise_avx2;
#elif defined(__aarch64__)
extern const onyx_elementwise_row onyx_elementwise_neon;
#endif
extern const onyx_elementwise_row onyx_elementwise_scalar;

static const onyx_elementwise_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_elementwise_avx512,
  &onyx_elementwise_avx2,
#elif defined(__aarch64__)
  &onyx_elementwise_neon,
#endif
  &onyx_elementwise_scalar,
};

const onyx_elementwise_row *const *onyx_elementwise_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
