#include "check.h"

#include <math.h>
#include <string.h>

static float widened(uint16_t x) {
  const uint32_t bits = (uint32_t)x << 16;
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

// The nearer neighbour, by distances in double; the one with an even last bit when both are as near.
static uint16_t nearest(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  const uint16_t down = (uint16_t)(bits >> 16), up = (uint16_t)(down + 1);
  const float low = widened(down), high = widened(up);
  // Past the greatest number the next step would be 2^128.
  const double above = isinf(high) ? copysign(0x1p128, x) : high;
  const double to_low = fabs((double)x - low), to_high = fabs(above - (double)x);
  if (isinf(x) || to_low < to_high) return down;
  return to_low > to_high || down & 1 ? up : down;
}

static void check_tile(const onyx_bf16_row *row, int64_t rows, int64_t panels, int64_t run_count, int64_t run_length, int64_t lanes, int form) {
  const int64_t k = run_count * run_length, stride = k + 4, columns = (panels - 1) * ONYX_BLOCK + lanes;
  const int64_t y_stride = form & 1 ? ONYX_BLOCK : columns + 1, panel_stride = form & 1 ? rows * ONYX_BLOCK + 3 : ONYX_BLOCK;
  int64_t *runs = guarded((size_t)run_count * 8);
  for (int64_t r = 0; r < run_count; r++) runs[r] = (r * 5) % run_count * run_length;
  const float *source = random_floats((rows - 1) * stride + k, 1), *weights = random_floats(columns * k, 2);
  uint16_t *x = guarded((size_t)((rows - 1) * stride + k) * 2), *w = guarded((size_t)(panels * ONYX_BLOCK * k) * 2);
  row->round(x, source, (rows - 1) * stride + k);
  row->pack(w, weights, k, 1, columns, k);
  const int64_t outputs = (panels - 1) * panel_stride + (rows - 1) * y_stride + (form & 1 ? ONYX_BLOCK : lanes);
  const float *before = random_floats(outputs, 3), *z = form & 4 ? random_floats(outputs, 4) : 0, *bias = form & 2 ? random_floats(panels * ONYX_BLOCK, 5) : 0;
  float *y = random_floats(outputs, 3), *e = random_floats(outputs, 3);
  const onyx_bf16_tile t = {
    .x = x, .runs = runs, .run_count = run_count, .run_length = run_length, .x_stride = stride, .w = w, .w_panel_stride = ONYX_BLOCK * k, .y = y,
    .y_panel_stride = panel_stride, .y_stride = y_stride, .lanes = lanes, .bias = bias, .z = z, .low = form & 2 ? -1 : -INFINITY,
    .high = form & 4 ? 1 : INFINITY, .flags = form & 8 ? ONYX_BLOCKED_ACCUMULATE : 0};
  row->tile(&t, rows, panels);
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++) {
      const int64_t at = j / ONYX_BLOCK * panel_stride + i * y_stride + j % ONYX_BLOCK;
      double sum = form & 8 ? before[at] : 0;
      for (int64_t r = 0; r < run_count; r++)
        for (int64_t p = 0; p < run_length; p++)
          sum += (double)widened(nearest(source[i * stride + runs[r] + p])) * widened(nearest(weights[j * k + r * run_length + p]));
      if (bias) sum += bias[j];
      if (z) sum += z[at];
      e[at] = (float)(sum < t.low ? t.low : sum > t.high ? t.high : sum);
    }
  check_close(y, e, outputs, 1e-6, 2e-7 * (double)(k + 8), "tile of %lld rows, %lld panels, %lld runs of %lld, %lld lanes, form %d",
              (long long)rows, (long long)panels, (long long)run_count, (long long)run_length, (long long)lanes, form);
}

FAMILY(bf16) {
  (void)scalar;
  for (int64_t n = 0; n < 100; n++) {
    const float *src = sweep_floats(n, (uint32_t)n + 1);
    uint16_t *y = guarded((size_t)n * 2), *e = guarded((size_t)n * 2);
    row->round(y, src, n);
    for (int64_t i = 0; i < n; i++) e[i] = isnan(src[i]) ? (isnan(widened(y[i])) ? y[i] : 0) : nearest(src[i]);
    check_bits(y, e, (size_t)n * 2, "round %lld", (long long)n);
  }
  for (int64_t rows = 1; rows <= row->rows; rows++)
    for (int64_t panels = 1; panels <= row->panels; panels++)
      for (int form = 0; form < 16; form++)
        check_tile(row, rows, panels, 1 + form % 4, 2 + 2 * (rows % 9), form & 1 ? ONYX_BLOCK : 1 + (rows * 5) % ONYX_BLOCK, form);
  // Odd lengths end with a zero term, as the packed panels do.
  uint16_t *w = guarded(2 * 4 * ONYX_BLOCK * 2);
  row->pack(w, random_floats(3 * 20, 1), 3, 1, 20, 3);
  check_bits(w + 4 * ONYX_BLOCK + 8, guarded(2 * (2 * ONYX_BLOCK - 8)), 2 * (2 * ONYX_BLOCK - 8), "lanes past the end");
  for (int j = 0; j < 20; j++) check_bits(w + j / 16 * 64 + 32 + j % 16 * 2 + 1, guarded(2), 2, "terms past the end");
}
