#pragma once
#include <stddef.h>
#include <stdint.h>

// Matrix products of float64 and of integers that wrap; signed and unsigned integers have the same bits.
enum { ONYX_TYPED_GEMM_F64, ONYX_TYPED_GEMM_I32, ONYX_TYPED_GEMM_I64, ONYX_TYPED_GEMM_TYPES };

// Rows of a tile, and bytes of one of its rows. Both are the same for every tier.
enum { ONYX_TYPED_GEMM_ROWS = 6, ONYX_TYPED_GEMM_BYTES = 128 };

typedef struct {
  uint32_t isa;

  // [type]: one tile, c[i * c_row + j] (+)= sum over p < k of a[p * 6 + i] * b[p * width + j], p ascending, for i < rows and
  // j < columns; width is 128 bytes of elements, a and b are packed and padded to whole tiles. `accumulates` adds to what is there.
  void (*const *tile)(
    int64_t k, const void *a, const void *b, void *c, int64_t c_row, int64_t rows, int64_t columns, int32_t accumulates);
} onyx_typed_gemm_row;
