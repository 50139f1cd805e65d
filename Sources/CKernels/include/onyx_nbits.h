#pragma once
#include <stddef.h>
#include <stdint.h>

// Weights of 2, 4 or 8 bits in blocks along the depth that share a scale: w = (number - zero) * scale, numbers less the middle of their
// range. Packed: panels of `panel` columns, each panel for every 32 / bits terms a group of `panel` words of 32 bits, the first term in the
// lowest bits. Scales and zeros are [blocks][panel] for each panel. Blocks are whole groups.
typedef struct {
  const uint32_t *words;
  int64_t word_stride;  // between panels
  const float *scales;
  const float *zeros;  // null: all zero
  int64_t scale_stride;  // between panels, of scales and zeros
  int64_t block_groups;  // groups of a block
  int32_t bits;
} onyx_nbits_weights;

typedef struct {
  uint32_t isa;
  int32_t panel;

  // y[i * y_stride + j] = sum over blocks of scale * (sum of number * a - zero * sum of a) + bias[j] for j < columns, beginning with the
  // first panel, and for rows i < rows of A. `sums` has the sum of each block of each row; it is read when there are zeros. Blocks are
  // summed apart, in two chains for each column, and added in order. `bias` may be null.
  void (*product)(const onyx_nbits_weights *weights, int64_t blocks, const float *a, int64_t a_stride, const float *sums,
                  int64_t sum_stride, int64_t rows, int64_t columns, float *y, int64_t y_stride, const float *bias);

  // dst[k * dst_stride + j] = weight of term k and column j of the first panel, all columns of it, for `blocks` blocks from `first` on;
  // k counts from their begin.
  void (*expand)(float *dst, int64_t dst_stride, const onyx_nbits_weights *weights, int64_t first, int64_t blocks);
} onyx_nbits_row;
