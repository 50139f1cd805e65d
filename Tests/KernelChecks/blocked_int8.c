#include "check.h"

#include <math.h>
#include <string.h>

static int32_t number(uint8_t byte, int32_t is_signed) { return is_signed ? (int8_t)byte : byte; }

static uint8_t quantized(int32_t sum, float scale, float low, float high, int32_t zero_point) {
  volatile float f = (float)sum;
  f = f * scale;
  const float r = rintf(f);
  return (uint8_t)(int32_t)((r < low ? low : r > high ? high : r) + (float)zero_point);
}

// The sum of a quantized result with another byte, quantized again.
static uint8_t added(uint8_t y, uint8_t z, const onyx_blocked_int8_tile *t) {
  volatile float own = (float)(number(y, t->is_signed) - t->zero_point) * t->y_scale;
  volatile float other = (float)(number(z, t->of_z.is_signed) - t->of_z.zero_point) * t->of_z.scale;
  volatile float total = own + other;
  const float least = t->of_sum.is_signed ? -128 : 0, f = rintf(total / t->of_sum.scale) + (float)t->of_sum.zero_point;
  return (uint8_t)(int32_t)(f < least ? least : f > least + 255 ? least + 255 : f);
}

// A tile over staged bytes and packed weights, against the sums written out, once by itself and once with an addend. Weights are
// [filter][run][run_length] in src.
static void check_tile(const onyx_blocked_int8_row *row, int64_t pixels, int64_t panels, int64_t run_count, int64_t words, int64_t stride,
                       int32_t is_signed, int32_t adds) {
  const int64_t length = words * row->group, count = length - (words > 1), k = run_count * length, size = 4 / row->group;
  const int64_t elements = (pixels - 1) * stride + (run_count - 1) * 3 + length, filters = panels * ONYX_BLOCK - 3;
  int64_t *runs = guarded((size_t)run_count * 8);
  for (int64_t r = 0; r < run_count; r++) runs[r] = (r * 7) % run_count * 3;
  const uint8_t *x = random_bytes(elements, 1), *w = random_bytes(filters * run_count * count, 2);
  const uint8_t flip = pixels & 1 ? 0x80 : 0;
  void *staged = guarded((size_t)(elements * size));
  row->stage(staged, x, 0, elements, 0, 0, is_signed);
  int8_t *packed = guarded((size_t)(panels * k * ONYX_BLOCK));
  int32_t *bias = guarded((size_t)panels * ONYX_BLOCK * 4), *sums = guarded((size_t)panels * ONYX_BLOCK * 4);
  float *scale = filled_floats(panels * ONYX_BLOCK, 0);
  memset(sums, 0, (size_t)panels * ONYX_BLOCK * 4);
  for (int64_t v = 0; v < panels; v++)
    for (int64_t r = 0; r < run_count; r++) {
      const int64_t first = v * ONYX_BLOCK, lanes = filters - first < ONYX_BLOCK ? filters - first : ONYX_BLOCK;
      row->pack(packed + (v * run_count + r) * length * ONYX_BLOCK, w + first * run_count * count + r, run_count * count, run_count, lanes,
                count, words, flip, sums + first);
    }
  // Some quotients leave int32.
  for (int64_t f = 0; f < panels * ONYX_BLOCK; f++)
    bias[f] = (int32_t)(f * 977 - 9000), scale[f] = f % 7 == 6 ? 3e8f : 0.0007f * (float)(f % 13 + 1);
  const int32_t to_signed = (int32_t)(panels & 1), zero_point = to_signed ? -28 : 100;
  const float low = (float)((to_signed ? -128 : 0) - zero_point);
  const int64_t y_stride = pixels * ONYX_BLOCK + 5, outputs = (panels - 1) * y_stride + pixels * ONYX_BLOCK;
  uint8_t *y = random_bytes(outputs, 5), *e = random_bytes(outputs, 5);
  const uint8_t *z = random_bytes(outputs, 6);
  const int32_t z_signed = (int32_t)(pixels & 1);
  const onyx_blocked_int8_tile all = {
    .x = staged, .runs = runs, .run_count = run_count, .run_words = words, .pixel_stride = stride, .w = packed,
    .w_panel_stride = k * ONYX_BLOCK, .y = y, .y_panel_stride = y_stride, .bias = bias, .scale = scale, .low = low, .high = low + 255,
    .zero_point = zero_point, .is_signed = to_signed, .z = adds ? z : 0, .y_scale = 0.031f,
    .of_z = {.scale = 0.017f, .zero_point = z_signed ? -5 : 131, .is_signed = z_signed},
    .of_sum = {.scale = 0.023f, .zero_point = to_signed ? -11 : 90, .is_signed = to_signed}};
  for (int64_t v = 0; v < panels; v += row->panels)
    for (int64_t p = 0; p < pixels; p += row->pixels) {
      onyx_blocked_int8_tile t = all;
      t.x = (const char *)staged + p * stride * size, t.w += v * t.w_panel_stride, t.y += v * y_stride + p * ONYX_BLOCK;
      if (adds) t.z += v * y_stride + p * ONYX_BLOCK;
      t.bias += v * ONYX_BLOCK, t.scale += v * ONYX_BLOCK;
      row->tile(&t, pixels - p < row->pixels ? pixels - p : row->pixels, panels - v < row->panels ? panels - v : row->panels);
    }
  for (int64_t f = 0; f < panels * ONYX_BLOCK; f++) {
    int32_t weight_sum = 0;
    for (int64_t i = 0; i < run_count * count && f < filters; i++) weight_sum += (int8_t)(w[f * run_count * count + i] ^ flip);
    check_bits(sums + f, &weight_sum, 4, "sum of packed weights");
    for (int64_t p = 0; p < pixels; p++) {
      int32_t sum = bias[f];
      for (int64_t r = 0; r < run_count && f < filters; r++)
        for (int64_t i = 0; i < count; i++) {
          const uint8_t byte = x[p * stride + runs[r] + i];
          const int32_t term = row->group == 4 ? (uint8_t)(byte ^ (is_signed ? 0x80 : 0)) : number(byte, is_signed);
          sum += term * (int8_t)(w[f * run_count * count + r + i * run_count] ^ flip);
        }
      const int64_t at = f / ONYX_BLOCK * y_stride + p * ONYX_BLOCK + f % ONYX_BLOCK;
      e[at] = quantized(sum, scale[f], low, low + 255, zero_point);
      if (adds) e[at] = added(e[at], z[at], &all);
    }
  }
  check_bits(y, e, (size_t)outputs, "tile of %lld pixels, %lld panels, %lld runs of %lld words, stride %lld, signed %d, adds %d",
             (long long)pixels, (long long)panels, (long long)run_count, (long long)words, (long long)stride, is_signed, adds);
}

static void check_stage(const onyx_blocked_int8_row *row, int64_t left, int64_t count, int64_t right, int32_t is_signed) {
  const int64_t size = 4 / row->group, all = left + count + right;
  const uint8_t *src = random_bytes(count, 1), fill = 201;
  char *y = guarded((size_t)(all * size)), *e = guarded((size_t)(all * size));
  for (int64_t i = 0; i < all; i++) {
    const uint8_t byte = i < left || i >= left + count ? fill : src[i - left];
    const int16_t wide = (int16_t)number(byte, is_signed);
    const uint8_t narrow = byte ^ (is_signed ? 0x80 : 0);
    memcpy(e + i * size, size == 2 ? (const void *)&wide : &narrow, (size_t)size);
  }
  row->stage(y, src, left, count, right, fill, is_signed);
  check_bits(y, e, (size_t)(all * size), "stage %lld %lld %lld, signed %d", (long long)left, (long long)count, (long long)right, is_signed);
}

static void check_window(const onyx_blocked_int8_row *row, const onyx_window *g, int32_t is_signed) {
  const uint8_t *x = random_bytes(g->height * g->width * ONYX_BLOCK, 1);
  const int64_t count = g->out_height * g->out_width * ONYX_BLOCK;
  uint8_t *y = random_bytes(count, 2), *e = random_bytes(count, 2);
  const onyx_blocked_int8_window args = {.window = g, .first_row = 1, .rows = g->out_height - 1, .x = x, .y = y};
  row->maximum(&args, is_signed);
  for (int64_t row = 1; row < g->out_height; row++)
    for (int64_t column = 0; column < g->out_width; column++)
      for (int64_t lane = 0; lane < ONYX_BLOCK; lane++) {
        int32_t greatest = is_signed ? -128 : 0;
        for (int64_t ky = 0; ky < g->kernel_height; ky++)
          for (int64_t kx = 0; kx < g->kernel_width; kx++) {
            const int64_t iy = row * g->stride_y - g->pad_y + ky * g->dilation_y;
            const int64_t ix = column * g->stride_x - g->pad_x + kx * g->dilation_x;
            if (iy < 0 || iy >= g->height || ix < 0 || ix >= g->width) continue;
            const int32_t byte = number(x[(iy * g->width + ix) * ONYX_BLOCK + lane], is_signed);
            greatest = byte > greatest ? byte : greatest;
          }
        e[(row * g->out_width + column) * ONYX_BLOCK + lane] = (uint8_t)greatest;
      }
  check_bits(y, e, (size_t)count, "maximum kernel %lld stride %lld, signed %d", (long long)g->kernel_width, (long long)g->stride_x, is_signed);
}

// What goes lane by lane: reorders, sums, requantization.
static void check_lanes(const onyx_blocked_int8_row *row, int64_t pixels, int64_t channels) {
  const int64_t stride = pixels + 2, planes = (channels - 1) * stride + pixels, count = pixels * ONYX_BLOCK;
  const uint8_t *src = random_bytes(planes, 1), *blocks = random_bytes(count, 2);
  uint8_t *y = random_bytes(count, 3), *e = random_bytes(count, 3), *u = random_bytes(planes, 4), *eu = random_bytes(planes, 4);
  for (int64_t p = 0; p < pixels; p++)
    for (int64_t lane = 0; lane < ONYX_BLOCK; lane++) {
      e[p * ONYX_BLOCK + lane] = lane < channels ? src[lane * stride + p] : 0;
      if (lane < channels) eu[lane * stride + p] = blocks[p * ONYX_BLOCK + lane];
    }
  row->block(y, src, stride, channels, pixels);
  check_bits(y, e, (size_t)count, "block %lld pixels, %lld channels", (long long)pixels, (long long)channels);
  row->unblock(u, stride, blocks, channels, pixels);
  check_bits(u, eu, (size_t)planes, "unblock %lld pixels, %lld channels", (long long)pixels, (long long)channels);
  int32_t *sums = guarded(64), *expected = guarded(64), *bias = guarded(64);
  float *whole = filled_floats(count, 0), *scale = filled_floats(ONYX_BLOCK, 0);
  for (int32_t is_signed = 0; is_signed < 2; is_signed++) {
    row->sum(sums, blocks, pixels, is_signed);
    memset(expected, 0, 64);
    for (int64_t i = 0; i < count; i++) expected[i % ONYX_BLOCK] += number(blocks[i], is_signed);
    check_bits(sums, expected, 64, "sum of %lld pixels", (long long)pixels);
  }
  for (int64_t lane = 0; lane < ONYX_BLOCK; lane++) bias[lane] = (int32_t)(lane * 31 - 200), scale[lane] = 0.01f * (float)(lane + 1);
  for (int64_t i = 0; i < count; i++) {
    whole[i] = (float)(blocks[i] * 37 - 4000);
    e[i] = quantized((int32_t)whole[i] + bias[i % ONYX_BLOCK], scale[i % ONYX_BLOCK], -3, 252, -125);
  }
  row->requantize(y, whole, pixels, bias, scale, -3, 252, -125);
  check_bits(y, e, (size_t)count, "requantize %lld pixels", (long long)pixels);
}

FAMILY(blocked_int8) {
  (void)scalar;
  for (int64_t pixels = 1; pixels <= 29; pixels++)
    for (int64_t panels = 1; panels <= 3; panels++)
      for (int64_t stride = 16; stride <= 48; stride += 16)
        for (int32_t adds = 0; adds < 2; adds++)
          check_tile(row, pixels, panels, 1 + pixels % 5, 1 + pixels % 4, stride == 48 ? 2 + pixels % 2 : stride,
                     (int32_t)(pixels / 2 % 2), adds);
  for (int64_t left = 0; left < 40; left += 13)
    for (int64_t count = 0; count < 70; count += 17)
      for (int64_t form = 0; form < 4; form++) check_stage(row, left, count, form & 1 ? 9 : 0, form / 2);
  for (int64_t kernel = 1; kernel < 5; kernel++)
    for (int64_t stride = 1; stride < 4; stride++)
      for (int64_t dilation = 1; dilation < 3; dilation++)
        for (int32_t form = 0; form < 2; form++) {
          const onyx_window g = {
            .height = 9, .width = 11, .out_height = 4, .out_width = 5, .kernel_height = kernel, .kernel_width = kernel + form,
            .stride_y = stride, .stride_x = stride + form, .dilation_y = dilation, .dilation_x = dilation, .pad_y = 2, .pad_x = 3};
          check_window(row, &g, form);
        }
  for (int64_t pixels = 1; pixels < 40; pixels += 3)
    for (int64_t channels = 1; channels <= ONYX_BLOCK; channels++) check_lanes(row, pixels, channels);
}
