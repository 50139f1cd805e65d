#include "check.h"

#include <math.h>
#include <string.h>

static float value(uint16_t bits, int form) {
  float x;
  const uint32_t word = (uint32_t)bits << 16;
  memcpy(&x, &word, sizeof x);
  if (form) return x;
  const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  const float magnitude = exponent == 31 ? (mantissa ? NAN : INFINITY)
                                         : ldexpf((float)(mantissa + (exponent ? 1024 : 0)), (exponent ? exponent : 1) - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

// The nearest code of either type, of two the even one: codes of one sign stand in the order of their numbers.
static uint16_t nearest(float x, int form) {
  const uint16_t sign = signbit(x) ? 0x8000 : 0, end = form ? 0x7f80 : 0x7c00;
  if (isnan(x)) return sign | 0x7fff;
  int low = 0, high = end;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    if (value((uint16_t)middle, form) <= fabsf(x)) low = middle;
    else high = middle;
  }
  // Infinity stands where the next number would be.
  const double above = high == end ? ldexp(1, form ? 128 : 16) : value((uint16_t)high, form), below = value((uint16_t)low, form);
  const double up = above - fabs((double)x), down = fabs((double)x) - below;
  if (isinf(x)) return sign | end;
  return sign | (uint16_t)(up < down || (up == down && (high & 1) == 0) ? high : low);
}

FAMILY(half) {
  (void)scalar;
  enum { N = 65536 };
  uint16_t *codes = guarded(2 * N), *narrowed = guarded(2 * N);
  float *x = filled_floats(N, 0), *expected = filled_floats(N, 0);
  for (int form = 0; form < 2; form++) {
    for (int64_t i = 0; i < N; i++) codes[i] = (uint16_t)i, expected[i] = value(codes[i], form);
    row->widen[form](x, codes, N);
    check_equal(x, expected, N, "every code, form %d", form);
    // Each number between two codes, and a little to either side of the middle.
    for (int part = 0; part < 5; part++) {
      for (int64_t i = 0; i < N; i++) {
        const float a = value(codes[i], form), b = value((uint16_t)(codes[i] + 1), form);
        const float middle = isfinite(a) && isfinite(b) ? a / 2 + b / 2 : isfinite(a) && isinf(b) ? a * (form ? 1.0019f : 1.000244f) : a;
        x[i] = part == 0 ? a : part == 1 ? middle : part == 2 ? nextafterf(middle, 0) : part == 3 ? nextafterf(middle, b) : a * 3.7f;
      }
      row->narrow[form](narrowed, x, N);
      for (int64_t i = 0; i < N; i++) {
        codes[i] = nearest(x[i], form);
        if (isnan(x[i])) codes[i] = narrowed[i] = isnan(value(narrowed[i], form)) ? 0x7fff : narrowed[i];
      }
      check_bits((const uint8_t *)narrowed, (const uint8_t *)codes, 2 * N, "numbers %d, form %d", part, form);
      for (int64_t i = 0; i < N; i++) codes[i] = (uint16_t)i;
    }
    for (int64_t n = 0; n < 70; n++) {
      uint16_t *few = guarded((size_t)(2 * n)), *back = guarded((size_t)(2 * n));
      float *wide = filled_floats(n, 0);
      for (int64_t i = 0; i < n; i++) few[i] = (uint16_t)(311 * i);
      row->widen[form](wide, few, n);
      row->narrow[form](back, wide, n);
      check_bits((const uint8_t *)back, (const uint8_t *)few, (size_t)(2 * n), "%lld there and back", (long long)n);
    }
  }
}
