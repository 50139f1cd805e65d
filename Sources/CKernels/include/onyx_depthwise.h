#pragma once
#include <stddef.h>
#include <stdint.h>

// A window over an image of two axes.
typedef struct {
  int64_t height, width, out_height, out_width, kernel_height, kernel_width;
  int64_t stride_y, stride_x, dilation_y, dilation_x, pad_y, pad_x;
} onyx_window;

// Convolution of one channel of a staged image (see onyx_image.h) with its own filter.
typedef struct {
  uint32_t isa;

  // dst[r * dst_stride + x] = limit(bias + sum over t of weights[t] * src[r * src_stride + offsets[t] + x]) for
  // r < rows and x < width, limit(y) = min(max(y, low), high) with NaN kept. Taps are summed in order.
  void (*rows)(float *dst, int64_t dst_stride, int64_t rows, int64_t width, const float *src, int64_t src_stride,
               const int64_t *offsets, const float *weights, int64_t taps, float bias, float low, float high);

  // The same for a dense window of `size` x `size` taps (3 or 5) whose rows are row_stride apart, kernel column kx at
  // column_offsets[kx], and output rows vertical_stride (1 or 2) image rows apart. The same bits as `rows`.
  void (*square)(float *dst, int64_t rows, int64_t width, const float *src, int64_t row_stride,
                 const int64_t *column_offsets, int64_t size, int64_t vertical_stride, const float *weights,
                 float bias, float low, float high);

  // Channels of a vector, for the form below.
  int32_t lanes;

  // `lanes` channels at once, element (pixel, channel) at pixel * lanes + channel in src and dst, weights as
  // [tap][lanes], bias as [lanes]. Taps in the padding are left out.
  void (*channels)(float *dst, const float *src, const onyx_window *window, const float *weights,
                   const float *bias, float low, float high);
} onyx_depthwise_row;
