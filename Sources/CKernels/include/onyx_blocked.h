#pragma once
#include <stddef.h>
#include <stdint.h>

// Convolution in channel blocks: 16 filters (a panel) are the lanes, output pixels the rows of a tile. A sum walks `run_count`
// runs of `run_length` neighbouring input elements; filters are packed as [run][element of the run][16] for each panel, in the
// order of the runs.

enum {
  ONYX_BLOCK = 16,             // channels of a block, filters of a panel
  ONYX_BLOCKED_ACCUMULATE = 1  // add to y instead of overwriting it
};

typedef struct {
  const float *x;       // the element of the first pixel that run offset 0 stands for
  const int64_t *runs;  // offset of each run from the pixel's element
  int64_t run_count, run_length;
  int64_t pixel_stride;  // from one pixel's element to the next one's
  const float *w;        // panel v starts at v * w_panel_stride
  int64_t w_panel_stride;
  float *y;  // lane f of pixel p of panel v at v * y_panel_stride + p * 16 + f
  int64_t y_panel_stride;
  const float *bias;  // [panel][16], may be null
  const float *z;     // addend laid out as y, may be null
  float low, high;    // limits of the result; NaN stays
  uint32_t flags;
} onyx_blocked_tile;

typedef struct {
  uint32_t isa;
  int32_t pixels;  // most pixels of a tile
  int32_t panels;  // most panels of a tile

  // y = limit((accumulate ? y : 0) + sum + bias + z) over 1 ... pixels pixels and 1 ... panels panels. Each sum is one chain of
  // run_count * run_length additions: callers split it.
  void (*tile)(const onyx_blocked_tile *tile, int64_t pixels, int64_t panels);

  // dst[pixel * 16 + lane] = src[lane * src_stride + pixel], zeros from lane `channels` <= 16 on.
  void (*block)(float *dst, const float *src, int64_t src_stride, int64_t channels, int64_t pixels);

  // dst[lane * dst_stride + pixel] = src[pixel * 16 + lane] for lane < channels <= 16.
  void (*unblock)(float *dst, int64_t dst_stride, const float *src, int64_t channels, int64_t pixels);

  // dst[pixel * 16 + lane] = src[pixel * 16 + lane] * factors[lane].
  void (*scale)(float *dst, const float *src, const float *factors, int64_t pixels);

  // dst[pixel * 16 + lane] = sources[s][pixel * 16 + lanes[s * 16 + lane]] for the last of `count` sources whose entry for the lane is
  // in 0 ... 15; 0 where all are -1.
  void (*gather)(float *dst, const float *const *sources, const int32_t *lanes, int64_t count, int64_t pixels);

  // dst[pixel * dst_stride + lane] = src[pixel * src_stride + lane] for 16 lanes.
  void (*spread)(float *dst, int64_t dst_stride, const float *src, int64_t src_stride, int64_t pixels);

  // The mean of each of 16 lanes over 1 ... pixels pixels, and the sum of the squared differences from it.
  void (*moments)(const float *x, int64_t pixels, float *mean, float *squares);

  // dst[pixel * 16 + lane] = (src[pixel * 16 + lane] - mean[lane]) * scale[lane] + shift[lane]; dst may be src.
  void (*standardize)(float *dst, const float *src, const float *mean, const float *scale, const float *shift, int64_t pixels);
} onyx_blocked_row;
