// Opens a region compiled for AVX2 with FMA and F16C; closed by end.h.
#include <immintrin.h>
#include "../include/CKernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define ONYX_VL 8
#define ONYX_TARGETED 1
#define ONYX_TIER ONYX_ISA_AVX2
#define ONYX_SYMBOL(name) onyx_##name##_avx2
#define ONYX_HAS_FMA 1
#define ONYX_HAS_ROUND 1
#include "vector.inc"
