#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
  ONYX_GATING_LANES = 16,  // channels of one block and columns of one gate panel, on every tier
};

// A feature map, or a part of it, as the kernels walk it. Planes hold one channel each, `stride` apart. Lanes hold the
// channels of one pixel side by side, `stride` between pixels; blocks of 16 channels are `block_stride` apart.
typedef struct {
  uint32_t isa;

  // sum[c] and top[c] over x[c * stride + i], i < n. Sums are joined from parts of at most 4096 elements in a fixed
  // order, whether there is a top to write or none (null); NaN wins in top.
  void (*pool_planes)(float *sum, float *top, const float *x, int64_t channels, int64_t stride, int64_t n);

  // sum[c] and top[c], which may be null, over x[p * stride + c], p < pixels, c < channels.
  void (*pool_lanes)(float *sum, float *top, const float *x, int64_t pixels, int64_t stride, int64_t channels);

  // sum[i] and top[i] over the channels of u = x[c * stride + i] * scale[c], i < n; a null scale is one. `joins` adds
  // to what the maps hold.
  void (*map_planes)(float *sum, float *top, const float *x, const float *scale, int64_t channels, int64_t stride,
                     int64_t n, int32_t joins);

  // sum[p] and top[p] over the channels of u = x[c / 16 * block_stride + p * stride + c % 16] * scale[c], p < pixels.
  void (*map_lanes)(float *sum, float *top, const float *x, const float *scale, int64_t channels,
                    int64_t block_stride, int64_t pixels, int64_t stride, int32_t joins);

  // y[r * width + i] = bias + sum over m < maps, a < height, b < width of
  // w[(m * tap_rows + a) * taps + b] * x[m * map_stride + (r + a) * row_stride + i + b]. x may be read up to 32 elements
  // past the last one named and three rows further.
  void (*window)(float *y, const float *x, const float *w, float bias, int64_t maps, int64_t map_stride,
                 int64_t row_stride, int64_t tap_rows, int64_t taps, int64_t rows, int64_t width);

  // Rows with zeros around: dst[r * row_stride + left + i] is the join of src[q * part_stride + r * width + i] over q < parts,
  // their sum divided by `divisor`, or their maximum when that is 0, r < rows, i < width; the rest of each row is 0.
  void (*stage)(float *dst, int64_t row_stride, int64_t left, const float *src, int64_t parts, int64_t part_stride,
                int64_t rows, int64_t width, float divisor);

  // y[r * y_stride + j] = bias[j] + sum over k < depth of x[r * x_stride + k] * w[k * 16 + j], j < 16. A null bias is 0.
  void (*gate)(float *y, int64_t y_stride, const float *x, int64_t x_stride, const float *w, const float *bias,
               int64_t rows, int64_t depth);

  // y = limit(x * scale[c] * map[i] + z); parallel: limit(x * scale[c] + x * map[i] + z). A null scale or map is one, a
  // null z zero; parallel has both. Planes: every operand at c * stride + i, i < n. y may equal x or z.
  void (*scale_planes)(float *y, const float *x, const float *z, const float *scale, const float *map,
                       int64_t channels, int64_t stride, int64_t n, float low, float high, int32_t parallel);

  // The same for lanes: every operand at p * stride + c, with map[p].
  void (*scale_lanes)(float *y, const float *x, const float *z, const float *scale, const float *map,
                      int64_t channels, int64_t pixels, int64_t stride, float low, float high, int32_t parallel);
} onyx_gating_row;
