#include "check.h"

#include <math.h>
#include <string.h>

// Rows of 16 lanes, folded into what is there.
static void check_blocks(const onyx_reduce_row *row, int64_t count) {
  const int64_t stride = 19;
  const float *block = random_floats(count * stride + 16, 2), *wild = sweep_floats(count * stride + 16, 3);
  for (int f = 0; f < ONYX_REDUCE_COUNT; f++)
    for (int is_wild = 0; is_wild < (f == ONYX_REDUCE_MAX || f == ONYX_REDUCE_MIN ? 2 : 1); is_wild++) {
      const float *x = is_wild ? wild : block;
      float *y = random_floats(16, 4), *e = random_floats(16, 4);
      row->blocks[f](y, x, count, stride), row->rows[f](e, x, count, stride, 16);
      check_close(y, e, 16, is_wild ? 0 : 1e-6, is_wild ? 0 : 1e-6, "blocks %d of %lld", f, (long long)count);
    }
}

FAMILY(reduce) {
  for (int64_t count = 0; count < 20; count++) check_blocks(row, count);
  for (int64_t n = 0; n < 150; n++) {
    const float *x = random_floats(n, (uint32_t)n + 1), *block = random_floats(5 * (n + 2), 2);
    float *y = filled_floats(n + 1, NAN), *e = filled_floats(n + 1, NAN);
    for (int f = 0; f < ONYX_REDUCE_COUNT; f++) {
      y[0] = row->run[f](x, n), e[0] = scalar->run[f](x, n);
      check_close(y, e, 1, 2e-5, 1e-7 * (double)(n + 4), "run %d of %lld", f, (long long)n);
      if (n == 0) continue;
      memcpy(y, x, (size_t)n * sizeof(float)), memcpy(e, x, (size_t)n * sizeof(float));
      row->rows[f](y, block, 5, n + 2, n), scalar->rows[f](e, block, 5, n + 2, n);
      check_close(y, e, n, 1e-6, 1e-6, "rows %d of %lld", f, (long long)n);
    }
    y[0] = row->sum_exp(x, n, 1), e[0] = scalar->sum_exp(x, n, 1);
    check_close(y, e, 1, 2e-6, 0, "sum_exp of %lld", (long long)n);
    // Extremes of wild numbers, NaN included.
    const float *wild = sweep_floats(n, (uint32_t)n + 7);
    for (int f = ONYX_REDUCE_MAX; f <= ONYX_REDUCE_MIN; f++) {
      y[0] = row->run[f](wild, n), e[0] = scalar->run[f](wild, n);
      check_close(y, e, 1, 0, 0, "extreme %d of %lld", f, (long long)n);
    }
  }
}
