#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_depthwise_row onyx_depthwise_avx512, onyx_depthwise_avx2;
#elif defined(__aarch64__)
extern const onyx_depthwise_row onyx_depthwise_neon;
#endif
extern const onyx_depthwise_row onyx_depthwise_scalar;

static const onyx_depthwise_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_depthwise_avx512,
  &onyx_depthwise_avx2,
#elif defined(__aarch64__)
  &onyx_depthwise_neon,
#endif
  &onyx_depthwise_scalar,
};

const onyx_depthwise_row *const *onyx_depthwise_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
