// The loops of one tier.
#pragma once
#include <stdint.h>

typedef struct {
  uint32_t isa;
  int64_t lanes, chains;
  float (*fma)(int64_t rounds);
  float (*read)(const float *src, int64_t n);
  void (*copy)(float *dst, const float *src, int64_t n);
} peak_loops;

extern const peak_loops *const bench_loops_avx512, *const bench_loops_avx2, *const bench_loops_neon, *const bench_loops_scalar;
