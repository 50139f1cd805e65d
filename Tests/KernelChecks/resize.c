#include "check.h"

#include <math.h>
#include <stdlib.h>

// Where result x of tap t comes from: neighbours, ever further apart as `spread` grows.
static int64_t source(int64_t x, int64_t t, int64_t length, int64_t spread) { return (x * spread / 4 + t) % length; }

// The axis in the groups of a tier.
static onyx_resize_axis axis(const onyx_resize_row *row, int64_t count, int64_t length, int64_t taps, int64_t spread) {
  const int64_t lanes = row->lanes, groups = (count + lanes - 1) / lanes, total = groups * taps * lanes;
  int32_t *bases = guarded((size_t)groups * sizeof(int32_t)), *indices = guarded((size_t)total * sizeof(int32_t));
  float *weights = filled_floats(total, 0);
  for (int64_t g = 0; g < groups; g++) {
    int64_t low = length, high = 0;
    for (int64_t i = 0; i < taps * lanes; i++) {
      const int64_t t = i / lanes, x = g * lanes + i % lanes, at = x < count ? source(x, t, length, spread) : -1;
      indices[g * taps * lanes + i] = at < 0 ? 0 : (int32_t)at;
      if (at < 0) continue;
      weights[g * taps * lanes + i] = (x + t) % 5 ? 0.25f * (float)((x + t) % 5) : 0;
      low = at < low ? at : low, high = at > high ? at : high;
    }
    bases[g] = high - low < row->window ? (int32_t)low : -1;
    for (int64_t i = 0; i < taps * lanes; i++) {
      int32_t *index = indices + g * taps * lanes + i;
      if (bases[g] >= 0) *index = *index >= low ? *index - (int32_t)low : 0;
    }
  }
  return (onyx_resize_axis){count, length, taps, bases, indices, weights};
}

static void check_across(const onyx_resize_row *row, const onyx_resize_row *scalar, int64_t count, int64_t length, int64_t taps,
                         int64_t spread) {
  const onyx_resize_axis some = axis(row, count, length, taps, spread), plain = axis(scalar, count, length, taps, spread);
  const float *x = random_floats(length, 1), *wild = sweep_floats(length, 2);
  float *y = filled_floats(count, NAN), *e = filled_floats(count, NAN);
  row->across(y, x, &some), scalar->across(e, x, &plain);
  check_close(y, e, count, 1e-6, 1e-6, "across %lld of %lld, %lld taps, spread %lld", (long long)count, (long long)length,
              (long long)taps, (long long)spread);
  if (taps > 1) return;
  row->pick(y, wild, &some), scalar->pick(e, wild, &plain);
  check_bits(y, e, (size_t)count * sizeof(float), "pick %lld of %lld, spread %lld", (long long)count, (long long)length,
             (long long)spread);
}

static void check_rows(const onyx_resize_row *row, const onyx_resize_row *scalar, int64_t taps, int64_t n) {
  const int64_t rows = 5, first = 3, stride = n + 2;
  float *x = filled_floats((rows - 1) * stride + n, 0), *weights = filled_floats(4 * taps, 0);
  const float *noise = random_floats((rows - 1) * stride + n, 3);
  for (int64_t i = 0; i < (rows - 1) * stride + n; i++) x[i] = i / stride == 1 ? INFINITY : noise[i];
  int32_t *indices = guarded((size_t)(4 * taps) * sizeof(int32_t));
  // The row of infinities has no weight.
  for (int64_t t = 0; t < 4 * taps; t++) indices[t] = (int32_t)(first + t % rows), weights[t] = t % rows == 1 ? 0 : 0.5f + 0.125f * (float)(t % 3);
  float *y = filled_floats(4 * n, NAN), *e = filled_floats(4 * n, NAN);
  row->down(y, x, stride, first, indices, weights, taps, n), scalar->down(e, x, stride, first, indices, weights, taps, n);
  check_close(y, e, n, 1e-6, 1e-6, "down %lld, %lld taps", (long long)n, (long long)taps);
  const float *runs = random_floats((first + rows) * n, 4);
  row->across_runs(y, runs, indices, weights, taps, 4, n), scalar->across_runs(e, runs, indices, weights, taps, 4, n);
  check_close(y, e, 4 * n, 1e-6, 1e-6, "across_runs of %lld, %lld taps", (long long)n, (long long)taps);
}

FAMILY(resize) {
  static const int64_t taps[] = {1, 2, 3, 4, 9};
  for (int64_t t = 0; t < COUNT(taps); t++)
    for (int64_t count = 1; count < 70; count += 5)
      for (int64_t spread = 1; spread < 40; spread = spread * 2 + 1)
        for (int64_t length = 1; length < 100; length = length * 3 + 1) check_across(row, scalar, count, length, taps[t], spread);
  for (int64_t t = 1; t < 20; t += 3)
    for (int64_t n = 1; n < 70; n += 3) check_rows(row, scalar, t, n);
}
