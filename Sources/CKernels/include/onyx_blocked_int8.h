#pragma once
#include <stddef.h>
#include <stdint.h>

#include "onyx_blocked.h"
#include "onyx_depthwise.h"
#include "onyx_quantize.h"

// Convolution of bytes in channel blocks, summed in int32 that wraps. 16 filters (a panel) are the lanes, output pixels the rows of a
// tile. Inputs are staged as elements of 4 / group bytes: unsigned bytes where group is 4, 16-bit numbers where it is 2. A word is
// `group` neighbouring elements; a sum walks `run_count` runs of `run_words` words. Filters are signed bytes, packed as
// [run][word of the run][16][element of the word] for each panel, in the order of the runs.
typedef struct {
  const void *x;        // the element of the first pixel that run offset 0 stands for
  const int64_t *runs;  // offset of each run from the pixel's element
  int64_t run_count, run_words;
  int64_t pixel_stride;  // elements from one pixel to the next one
  const int8_t *w;       // panel v starts at v * w_panel_stride
  int64_t w_panel_stride;
  uint8_t *y;  // lane f of pixel p of panel v at v * y_panel_stride + p * 16 + f
  int64_t y_panel_stride;
  const int32_t *bias;  // [panel][16]
  const float *scale;   // [panel][16]
  float low, high;      // limits of the rounded quotient: those of a byte less the zero point
  int32_t zero_point;   // of y
  int32_t is_signed;    // whether y is
  // An addend of bytes laid out as y, or null. y is then the sum of the rounded quotient times y_scale and of z, quantized again with the
  // bits that `binary` of onyx_quantize.h gives.
  const uint8_t *z;
  float y_scale;
  onyx_quantization of_z;
  onyx_quantization of_sum;  // a quotient by its scale stays below 2^20
} onyx_blocked_int8_tile;

// The greatest element of each window over one plane of 16 lanes.
typedef struct {
  const onyx_window *window;
  int64_t first_row, rows;  // the output rows to make
  const uint8_t *x;         // the input plane of the block
  uint8_t *y;               // the output plane of the block
} onyx_blocked_int8_window;

typedef struct {
  uint32_t isa;
  int32_t pixels;  // most pixels of a tile
  int32_t panels;  // most panels of a tile
  int32_t group;   // elements of a word

  // y = min(max(round_half_even((float)(bias + sum) * scale), low), high) + zero_point, or the sum with z, over 1 ... pixels pixels
  // and 1 ... panels panels.
  void (*tile)(const onyx_blocked_int8_tile *tile, int64_t pixels, int64_t panels);

  // Stages left + count + right elements: those between the margins from src, the margins as from bytes `fill`. Signed bytes are moved
  // by 128 where elements are bytes.
  void (*stage)(void *dst, const uint8_t *src, int64_t left, int64_t count, int64_t right, uint8_t fill, int32_t is_signed);

  // Packs `words` words of one panel: element i of lane f is src[f * lane_stride + i * k_stride] ^ flip, zero from lane `lanes` and from
  // element `count` on. Adds the elements of each lane to sums[16].
  void (*pack)(int8_t *dst, const uint8_t *src, int64_t lane_stride, int64_t k_stride, int64_t lanes, int64_t count, int64_t words,
               uint8_t flip, int32_t *sums);

  // dst[pixel * 16 + lane] = src[lane * src_stride + pixel], zeros from lane `channels` <= 16 on.
  void (*block)(uint8_t *dst, const uint8_t *src, int64_t src_stride, int64_t channels, int64_t pixels);

  // dst[lane * dst_stride + pixel] = src[pixel * 16 + lane] for lane < channels <= 16.
  void (*unblock)(uint8_t *dst, int64_t dst_stride, const uint8_t *src, int64_t channels, int64_t pixels);

  // The result of `tile` for sums of 16 lanes that are whole numbers in float32; bias and scale have 16 numbers.
  void (*requantize)(uint8_t *dst, const float *sums, int64_t pixels, const int32_t *bias, const float *scale, float low, float high,
                     int32_t zero_point);

  // The least byte where a window is empty.
  void (*maximum)(const onyx_blocked_int8_window *args, int32_t is_signed);

  // sums[lane] = the sum of src[pixel * 16 + lane], in int32 that wraps.
  void (*sum)(int32_t *sums, const uint8_t *src, int64_t pixels, int32_t is_signed);
} onyx_blocked_int8_row;
