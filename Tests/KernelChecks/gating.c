#include "check.h"

#include <math.h>

static void check_pools(const onyx_gating_row *row, const onyx_gating_row *scalar, int64_t channels, int64_t n) {
  const int64_t stride = n + 3, lane_stride = channels + 2;
  const float *planes = random_floats((channels - 1) * stride + n, 1), *lanes = random_floats((n - 1) * lane_stride + channels, 2);
  float *sum[2], *top[2];
  for (int form = 0; form < 2; form++) {
    for (int i = 0; i < 2; i++) {
      const onyx_gating_row *r = i ? scalar : row;
      sum[i] = filled_floats(channels, NAN), top[i] = filled_floats(channels, NAN);
      if (form) r->pool_lanes(sum[i], top[i], lanes, n, lane_stride, channels);
      else r->pool_planes(sum[i], top[i], planes, channels, stride, n);
    }
    check_close(sum[0], sum[1], channels, 1e-5, 3e-7 * (double)(n + 4), "pooled sums, form %d, %lld channels, %lld pixels", form, (long long)channels, (long long)n);
    check_close(top[0], top[1], channels, 0, 0, "pooled maxima, form %d, %lld channels, %lld pixels", form, (long long)channels, (long long)n);
  }
}

static void check_maps(const onyx_gating_row *row, const onyx_gating_row *scalar, int64_t channels, int64_t n, int joins) {
  const int64_t stride = n + 3, pixel_stride = 18, block_stride = n * pixel_stride, blocks = (channels + 15) / 16;
  const float *planes = random_floats((channels - 1) * stride + n, 1), *lanes = random_floats(blocks * block_stride, 2);
  for (int form = 0; form < 4; form++) {
    // Scales of lanes are whole blocks, as the channels are.
    const float *scale = form & 1 ? random_floats(blocks * 16, 3) : 0;
    float *sum[2], *top[2];
    for (int i = 0; i < 2; i++) {
      const onyx_gating_row *r = i ? scalar : row;
      sum[i] = random_floats(n, 4), top[i] = random_floats(n, 5);
      if (form & 2) r->map_lanes(sum[i], top[i], lanes, scale, channels, block_stride, n, pixel_stride, joins);
      else r->map_planes(sum[i], top[i], planes, scale, channels, stride, n, joins);
    }
    check_close(sum[0], sum[1], n, 1e-5, 3e-7 * (double)(channels + 4), "map of sums, form %d, %lld channels, %lld pixels", form, (long long)channels, (long long)n);
    check_close(top[0], top[1], n, 1e-6, 0, "map of maxima, form %d, %lld channels, %lld pixels", form, (long long)channels, (long long)n);
  }
}

static void check_window(const onyx_gating_row *row, const onyx_gating_row *scalar, int64_t tap_rows, int64_t taps, int64_t rows, int64_t width) {
  const int64_t maps = 2, row_stride = width + taps - 1, map_stride = (rows + tap_rows - 1) * row_stride;
  const float *x = random_floats(maps * map_stride + 3 * row_stride + 32, 1), *w = random_floats(maps * tap_rows * taps, 2);
  float *y = filled_floats(rows * width, NAN), *e = filled_floats(rows * width, NAN);
  row->window(y, x, w, 0.25f, maps, map_stride, row_stride, tap_rows, taps, rows, width);
  scalar->window(e, x, w, 0.25f, maps, map_stride, row_stride, tap_rows, taps, rows, width);
  check_close(y, e, rows * width, 1e-6, 1e-5, "window %lld x %lld over %lld x %lld", (long long)tap_rows, (long long)taps, (long long)rows, (long long)width);
}

static void check_stage(const onyx_gating_row *row, const onyx_gating_row *scalar, int64_t parts, int64_t rows, int64_t width, int64_t left, float divisor) {
  const int64_t row_stride = width + 2 * left + 1, part_stride = rows * width + 4;
  const float *src = random_floats((parts - 1) * part_stride + rows * width, 1);
  float *y = filled_floats(rows * row_stride, NAN), *e = filled_floats(rows * row_stride, NAN);
  row->stage(y, row_stride, left, src, parts, part_stride, rows, width, divisor);
  scalar->stage(e, row_stride, left, src, parts, part_stride, rows, width, divisor);
  check_close(y, e, rows * row_stride, 1e-6, 1e-6, "stage %lld parts of %lld x %lld, left %lld", (long long)parts, (long long)rows, (long long)width, (long long)left);
}

static void check_gate(const onyx_gating_row *row, const onyx_gating_row *scalar, int64_t rows, int64_t depth) {
  const float *x = random_floats(rows * (depth + 1), 1), *w = random_floats(depth * 16, 2);
  for (int form = 0; form < 2; form++) {
    const float *bias = form ? random_floats(16, 3) : 0;
    float *y = filled_floats(rows * 20, 5), *e = filled_floats(rows * 20, 5);
    row->gate(y, 20, x, depth + 1, w, bias, rows, depth), scalar->gate(e, 20, x, depth + 1, w, bias, rows, depth);
    check_close(y, e, rows * 20, 1e-6, 3e-7 * (double)(depth + 4), "gate %lld x %lld", (long long)rows, (long long)depth);
  }
}

static void check_scale(const onyx_gating_row *row, const onyx_gating_row *scalar, int64_t channels, int64_t n, int form) {
  const int lanes = form & 8, parallel = (form & 3) == 3 && form & 16;
  const int64_t stride = lanes ? 16 : n + 3, count = lanes ? n * 16 : (channels - 1) * stride + n;
  const float *x = random_floats(count, 1), *z = form & 4 ? random_floats(count, 2) : 0;
  const float *scale = form & 1 ? random_floats(16, 3) : 0, *map = form & 2 ? random_floats(n, 4) : 0;
  float *y = filled_floats(count, 5), *e = filled_floats(count, 5);
  for (int i = 0; i < 2; i++) {
    const onyx_gating_row *r = i ? scalar : row;
    if (lanes) r->scale_lanes(i ? e : y, x, z, scale, map, channels, n, stride, -0.5f, 0.75f, parallel);
    else r->scale_planes(i ? e : y, x, z, scale, map, channels, stride, n, -0.5f, 0.75f, parallel);
  }
  check_close(y, e, count, 1e-6, 3e-7, "scale form %d, %lld channels, %lld pixels", form, (long long)channels, (long long)n);
}

FAMILY(gating) {
  for (int64_t n = 1; n < 90; n += 7)
    for (int64_t channels = 1; channels < 40; channels += 6) {
      check_pools(row, scalar, channels, n);
      check_maps(row, scalar, channels, n, n & 1);
      check_gate(row, scalar, channels, n);
    }
  check_pools(row, scalar, 3, 9001);
  for (int64_t taps = 1; taps <= 7; taps += 2)
    for (int64_t rows = 1; rows < 9; rows += 2)
      for (int64_t width = 1; width < 60; width += 11) {
        check_window(row, scalar, taps, taps, rows, width);
        check_window(row, scalar, 1, taps, rows, width);
      }
  for (int64_t parts = 1; parts < 4; parts++)
    for (int64_t width = 1; width < 50; width += 5)
      for (int64_t left = 0; left < 4; left += 3) {
        check_stage(row, scalar, parts, 4, width, left, 0);
        check_stage(row, scalar, parts, 4, width, left, 3);
      }
  for (int64_t channels = 1; channels <= 16; channels += 5)
    for (int64_t n = 1; n < 40; n += 6)
      for (int form = 0; form < 32; form++) check_scale(row, scalar, channels, n, form);
}
