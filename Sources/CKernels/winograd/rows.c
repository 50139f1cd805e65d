#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_winograd_row onyx_winograd_avx512, onyx_winograd_avx2;
#elif defined(__aarch64__)
extern const onyx_winograd_row onyx_winograd_neon;
#endif
extern const onyx_winograd_row onyx_winograd_scalar;

static const onyx_winograd_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_winograd_avx512,
  &onyx_winograd_avx2,
#elif defined(__aarch64__)
  &onyx_winograd_neon,
#endif
  &onyx_winograd_scalar,
};

const onyx_winograd_row *const *onyx_winograd_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
