#include "check.h"

#include <math.h>

static void check_columns(const onyx_normalize_row *row, const onyx_normalize_row *scalar, int64_t width, int logarithm) {
  const int64_t n = 7, stride = width + 3, count = (n - 1) * stride + width;
  const float *x = random_floats(count, 1);
  float *y = filled_floats(count, 5), *e = filled_floats(count, 5);
  row->softmax_columns(y, x, n, stride, width, logarithm), scalar->softmax_columns(e, x, n, stride, width, logarithm);
  check_close(y, e, count, 2e-6, 1e-6, "softmax_columns %lld log %d", (long long)width, logarithm);
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
      row->softmax_run(y, x, n, logarithm), scalar->softmax_run(e, x, n, logarithm);
      check_close(y, e, n, 2e-6, 2e-6, "softmax_run %lld log %d", (long long)n, logarithm);
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
