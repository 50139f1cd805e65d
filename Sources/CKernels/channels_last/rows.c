#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_channels_last_row onyx_channels_last_avx512, onyx_channels_last_avx2;
#elif defined(__aarch64__)
extern const onyx_channels_last_row onyx_channels_last_neon;
#endif
extern const onyx_channels_last_row onyx_channels_last_scalar;

static const onyx_channels_last_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_channels_last_avx512,
  &onyx_channels_last_avx2,
#elif defined(__aarch64__)
  &onyx_channels_last_neon,
#endif
  &onyx_channels_last_scalar,
};

const onyx_channels_last_row *const *onyx_channels_last_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
