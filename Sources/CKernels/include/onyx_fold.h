#pragma once
#include <stddef.h>
#include <stdint.h>

// Reductions of element types other than float32. The kinds are ONYX_REDUCE_SUM … ONYX_REDUCE_MIN of onyx_reduce.h and
// ONYX_FOLD_NORM, the sum of squares as a double.
//
// An accumulator of a maximum or minimum is an element. All others are 8 bytes: a double for ONYX_FOLD_F64 and for ONYX_FOLD_NORM,
// else an integer that wraps. Types of 8 bits have only maxima and minima.
enum {
  ONYX_FOLD_F64,
  ONYX_FOLD_I64,
  ONYX_FOLD_U64,
  ONYX_FOLD_I32,
  ONYX_FOLD_U32,
  ONYX_FOLD_I8,
  ONYX_FOLD_U8,
  ONYX_FOLD_TYPES,
};

enum { ONYX_FOLD_NORM = 6, ONYX_FOLD_KINDS };

typedef struct {
  uint32_t isa;

  // [type * ONYX_FOLD_KINDS + kind]: folds src[0, n) into the accumulator. Four vector accumulators of 64 bytes in a fixed order.
  void (*const *run)(void *acc, const void *src, int64_t n);

  // [type * ONYX_FOLD_KINDS + kind]: folds lines of n elements that lie end to end into an accumulator each. What a line gives depends on
  // n and its values only.
  void (*const *lines)(void *acc, const void *src, int64_t lines, int64_t n);

  // [type * ONYX_FOLD_KINDS + kind]: folds rows into n accumulators, acc[j] = acc[j] op src[r * row_stride + j], r ascending.
  void (*const *rows)(void *acc, const void *src, int64_t rows, int64_t row_stride, int64_t n);

  // sums[r] += the sum of exp(src[r * n + i] - shifts[r]) over i < n. What a line gives depends on n and its values only. A shift is not
  // below the numbers of its line, and numbers more than 700 below it count as if they were 700 below; those more than 63 below as if they
  // were 63 below, where all differences are whole.
  void (*exp_lines)(double *sums, const double *src, int64_t lines, int64_t n, const double *shifts);

  // The same down columns: sums[j] += exp(src[r * row_stride + j] - shifts[j]) for j < n, r ascending.
  void (*exp_rows)(double *sums, const double *src, int64_t rows, int64_t row_stride, int64_t n, const double *shifts);
} onyx_fold_row;
