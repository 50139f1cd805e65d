#include "check.h"

#include <math.h>
#include <string.h>

static void check_columns(const onyx_normalize_row *row, const onyx_normalize_row *scalar, int64_t width, int logarithm) {
  const int64_t n = 7, stride = width + 3, count = (n - 1) * stride + width;
  const float *x = random_floats(count, 1);
  float *y = filled_floats(count, 5), *e = filled_floats(count, 5);
  row->softmax_columns(y, x, n, stride, width, logarithm), scalar->softmax_columns(e, x, n, stride, width, logarithm);
  check_close(y, e, count, 2e-6, 1e-6, "softmax_columns %lld log %d", (long long)width, logarithm);
}

// Dense blocks of few columns, in which one column has a NaN and another an infinity.
static void check_narrow(const onyx_normalize_row *row, const onyx_normalize_row *scalar, int64_t n, int64_t width, int logarithm) {
  const int64_t count = n * width;
  float *x = filled_floats(count, 0), *y = filled_floats(count, 5), *e = filled_floats(count, 5);
  for (int special = 0; special < 2; special++) {
    memcpy(x, random_floats(count, 1), (size_t)count * sizeof(float));
    if (special && width > 2) x[n / 2 * width + 1] = NAN, x[(n - 1) * width + 2] = -INFINITY;
    row->softmax_columns(y, x, n, width, width, logarithm), scalar->softmax_columns(e, x, n, width, width, logarithm);
    check_close(y, e, count, 2e-6, 1e-6, "softmax_columns of %lld, all %lld log %d", (long long)n, (long long)width, logarithm);
    row->softmax_columns(x, x, n, width, width, logarithm);
    check_equal(x, y, count, "softmax_columns in place of %lld, all %lld log %d", (long long)n, (long long)width, logarithm);
  }
}

// Each line of several, with a NaN, an infinity or nothing but -inf in some, has the bits that it has alone; in place too.
static void check_lines(const onyx_normalize_row *row, int64_t n, int logarithm) {
  const int64_t lines = 7, count = lines * n;
  float *x = filled_floats(count, 0), *y = filled_floats(count, 5), *e = filled_floats(count, 5);
  memcpy(x, random_floats(count, 4), (size_t)count * sizeof(float));
  x[1 * n + n / 2] = NAN, x[2 * n] = INFINITY, x[5 * n + n - 1] = -INFINITY;
  for (int64_t i = 0; i < n; i++) x[4 * n + i] = -INFINITY;
  for (int64_t i = 0; i < lines; i++) row->softmax_lines(e + i * n, x + i * n, 1, n, logarithm);
  row->softmax_lines(y, x, lines, n, logarithm);
  check_equal(y, e, count, "softmax of %lld lines of %lld, log %d", (long long)lines, (long long)n, logarithm);
  row->softmax_lines(x, x, lines, n, logarithm);
  check_equal(x, e, count, "softmax in place of %lld lines of %lld, log %d", (long long)lines, (long long)n, logarithm);
  const float *nan = filled_floats(n, NAN);
  check_equal(y + n, nan, n, "softmax with a NaN, %lld", (long long)n);
  check_equal(y + 2 * n, nan, n, "softmax with an infinity, %lld", (long long)n);
  check_equal(y + 4 * n, nan, n, "softmax of nothing but -inf, %lld", (long long)n);
}

// Equal numbers have themselves as their mean: what is left of them is nothing.
static void check_equal_numbers(const onyx_normalize_row *row, int64_t n, float value) {
  float *x = filled_floats(n, value), *y = filled_floats(n, NAN), *expected = filled_floats(n, 0), mean, variance;
  row->moments(x, n, &mean, &variance);
  check_equal(&mean, &value, 1, "mean of %lld times %g", (long long)n, (double)value);
  row->normalize(y, x, n, mean, 1 / sqrtf(variance + 1e-5f), 0, 0);
  check_equal(y, expected, n, "%lld times %g normalized", (long long)n, (double)value);
}

FAMILY(normalize) {
  static const float values[] = {0.7f, -1234.1f, 1e-20f, 3.3e30f};
  static const int64_t counts[] = {1, 5, 768, 1000, 1025, 10000, 65536, 1000003};
  for (int64_t i = 0; i < COUNT(counts) * COUNT(values); i++) check_equal_numbers(row, counts[i / COUNT(values)], values[i % COUNT(values)]);
  for (int64_t n = 1; n < 150; n++) {
    const float *x = random_floats(n, (uint32_t)n), *scale = random_floats(n, 2), *shift = random_floats(n, 3);
    float *y = filled_floats(n, NAN), *e = filled_floats(n, NAN), *m = filled_floats(2, NAN), *v = filled_floats(2, NAN);
    for (int logarithm = 0; logarithm < 2; logarithm++) {
      row->softmax_lines(y, x, 1, n, logarithm), scalar->softmax_lines(e, x, 1, n, logarithm);
      check_close(y, e, n, 2e-6, 2e-6, "softmax_lines %lld log %d", (long long)n, logarithm);
      check_lines(row, n, logarithm);
      for (int64_t width = 1; width <= 32; width += width < 9 ? 1 : 7) check_narrow(row, scalar, n, width, logarithm);
      if (n < 50) check_columns(row, scalar, n, logarithm);
    }
    row->moments(x, n, m, v), scalar->moments(x, n, m + 1, v + 1);
    check_close(m, m + 1, 1, 1e-6, 1e-6, "mean of %lld", (long long)n);
    check_close(v, v + 1, 1, 1e-6, 1e-6, "variance of %lld", (long long)n);
    for (int form = 0; form < 4; form++) {
      const float *s = form & 1 ? scale : 0, *t = form & 2 ? shift : 0;
      row->normalize(y, x, n, 0.2f, 3, s, t), scalar->normalize(e, x, n, 0.2f, 3, s, t);
      check_equal(y, e, n, "normalize %d of %lld", form, (long long)n);
    }
  }
}
