#pragma once
#include <stddef.h>
#include <stdint.h>

// Depthwise convolution of images whose pixels hold all channels side by side. Kernels work on 16 channels at a time:
// a staged image holds 16 floats for each pixel, padding included.
enum { ONYX_CHANNELS_LAST_BLOCK = 16 };

typedef struct {
  uint32_t isa;

  // dst[p * 16 + i] = src[p * pixel_stride + i] for i < lanes, zero for the other lanes of the block; src null: all zero.
  void (*stage)(float *dst, const float *src, int64_t pixels, int64_t pixel_stride, int64_t lanes);

  // One row of outputs: y[o * y_stride + i] = bias[i] + sum over taps of x[o * x_step + ky * row_step + kx * column_step + i]
  // * w[(ky * kw + kx) * 16 + i] for o < count and i < lanes, taps in order. Bias and weights are whole blocks.
  void (*depthwise)(float *y, int64_t y_stride, const float *x, int64_t x_step, int64_t row_step, int64_t column_step,
                    const float *w, const float *bias, int64_t kh, int64_t kw, int64_t count, int64_t lanes);
} onyx_channels_last_row;
