#include "check.h"

#include <math.h>
#include <string.h>

// Doubles over all magnitudes, with the special numbers of sweep_floats.
static double *sweep_doubles(int64_t n, uint32_t seed) {
  const float *x = sweep_floats(n, seed);
  double *wide = guarded((size_t)n * sizeof(double));
  for (int64_t i = 0; i < n; i++) wide[i] = i % 5 == 3 ? x[i] * 1e4 : x[i] * (1 + 0x1p-30);
  return wide;
}

// |actual - expected| <= 8 units in the last place of what is not tiny, and of one where a sum cancels, as in both forms of GELU; NaN
// equals NaN.
static void check_doubles(const double *actual, const double *expected, int64_t n, int function) {
  const double cancels = function == ONYX_FUNCTION_GELU || function == ONYX_FUNCTION_GELU_TANH ? 1 : 0;
  float *a = filled_floats(n, 0), *e = filled_floats(n, 0);
  for (int64_t i = 0; i < n; i++) {
    const double off = fabs(actual[i] - expected[i]), limit = 8 * 0x1p-52 * (fabs(expected[i]) + cancels) + 1e-300;
    const int same = actual[i] == expected[i] || (actual[i] != actual[i] && expected[i] != expected[i]) || off <= limit;
    a[i] = same ? 0 : 1;
  }
  check_equal(a, e, n, "function %d of doubles, %lld elements", function, (long long)n);
}

// erf of doubles is within 2 units in the last place everywhere, as its steps from polynomial to polynomial are.
static void check_erf(const onyx_functions_row *row) {
  enum { COUNT = 4099 };
  double *x = guarded(COUNT * sizeof(double)), *y = guarded(COUNT * sizeof(double));
  for (int pass = 0; pass < 3; pass++) {
    const double scale = pass == 0 ? 6.5 : pass == 1 ? 1.2 : 1e-3;
    for (int i = 0; i < COUNT; i++) x[i] = scale * (2 * (i + 0.37) / COUNT - 1);
    row->f64[ONYX_FUNCTION_ERF](y, x, COUNT, 0, 0);
    float *off = filled_floats(COUNT, 0), *none = filled_floats(COUNT, 0);
    for (int i = 0; i < COUNT; i++) {
      const long double exact = erfl(x[i]);
      const double size = fabs((double)exact), unit = size - nextafter(size, 0);
      off[i] = fabsl(y[i] - exact) <= 2 * unit ? 0 : 1;
    }
    check_equal(off, none, COUNT, "erf of doubles up to %g", scale);
  }
}

// Powers of numbers of both signs, among them zeros, whose exponents are whole or not, and of positive ones: no block of them holds
// an infinity or NaN.
static void check_powers(const onyx_functions_row *row, const onyx_functions_row *scalar, int64_t n) {
  const float *random = random_floats(n, (uint32_t)n + 5);
  float *a = filled_floats(n, 0), *b = filled_floats(n, 0), *y = filled_floats(n, NAN), *e = filled_floats(n, NAN);
  for (int kind = 0; kind < 4; kind++) {
    for (int64_t i = 0; i < n; i++) {
      const float size = ldexpf(1 + fabsf(random[i]), (int)(i * 7 % 61) - 30), exponent = (float)(i * 5 % 17) - 8;
      a[i] = kind && i % 3 ? -size : size, b[i] = kind & 1 ? exponent : exponent * 0.37f;
      if (kind > 1 && i % 5 == 0) a[i] *= 0;
    }
    for (int form = 1; form < 4; form++) {
      row->power(y, a, b, n, form & 1, form >> 1), scalar->power(e, a, b, n, form & 1, form >> 1);
      check_close(y, e, n, 1.2e-7, 0x1p-149, "powers of finite numbers, form %d of %lld, kind %d", form, (long long)n, kind);
    }
  }
}

FAMILY(functions) {
  check_erf(row);
  for (int64_t n = 1; n < 140; n += n < 20 ? 1 : 13) {
    check_powers(row, scalar, n);
    const float *x = sweep_floats(n, (uint32_t)n + 1), *exponents = sweep_floats(n, (uint32_t)n + 9), *one = random_floats(1, 3);
    const double *wide = sweep_doubles(n, (uint32_t)n + 2);
    for (int f = 0; f < ONYX_FUNCTION_COUNT; f++) {
      double *y = guarded((size_t)n * sizeof(double)), *e = guarded((size_t)n * sizeof(double));
      row->f64[f](y, wide, n, 0.75f, 1.25f), scalar->f64[f](e, wide, n, 0.75f, 1.25f);
      check_doubles(y, e, n, f);
      if (!row->f32[f]) continue;
      float *narrow = filled_floats(n, NAN), *expected = filled_floats(n, NAN);
      row->f32[f](narrow, x, n, 0, 0), scalar->f32[f](expected, x, n, 0, 0);
      check_close(narrow, expected, n, 1.2e-7, 0x1p-149, "function %d of %lld floats", f, (long long)n);
    }
    for (int form = 1; form < 4; form++) {
      const int64_t base = form & 1, power = form >> 1;
      float *y = filled_floats(n, NAN), *e = filled_floats(n, NAN);
      row->power(y, base ? x : one, power ? exponents : one, n, base, power);
      scalar->power(e, base ? x : one, power ? exponents : one, n, base, power);
      check_close(y, e, n, 1.2e-7, 0x1p-149, "power, form %d of %lld", form, (long long)n);
    }
  }
}
