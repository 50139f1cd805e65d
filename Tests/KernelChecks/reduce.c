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

// Lines that lie end to end against each alone, and columns of exponentials.
static void check_lines(const onyx_reduce_row *row, const onyx_reduce_row *scalar, int64_t lines, int64_t n) {
  const float *x = random_floats(lines * n, 5), *wild = sweep_floats(lines * n, 6);
  float *y = filled_floats(lines, NAN), *e = filled_floats(lines, NAN);
  for (int f = 0; f < ONYX_REDUCE_COUNT; f++)
    for (int is_wild = 0; is_wild < (f == ONYX_REDUCE_MAX || f == ONYX_REDUCE_MIN ? 2 : 1); is_wild++) {
      const float *from = is_wild ? wild : x;
      row->lines[f](y, from, lines, n);
      for (int64_t r = 0; r < lines; r++) e[r] = scalar->run[f](from + r * n, n);
      check_close(y, e, lines, is_wild ? 0 : 2e-5, is_wild ? 0 : 1e-6, "%lld lines %d of %lld", (long long)lines, f, (long long)n);
      // Alone a line gives the same bits.
      for (int64_t r = 0; r < lines; r++) row->lines[f](e + r, from + r * n, 1, n);
      check_equal(y, e, lines, "%lld lines %d of %lld, one by one", (long long)lines, f, (long long)n);
    }
  if (lines == 0) return;
  const float *shift = random_floats(n, 8);
  float *sum = filled_floats(n, 1), *expected = filled_floats(n, 1);
  row->sum_exp_rows(sum, x, lines, n, n, shift), scalar->sum_exp_rows(expected, x, lines, n, n, shift);
  check_close(sum, expected, n, 2e-6, 0, "sum_exp_rows of %lld and %lld", (long long)lines, (long long)n);
}

FAMILY(reduce) {
  for (int64_t lines = 0; lines < 36; lines += lines < 18 ? 1 : 5)
    for (int64_t n = 1; n < 70; n += n < 18 ? 1 : 7) check_lines(row, scalar, lines, n);
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
