#pragma once
#include <stddef.h>
#include <stdint.h>

#include "onyx_blocked.h"

// Products of bfloat16 numbers summed in float32: 16 columns of the right operand (a panel) are the lanes, rows of the left
// one the rows of a tile. Terms come in pairs: panels are packed as [pair][16][2]. A sum walks `run_count` runs of `run_length`
// neighbouring elements, an even number. Tiers round operands alike; they differ in the order of additions, and the AVX512-BF16
// instructions take subnormal numbers for zero.
typedef struct {
  const uint16_t *x;    // the element of the first row that run offset 0 stands for
  const int64_t *runs;  // offset of each run from the row's element
  int64_t run_count, run_length;
  int64_t x_stride;   // from one row's element to the next one's
  const uint16_t *w;  // panel v starts at v * w_panel_stride
  int64_t w_panel_stride;
  float *y;  // lane j of row i of panel v at v * y_panel_stride + i * y_stride + j
  int64_t y_panel_stride, y_stride;
  int64_t lanes;      // lanes of the last panel that are written
  const float *bias;  // [panel][16], may be null
  const float *z;     // addend laid out as y, may be null
  float low, high;    // limits of the result; NaN stays
  uint32_t flags;     // ONYX_BLOCKED_ACCUMULATE
} onyx_bf16_tile;

typedef struct {
  uint32_t isa;
  int32_t rows;    // most rows of a tile
  int32_t panels;  // most panels of a tile

  // dst[i] = src[i] rounded to the nearest bfloat16, half to even; NaN stays NaN.
  void (*round)(uint16_t *dst, const float *src, int64_t n);

  // Panels of lanes x k elements src[lane * lane_stride + p * k_stride], rounded; zeros past the last lane and term.
  void (*pack)(uint16_t *dst, const float *src, int64_t lane_stride, int64_t k_stride, int64_t lanes, int64_t k);

  // y = limit((accumulate ? y : 0) + sum + bias + z) over 1 ... rows rows and 1 ... panels panels.
  void (*tile)(const onyx_bf16_tile *tile, int64_t rows, int64_t panels);
} onyx_bf16_row;
