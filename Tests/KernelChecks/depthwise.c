#include "check.h"

#include <math.h>

static void check_rows(const onyx_depthwise_row *row, const onyx_depthwise_row *scalar, int64_t rows, int64_t width,
                       int64_t taps) {
  const int64_t stride = width + taps + 2;
  const float *src = random_floats(rows * stride + taps, 1), *weights = random_floats(taps, 2);
  int64_t *offsets = guarded((size_t)taps * sizeof(int64_t));
  for (int64_t t = 0; t < taps; t++) offsets[t] = (t * 5) % (taps + 1);
  float *y = filled_floats(rows * width, NAN), *e = filled_floats(rows * width, NAN);
  row->rows(y, width, rows, width, src, stride, offsets, weights, taps, 0.25f, -0.5f, 0.75f);
  scalar->rows(e, width, rows, width, src, stride, offsets, weights, taps, 0.25f, -0.5f, 0.75f);
  check_close(y, e, rows * width, 1e-6, 1e-6, "rows %lld x %lld, %lld taps", (long long)rows, (long long)width,
              (long long)taps);
}

static void check_square(const onyx_depthwise_row *row, const onyx_depthwise_row *scalar, int64_t size, int64_t step,
                         int64_t rows, int64_t width) {
  const int64_t stride = width + size;
  const float *src = random_floats(((rows - 1) * step + size - 1) * stride + width + size - 1, 3);
  const float *weights = random_floats(size * size, 4);
  int64_t columns[5] = {0, 1, 2, 3, 4}, taps[25];
  float *y = filled_floats(rows * width, NAN), *e = filled_floats(rows * width, NAN);
  row->square(y, rows, width, src, stride, columns, size, step, weights, 0.25f, -INFINITY, INFINITY);
  scalar->square(e, rows, width, src, stride, columns, size, step, weights, 0.25f, -INFINITY, INFINITY);
  check_close(y, e, rows * width, 1e-6, 2e-6, "square %lld step %lld, %lld x %lld", (long long)size, (long long)step,
              (long long)rows, (long long)width);
  for (int64_t t = 0; t < size * size; t++) taps[t] = t / size * stride + t % size;
  row->rows(e, width, rows, width, src, step * stride, taps, weights, size * size, 0.25f, -INFINITY, INFINITY);
  check_equal(y, e, rows * width, "square %lld and rows differ, step %lld, %lld x %lld", (long long)size, (long long)step,
              (long long)rows, (long long)width);
}

// The vector of channels has another length in each tier: lane 0 holds the same numbers in both.
static void check_channels(const onyx_depthwise_row *row, const onyx_depthwise_row *scalar, const onyx_window *w) {
  const int64_t pixels = w->height * w->width, outputs = w->out_height * w->out_width;
  const int64_t taps = w->kernel_height * w->kernel_width;
  const float *src = random_floats(pixels, 5), *weights = random_floats(taps, 6);
  const onyx_depthwise_row *both[2] = {row, scalar};
  float *result[2];
  for (int i = 0; i < 2; i++) {
    const int64_t lanes = both[i]->lanes;
    float *s = filled_floats(pixels * lanes, 0.5f), *f = filled_floats(taps * lanes, 0.5f), *b = filled_floats(lanes, -1);
    float *d = filled_floats(outputs * lanes, NAN);
    for (int64_t p = 0; p < pixels; p++) s[p * lanes] = src[p];
    for (int64_t p = 0; p < pixels; p++) s[p * lanes + lanes - 1] = src[p];
    for (int64_t t = 0; t < taps; t++) f[t * lanes] = f[t * lanes + lanes - 1] = weights[t];
    both[i]->channels(d, s, w, f, b, -1.5f, 0.5f);
    result[i] = filled_floats(2 * outputs, NAN);
    for (int64_t p = 0; p < outputs; p++) result[i][p] = d[p * lanes], result[i][outputs + p] = d[p * lanes + lanes - 1];
  }
  check_close(result[0], result[1], 2 * outputs, 1e-6, 2e-6, "channels, kernel %lld, stride %lld, dilation %lld",
              (long long)w->kernel_height, (long long)w->stride_y, (long long)w->dilation_y);
}

FAMILY(depthwise) {
  for (int64_t width = 1; width < 70; width += 5)
    for (int64_t taps = 1; taps < 12; taps += 2) check_rows(row, scalar, 1 + width % 7, width, taps);
  for (int64_t size = 3; size <= 5; size += 2)
    for (int64_t step = 1; step <= 2; step++)
      for (int64_t rows = 1; rows < 8; rows++)
        for (int64_t width = 1; width < 40; width += 6) check_square(row, scalar, size, step, rows, width);
  for (int64_t size = 1; size <= 5; size++)
    for (int64_t stride = 1; stride <= 2; stride++)
      for (int64_t dilation = 1; dilation <= 2; dilation++) {
        onyx_window w = {.height = 11, .width = 9, .kernel_height = size, .kernel_width = size, .stride_y = stride,
                         .stride_x = stride, .dilation_y = dilation, .dilation_x = dilation, .pad_y = size / 2, .pad_x = size / 2};
        w.out_height = (w.height + 2 * w.pad_y - (size - 1) * dilation - 1) / stride + 1;
        w.out_width = (w.width + 2 * w.pad_x - (size - 1) * dilation - 1) / stride + 1;
        check_channels(row, scalar, &w);
      }
}
