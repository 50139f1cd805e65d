#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_int8_row onyx_int8_avx512_vnni, onyx_int8_avx512, onyx_int8_avx2;
#elif defined(__aarch64__)
extern const onyx_int8_row onyx_int8_neon;
#endif
extern const onyx_int8_row onyx_int8_scalar;

static const onyx_int8_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_int8_avx512_vnni,
  &onyx_int8_avx512,
  &onyx_int8_avx2,
#elif defined(__aarch64__)
  &onyx_int8_neon,
#endif
  &onyx_int8_scalar,
};

const onyx_int8_row *const *onyx_int8_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
