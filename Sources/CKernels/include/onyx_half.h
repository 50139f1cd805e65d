#pragma once
#include <stddef.h>
#include <stdint.h>

// float16 (index 0) and bfloat16 (index 1) to float32 and back. Narrowing rounds to nearest, half to even; past the range is infinity.
// NaN stays NaN, with the bits of its payload that fit.
typedef struct {
  uint32_t isa;
  void (*widen[2])(float *dst, const uint16_t *src, int64_t n);
  void (*narrow[2])(uint16_t *dst, const float *src, int64_t n);
} onyx_half_row;
