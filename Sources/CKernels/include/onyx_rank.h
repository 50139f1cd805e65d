#pragma once
#include <stddef.h>
#include <stdint.h>

#include "onyx_elements.h"

// Which element of a line is the largest or the smallest. -0 equals 0, and NaN wins in both; of equal elements the first or the last
// one is wanted.
enum { ONYX_RANK_LARGEST, ONYX_RANK_SMALLEST, ONYX_RANK_KINDS };

typedef struct {
  uint32_t isa;

  // [type * ONYX_RANK_KINDS + kind]: the place in src[0, n), n > 0.
  int64_t (*const *line)(const void *src, int64_t n, int is_last);

  // [type * ONYX_RANK_KINDS + kind]: the place in each of n columns of `rows` rows, rows > 0; `best` is scratch memory for n elements
  // of 8 bytes.
  void (*const *columns)(int32_t *places, void *best, const void *src, int64_t rows, int64_t row_stride, int64_t n, int is_last);

  // [type]: integers in the order of src[0, n), of 8 bytes for elements of 8 bytes, else of 4: equal elements have equal ones, and NaN the
  // largest. All bits are turned with those of `flip`, 0 or -1.
  void (*const *keys)(void *dst, const void *src, int64_t n, int32_t flip);
} onyx_rank_row;
