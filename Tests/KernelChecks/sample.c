#include "check.h"

#include <math.h>

enum { WIDTH = 9, HEIGHT = 7, LANES = 16 };

// Bins of 0 ... 3 elements along an axis of `extent` elements that are `step` floats apart.
static onyx_sample_axis axis(int64_t bins, int64_t extent, int64_t step, uint32_t seed) {
  int32_t *starts = guarded((size_t)(bins + 1) * sizeof(int32_t));
  starts[0] = 0;
  for (int64_t b = 0; b < bins; b++) starts[b + 1] = starts[b] + (int32_t)((b + seed) % 4);
  const int64_t count = starts[bins];
  int64_t *offsets = guarded((size_t)count * sizeof(int64_t) + 1);
  uint8_t *clipped = guarded((size_t)bins);
  for (int64_t i = 0; i < count; i++) offsets[i] = (i + seed) % extent * step;
  for (int64_t b = 0; b < bins; b++) clipped[b] = starts[b] == starts[b + 1] || b % 3 == 1;
  float *weights = filled_floats(count + 1, 0.25f), *least = filled_floats(count + 1, 0), *greatest = filled_floats(count + 1, 0.75f);
  for (int64_t i = 0; i < count; i++) weights[i] = 0.125f * (float)(1 + i % 5), least[i] = i % 2 ? 0 : 0.25f;
  return (onyx_sample_axis){bins, starts, offsets, weights, least, greatest, clipped};
}

static void check_bins(const onyx_sample_row *row, const onyx_sample_row *scalar, int64_t bins, int64_t lanes) {
  const int64_t count = WIDTH * HEIGHT * lanes, results = bins * 3 * lanes;
  const onyx_sample_axis rows = axis(bins, HEIGHT, WIDTH * lanes, (uint32_t)bins), columns = axis(3, WIDTH, lanes, 2);
  const float *x = random_floats(count, 1), *wild = sweep_floats(count, 2);
  float *y = filled_floats(results, NAN), *e = filled_floats(results, NAN);
  (lanes > 1 ? row->average_blocks : row->average_plane)(y, x, &rows, &columns, 3);
  (lanes > 1 ? scalar->average_blocks : scalar->average_plane)(e, x, &rows, &columns, 3);
  check_close(y, e, results, 1e-6, 1e-6, "average of %lld bins, %lld lanes", (long long)bins, (long long)lanes);
  for (int sweep = 0; sweep < 2; sweep++) {
    (lanes > 1 ? row->maximum_blocks : row->maximum_plane)(y, sweep ? wild : x, &rows, &columns);
    (lanes > 1 ? scalar->maximum_blocks : scalar->maximum_plane)(e, sweep ? wild : x, &rows, &columns);
    check_close(y, e, results, 0, 0, "maximum of %lld bins, %lld lanes", (long long)bins, (long long)lanes);
  }
}

static void check_gather(const onyx_sample_row *row, const onyx_sample_row *scalar, int64_t taps, int64_t n) {
  const int64_t pixels = WIDTH * HEIGHT, stride = LANES + 3;
  const float *x = random_floats(pixels * LANES, 3), *weights = random_floats(n * taps, 4);
  int32_t *indices = guarded((size_t)(n * taps) * sizeof(int32_t));
  for (int64_t i = 0; i < n * taps; i++) indices[i] = (int32_t)(i * 37 % pixels);
  const int64_t count = (n - 1) * stride + LANES;
  float *y = filled_floats(count, 9), *e = filled_floats(count, 9);
  row->gather_blocks(y, stride, x, indices, weights, taps, n), scalar->gather_blocks(e, stride, x, indices, weights, taps, n);
  check_close(y, e, count, 1e-5, 1e-6, "gather_blocks of %lld taps, %lld", (long long)taps, (long long)n);
  row->gather_plane(y, x, indices, weights, taps, n), scalar->gather_plane(e, x, indices, weights, taps, n);
  check_close(y, e, n, 1e-5, 1e-6, "gather_plane of %lld taps, %lld", (long long)taps, (long long)n);
}

FAMILY(sample) {
  for (int64_t bins = 1; bins < 9; bins++) check_bins(row, scalar, bins, 1), check_bins(row, scalar, bins, LANES);
  static const int64_t taps[] = {1, 4, 8, 16};
  for (int64_t t = 0; t < COUNT(taps); t++)
    for (int64_t n = 1; n < 40; n += 6) check_gather(row, scalar, taps[t], n);
}
