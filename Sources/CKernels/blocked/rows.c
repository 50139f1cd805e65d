#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_blocked_row onyx_blocked_avx512, onyx_blocked_avx2;
#elif defined(__aarch64__)
extern const onyx_blocked_row onyx_blocked_neon;
#endif
extern const onyx_blocked_row onyx_blocked_scalar;

static const onyx_blocked_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_blocked_avx512,
  &onyx_blocked_avx2,
#elif defined(__aarch64__)
  &onyx_blocked_neon,
#endif
  &onyx_blocked_scalar,
};

const onyx_blocked_row *const *onyx_blocked_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
