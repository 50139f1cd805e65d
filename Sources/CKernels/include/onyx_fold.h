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
} onyx_fold_row;
