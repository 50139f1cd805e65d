#include "../include/CKernels.h"

#if defined(__x86_64__)

static uint32_t detect(void) {
  uint32_t mask = ONYX_ISA_SCALAR;
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) {
    mask |= ONYX_ISA_AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
      mask |= ONYX_ISA_AVX512;
      if (__builtin_cpu_supports("avx512vnni")) mask |= ONYX_ISA_AVX512_VNNI;
      if (__builtin_cpu_supports("avx512bf16")) mask |= ONYX_ISA_AVX512_BF16;
    }
  }
  return mask;
}

#elif defined(__aarch64__)

static uint32_t detect(void) { return ONYX_ISA_SCALAR | ONYX_ISA_NEON; }

#else

static uint32_t detect(void) { return ONYX_ISA_SCALAR; }

#endif

uint32_t onyx_isa_detect(void) { return detect(); }
