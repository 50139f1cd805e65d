// Opens a region compiled for AVX-512 F/BW/DQ/VL with FMA; closed by end.h.
#include <immintrin.h>
#include "../include/CKernels.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))), \
                             apply_to = function)
#define ONYX_VL 16
#define ONYX_TARGETED 1
#define ONYX_TIER ONYX_ISA_AVX512
#define ONYX_SYMBOL(name) onyx_##name##_avx512
#define ONYX_HAS_FMA 1
#define ONYX_HAS_ROUND 1
#include "vector.inc"
