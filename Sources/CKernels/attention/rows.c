#include "../include/CKernels.h"

#if defined(__x86_64__)
extern const onyx_attention_row onyx_attention_avx512, onyx_attention_avx2;
#elif defined(__aarch64__)
extern const onyx_attention_row onyx_attention_neon;
#endif
extern const onyx_attention_row onyx_attention_scalar;

static const onyx_attention_row *const rows[] = {
#if defined(__x86_64__)
  &onyx_attention_avx512,
  &onyx_attention_avx2,
#elif defined(__aarch64__)
  &onyx_attention_neon,
#endif
  &onyx_attention_scalar,
};

const onyx_attention_row *const *onyx_attention_rows(size_t *count) {
  *count = sizeof rows / sizeof rows[0];
  return rows;
}
