#include "check.h"

#include <string.h>

static const int64_t widths[ONYX_FOLD_TYPES] = {8, 8, 8, 4, 4, 1, 1};

// Whole numbers in every element, so that no order of sums is rounded.
static void *elements(int type, int64_t n, uint32_t seed) {
  uint8_t *bytes = random_bytes(n * widths[type], seed);
  if (type != ONYX_FOLD_F64) return bytes;
  double *numbers = guarded((size_t)n * sizeof(double));
  for (int64_t i = 0; i < n; i++) numbers[i] = (double)(bytes[i] % 5) - 2;
  return numbers;
}

// Numbers at most 0 behind the shift, some far behind; a sum depends on the order of its terms in the last bits only.
static void check_exponentials(const onyx_fold_row *row, const onyx_fold_row *scalar, int64_t n, int are_whole) {
  enum { LINES = 5 };
  const float *random = random_floats(LINES * (n + 3), (uint32_t)n);
  double *x = guarded((size_t)(LINES * (n + 3)) * sizeof(double)), *shifts = guarded((size_t)(n + LINES) * sizeof(double));
  for (int64_t i = 0; i < LINES * (n + 3); i++) x[i] = i % 11 == 3 ? -1e300 : i % 7 == 3 ? 2 : (double)random[i] * (i % 5 ? 3 : 400);
  // Whole ones with a number among them that is not, in one line of long ones.
  for (int64_t i = 0; i < LINES * (n + 3) && are_whole; i++) x[i] = i == 333 ? 0.5 : i % 13 == 3 ? -1e9 : (double)(400 - i * i % 90);
  for (int64_t i = 0; i < n + LINES; i++) shifts[i] = 400 + (double)(i % 3);
  for (int is_rows = 0; is_rows < 2; is_rows++) {
    const int64_t count = is_rows ? n : LINES;
    double *y = guarded((size_t)count * sizeof(double)), *e = guarded((size_t)count * sizeof(double));
    float *a = guarded((size_t)count * sizeof(float)), *b = guarded((size_t)count * sizeof(float));
    for (int64_t i = 0; i < count; i++) y[i] = e[i] = (double)i;
    if (is_rows) row->exp_rows(y, x, LINES, n + 3, n, shifts), scalar->exp_rows(e, x, LINES, n + 3, n, shifts);
    else row->exp_lines(y, x, LINES, n, shifts), scalar->exp_lines(e, x, LINES, n, shifts);
    for (int64_t i = 0; i < count; i++) a[i] = (float)((y[i] - e[i]) / (e[i] + 1e-300) * 1e14), b[i] = 0;
    check_close(a, b, count, 0, 1, "exponentials of %lld, rows %d, whole %d", (long long)n, is_rows, are_whole);
  }
}

FAMILY(fold) {
  for (int64_t n = 1; n < 100; n++) check_exponentials(row, scalar, n, 0), check_exponentials(row, scalar, n, 1);
  for (int64_t n = 0; n < 270; n += n < 40 ? 1 : 7)
    for (int type = 0; type < ONYX_FOLD_TYPES; type++)
      for (int kind = 0; kind < ONYX_FOLD_KINDS; kind++) {
        const int f = type * ONYX_FOLD_KINDS + kind;
        if (!row->run[f]) continue;
        const int is_extreme = kind == ONYX_REDUCE_MAX || kind == ONYX_REDUCE_MIN;
        // A product of doubles stays whole while it is short; a norm of wide integers does not.
        if (type == ONYX_FOLD_F64 && kind == ONYX_REDUCE_PRODUCT && n > 40) continue;
        if (kind == ONYX_FOLD_NORM && type != ONYX_FOLD_F64) continue;
        const int64_t width = is_extreme ? widths[type] : 8;
        const void *x = elements(type, 5 * (n + 3), (uint32_t)n + 1);
        uint64_t y = 1, e = 1;
        row->run[f](&y, x, n), scalar->run[f](&e, x, n);
        check_bits(&y, &e, (size_t)width, "run %d of %lld", f, (long long)n);
        char *many = guarded((size_t)(n * width)), *expected = guarded((size_t)(n * width));
        memset(many, 0, (size_t)(n * width)), memset(expected, 0, (size_t)(n * width));
        row->rows[f](many, x, 5, n + 3, n), scalar->rows[f](expected, x, 5, n + 3, n);
        check_bits(many, expected, (size_t)(n * width), "rows %d of %lld", f, (long long)n);
        char *lines = guarded((size_t)(5 * width)), *alone = guarded((size_t)(5 * width));
        memset(lines, 0, (size_t)(5 * width)), memset(alone, 0, (size_t)(5 * width));
        row->lines[f](lines, x, 5, n);
        for (int64_t r = 0; r < 5; r++) scalar->run[f](alone + r * width, (const char *)x + r * n * widths[type], n);
        check_bits(lines, alone, (size_t)(5 * width), "lines %d of %lld", f, (long long)n);
      }
}
