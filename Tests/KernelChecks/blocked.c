#include "check.h"

#include <math.h>
#include <string.h>

// Tiles in pieces that both tiers have: a row's tile may have more pixels and panels than the scalar's.
static void run(const onyx_blocked_row *row, onyx_blocked_tile tile, int64_t pixels, int64_t panels) {
  for (int64_t v = 0; v < panels; v += row->panels)
    for (int64_t p = 0; p < pixels; p += row->pixels) {
      onyx_blocked_tile t = tile;
      t.x += p * t.pixel_stride;
      t.w += v * t.w_panel_stride;
      t.y += v * t.y_panel_stride + p * ONYX_BLOCK;
      if (t.bias) t.bias += v * ONYX_BLOCK;
      if (t.z) t.z += v * t.y_panel_stride + p * ONYX_BLOCK;
      row->tile(&t, pixels - p < row->pixels ? pixels - p : row->pixels, panels - v < row->panels ? panels - v : row->panels);
    }
}

static void check_tile(const onyx_blocked_row *row, const onyx_blocked_row *scalar, int64_t pixels, int64_t panels, int64_t run_count,
                       int64_t run_length, int form) {
  const int64_t stride = form & 1 ? ONYX_BLOCK : 2 * ONYX_BLOCK, k = run_count * run_length, y_stride = pixels * ONYX_BLOCK + 5;
  int64_t *runs = guarded((size_t)run_count * 8);
  for (int64_t r = 0; r < run_count; r++) runs[r] = (r * 7) % run_count * 3;
  const int64_t outputs = (panels - 1) * y_stride + pixels * ONYX_BLOCK;
  onyx_blocked_tile t = {
    .x = random_floats((pixels - 1) * stride + (run_count - 1) * 3 + run_length, 1), .runs = runs, .run_count = run_count,
    .run_length = run_length, .pixel_stride = stride, .w = random_floats(panels * k * ONYX_BLOCK, 2), .w_panel_stride = k * ONYX_BLOCK,
    .y_panel_stride = y_stride, .bias = form & 2 ? random_floats(panels * ONYX_BLOCK, 3) : 0, .z = form & 4 ? random_floats(outputs, 4) : 0,
    .low = form & 2 ? -1 : -INFINITY, .high = form & 4 ? 2 : INFINITY, .flags = form & 8 ? ONYX_BLOCKED_ACCUMULATE : 0};
  float *y = random_floats(outputs, 5), *e = random_floats(outputs, 5);
  t.y = y, run(row, t, pixels, panels);
  t.y = e, run(scalar, t, pixels, panels);
  check_close(y, e, outputs, 1e-6, 2e-7 * (double)(k + 8), "tile of %lld pixels, %lld panels, %lld runs of %lld, form %d", (long long)pixels,
              (long long)panels, (long long)run_count, (long long)run_length, form);
}

static void check_gather(const onyx_blocked_row *row, const onyx_blocked_row *scalar, int64_t count, int64_t pixels) {
  const float **sources = guarded((size_t)count * sizeof *sources);
  int32_t *lanes = guarded((size_t)count * ONYX_BLOCK * 4);
  for (int64_t s = 0; s < count; s++) {
    sources[s] = random_floats(pixels * ONYX_BLOCK, (uint32_t)s + 1);
    for (int64_t i = 0; i < ONYX_BLOCK; i++)
      lanes[s * ONYX_BLOCK + i] = (i + s) % (count + 1) == 0 ? (int32_t)((i * 7 + s) % ONYX_BLOCK) : -1;
  }
  float *y = filled_floats(pixels * ONYX_BLOCK, NAN), *e = filled_floats(pixels * ONYX_BLOCK, NAN);
  row->gather(y, sources, lanes, count, pixels), scalar->gather(e, sources, lanes, count, pixels);
  check_equal(y, e, pixels * ONYX_BLOCK, "gather %lld pixels of %lld sources", (long long)pixels, (long long)count);
  float *wide = filled_floats((pixels - 1) * 48 + ONYX_BLOCK, 3), *other = filled_floats((pixels - 1) * 48 + ONYX_BLOCK, 3);
  row->spread(wide, 48, sources[0], ONYX_BLOCK, pixels), scalar->spread(other, 48, sources[0], ONYX_BLOCK, pixels);
  check_equal(wide, other, (pixels - 1) * 48 + ONYX_BLOCK, "spread %lld pixels", (long long)pixels);
}

static void check_moments(const onyx_blocked_row *row, const onyx_blocked_row *scalar, int64_t pixels) {
  const float *x = random_floats(pixels * ONYX_BLOCK, 1), *b = random_floats(ONYX_BLOCK, 4);
  float *m = filled_floats(ONYX_BLOCK, NAN), *q = filled_floats(ONYX_BLOCK, NAN);
  float *em = filled_floats(ONYX_BLOCK, NAN), *eq = filled_floats(ONYX_BLOCK, NAN);
  float *y = filled_floats(pixels * ONYX_BLOCK, NAN), *e = filled_floats(pixels * ONYX_BLOCK, NAN);
  row->moments(x, pixels, m, q), scalar->moments(x, pixels, em, eq);
  check_close(m, em, ONYX_BLOCK, 1e-6, 1e-6, "means of %lld pixels", (long long)pixels);
  check_close(q, eq, ONYX_BLOCK, 1e-6, 1e-6 * (double)pixels, "squares of %lld pixels", (long long)pixels);
  row->standardize(y, x, em, eq, b, pixels), scalar->standardize(e, x, em, eq, b, pixels);
  check_close(y, e, pixels * ONYX_BLOCK, 1e-6, 1e-6 * (double)pixels, "standardized %lld pixels", (long long)pixels);
}

FAMILY(blocked) {
  for (int64_t pixels = 1; pixels < 40; pixels++) check_moments(row, scalar, pixels);
  for (int64_t count = 1; count <= 16; count++)
    for (int64_t pixels = 1; pixels < 30; pixels += 4) check_gather(row, scalar, count, pixels);
  for (int64_t pixels = 1; pixels <= 29; pixels++)
    for (int64_t panels = 1; panels <= 3; panels++)
      for (int form = 0; form < 16; form += 5) check_tile(row, scalar, pixels, panels, 1 + pixels % 5, 1 + pixels % 18, form);
  for (int form = 0; form < 16; form++) check_tile(row, scalar, 17, 2, 9, 16, form);
  for (int64_t pixels = 1; pixels < 40; pixels += 3)
    for (int64_t channels = 1; channels <= ONYX_BLOCK; channels++) {
      const float *src = random_floats((channels - 1) * (pixels + 2) + pixels, 1), *blocks = random_floats(pixels * ONYX_BLOCK, 2);
      const int64_t planes = (channels - 1) * (pixels + 2) + pixels;
      float *y = filled_floats(pixels * ONYX_BLOCK, NAN), *e = filled_floats(pixels * ONYX_BLOCK, NAN);
      float *u = filled_floats(planes, 9), *eu = filled_floats(planes, 9);
      row->block(y, src, pixels + 2, channels, pixels), scalar->block(e, src, pixels + 2, channels, pixels);
      check_equal(y, e, pixels * ONYX_BLOCK, "block %lld pixels, %lld channels", (long long)pixels, (long long)channels);
      row->unblock(u, pixels + 2, blocks, channels, pixels), scalar->unblock(eu, pixels + 2, blocks, channels, pixels);
      check_equal(u, eu, planes, "unblock %lld pixels, %lld channels", (long long)pixels, (long long)channels);
      row->scale(y, blocks, random_floats(ONYX_BLOCK, 6), pixels), scalar->scale(e, blocks, random_floats(ONYX_BLOCK, 6), pixels);
      check_equal(y, e, pixels * ONYX_BLOCK, "scale %lld pixels", (long long)pixels);
    }
}
