#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_blocked_window_row onyx_blocked_window_avx512, onyx_blocked_window_avx2;
#elif defined(__aarch64__)
extern const onyx_blocked_window_row onyx_blocked_window_neon;
#endif
extern const onyx_blocked_window_row onyx_blocked_window_scalar;

static const onyx_blocked_window_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_blocked_window_avx512,
  &onyx_blocked_window_avx2,
#elif defined(__aarch64__)
  &onyx_blocked_window_neon,
#endif
  &onyx_blocked_window_scalar,
};

const onyx_blocked_window_row *const *onyx_blocked_window_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
