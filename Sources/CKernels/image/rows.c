#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_image_row onyx_image_avx512, onyx_image_avx2;
#elif defined(__aarch64__)
extern const onyx_image_row onyx_image_neon;
#endif
extern const onyx_image_row onyx_image_scalar;

static const onyx_image_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_image_avx512,
  &onyx_image_avx2,
#elif defined(__aarch64__)
  &onyx_image_neon,
#endif
  &onyx_image_scalar,
};

const onyx_image_row *const *onyx_image_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
