#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
  ONYX_REDUCE_SUM,
  ONYX_REDUCE_SUM_ABS,
  ONYX_REDUCE_SUM_SQUARE,
  ONYX_REDUCE_PRODUCT,
  ONYX_REDUCE_MAX,  // NaN wins
  ONYX_REDUCE_MIN,
  ONYX_REDUCE_COUNT,
};

typedef struct {
  uint32_t isa;

  // Each folds src[0, n); an empty run gives the identity (0, 0, 0, 1, -inf, inf). Four vector accumulators in a
  // fixed order: the result depends on n and the values only.
  float (*const *run)(const float *src, int64_t n);

  // Each folds `rows` rows into n accumulators: acc[j] = acc[j] op src[r * row_stride + j], r ascending.
  void (*const *rows)(float *acc, const float *src, int64_t rows, int64_t row_stride, int64_t n);

  // Each folds lines of n elements that lie end to end: dst[r] = fold(src[r * n, (r + 1) * n)). What a line gives depends on n and its
  // values only.
  void (*const *lines)(float *dst, const float *src, int64_t lines, int64_t n);

  // Each folds `rows` rows of 16 lanes into 16 accumulators: rows r, r + 4, ... in a chain of their own, the four chains joined.
  void (*const *blocks)(float *acc, const float *src, int64_t rows, int64_t row_stride);

  // Sum of exp(src[i] - shift) over a run; used where shift is the maximum.
  float (*sum_exp)(const float *src, int64_t n, float shift);

  // The same down columns: acc[j] += exp(src[r * row_stride + j] - shift[j]), r ascending.
  void (*sum_exp_rows)(float *acc, const float *src, int64_t rows, int64_t row_stride, int64_t n, const float *shift);
} onyx_reduce_row;
