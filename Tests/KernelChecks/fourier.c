#include "check.h"

#include <math.h>
#include <string.h>

enum { LANES = ONYX_FOURIER_LANES };

static double *doubles(int64_t n, uint32_t seed) {
  const float *values = random_floats(n, seed);
  double *out = guarded((size_t)n * sizeof(double));
  for (int64_t i = 0; i < n; i++) out[i] = (double)values[i];
  return out;
}

// exp(-2 pi i turn (first + k)) for k < count.
static double *turns(int64_t count, int64_t first, double turn) {
  double *out = guarded((size_t)count * 2 * sizeof(double));
  for (int64_t k = 0; k < count; k++) {
    const double angle = -2 * 3.14159265358979323846 * turn * (double)(k + first);
    out[2 * k] = cos(angle), out[2 * k + 1] = sin(angle);
  }
  return out;
}

// Fused multiply-adds are nowhere in a body, so rows agree but for the signs of zeros.
static void check_doubles(const double *actual, const double *expected, int64_t n, const char *what, int64_t a, int64_t b) {
  float *y = filled_floats(n, 0), *e = filled_floats(n, 0);
  for (int64_t i = 0; i < n; i++) {
    const double difference = fabs(actual[i] - expected[i]);
    y[i] = difference <= 1e-13 * (fabs(expected[i]) + 1) ? 0 : 1;
  }
  check_close(y, e, n, 0, 0, "%s of %lld, %lld", what, (long long)a, (long long)b);
}

static void check_pass(const onyx_fourier_row *row, const onyx_fourier_row *scalar, int64_t r, int64_t m, int64_t s) {
  const int64_t n = r * m * s * LANES;
  const double *xr = doubles(n, 1), *xi = doubles(n, 2), *factors = doubles(2 * m * (r - 1), 3), *roots = turns(r, 0, 1 / (double)r);
  double *yr = doubles(n, 4), *yi = doubles(n, 5), *er = doubles(n, 6), *ei = doubles(n, 7);
  row->pass(yr, yi, xr, xi, r, m, s, factors, roots), scalar->pass(er, ei, xr, xi, r, m, s, factors, roots);
  check_doubles(yr, er, n, "pass", r, s), check_doubles(yi, ei, n, "pass", r, s);
  for (int64_t p = 0; p < m; p++)
    for (int64_t q = 0; q < s * LANES; q++)
      for (int64_t k = 0; k < r; k++) {
        double re = 0, im = 0;
        for (int64_t j = 0; j < r; j++) {
          const double c = roots[2 * (j * k % r)], d = roots[2 * (j * k % r) + 1];
          const int64_t at = q + s * LANES * (p + j * m);
          re += xr[at] * c - xi[at] * d, im += xr[at] * d + xi[at] * c;
        }
        const double c = k > 0 ? factors[2 * (p * (r - 1) + k - 1)] : 1, d = k > 0 ? factors[2 * (p * (r - 1) + k - 1) + 1] : 0;
        const int64_t at = q + s * LANES * (r * p + k);
        er[at] = re * c - im * d, ei[at] = re * d + im * c;
      }
  check_doubles(yr, er, n, "sums of pass", r, s), check_doubles(yi, ei, n, "sums of pass", r, s);
}

static void check_parts(const onyx_fourier_row *row, const onyx_fourier_row *scalar, int64_t n) {
  const double *xr = doubles(n * LANES, 1), *xi = doubles(n * LANES, 2), *factors = doubles(2 * n * LANES, 3);
  const int64_t more = (n + 1) * LANES;
  double *yr = doubles(more, 4), *yi = doubles(more, 5), *er = doubles(more, 4), *ei = doubles(more, 5);
  row->multiply(yr, yi, xr, xi, n, factors), scalar->multiply(er, ei, xr, xi, n, factors);
  check_doubles(yr, er, more, "multiply", n, 0), check_doubles(yi, ei, more, "multiply", n, 0);
  row->split(yr, yi, xr, xi, n, doubles(2 * (n + 1), 8)), scalar->split(er, ei, xr, xi, n, doubles(2 * (n + 1), 8));
  check_doubles(yr, er, more, "split", n, 0), check_doubles(yi, ei, more, "split", n, 0);
  double *jr = doubles(n * LANES, 4), *ji = doubles(n * LANES, 5), *kr = doubles(n * LANES, 4), *ki = doubles(n * LANES, 5);
  row->join(jr, ji, xr, xi, n, factors), scalar->join(kr, ki, xr, xi, n, factors);
  check_doubles(jr, kr, n * LANES, "join", n, 0), check_doubles(ji, ki, n * LANES, "join", n, 0);
}

FAMILY(fourier) {
  for (int64_t r = 2; r <= 13; r++)
    for (int64_t s = 1; s <= 3; s++) check_pass(row, scalar, r, 1 + r % 4, s);
  check_pass(row, scalar, 31, 2, 1), check_pass(row, scalar, 32, 1, 2);
  for (int64_t n = 1; n < 20; n++) check_parts(row, scalar, n);
}
