#pragma once
#include <stddef.h>
#include <stdint.h>

#include "onyx_elements.h"

// Running sums and products down columns. Totals of floats are doubles, each result is rounded by itself; those of integers are elements
// and wrap.
enum { ONYX_SCAN_SUM, ONYX_SCAN_PRODUCT, ONYX_SCAN_KINDS };

// For each of `rows` rows, `step` elements apart: the total of a column is joined with its element, and the total behind (`after`) or
// before it (`before`) is the result. dst has the layout of src and may be the same memory.
typedef void (*onyx_scan)(void *dst, const void *src, void *totals, int64_t rows, int64_t step, int64_t n);

typedef struct {
  uint32_t isa;
  // [type * ONYX_SCAN_KINDS + kind]; null for integers of 8 and 16 bits.
  const onyx_scan *after, *before;
} onyx_scan_row;
