#include "check.h"

#include <string.h>

static const int64_t widths[ONYX_TYPED_GEMM_TYPES] = {8, 4, 8};

static void *elements(int type, int64_t n, uint32_t seed) {
  uint8_t *bytes = random_bytes(n * widths[type], seed);
  if (type != ONYX_TYPED_GEMM_F64) return bytes;
  double *numbers = guarded((size_t)n * sizeof(double));
  for (int64_t i = 0; i < n; i++) numbers[i] = (double)(bytes[i] % 17) - 8;
  return numbers;
}

FAMILY(typed_gemm) {
  for (int type = 0; type < ONYX_TYPED_GEMM_TYPES; type++)
    for (int64_t k = 0; k < 20; k += 3)
      for (int64_t rows = 1; rows <= ONYX_TYPED_GEMM_ROWS; rows++)
        for (int64_t columns = 1; columns <= ONYX_TYPED_GEMM_BYTES / widths[type]; columns += 3)
          for (int accumulates = 0; accumulates < 2; accumulates++) {
            const void *a = elements(type, k * ONYX_TYPED_GEMM_ROWS, 1);
            const void *b = elements(type, k * ONYX_TYPED_GEMM_BYTES / widths[type], 2);
            const int64_t stride = columns + 1;
            const size_t bytes = (size_t)((stride * (rows - 1) + columns) * widths[type]);
            void *y = guarded(bytes), *e = guarded(bytes);
            memcpy(y, elements(type, stride * rows, 3), bytes), memcpy(e, y, bytes);
            row->tile[type](k, a, b, y, stride, rows, columns, accumulates);
            scalar->tile[type](k, a, b, e, stride, rows, columns, accumulates);
            check_bits(y, e, bytes, "type %d, %lld x %lld x %lld", type, (long long)rows, (long long)columns, (long long)k);
          }
}
