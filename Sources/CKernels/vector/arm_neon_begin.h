// Opens a region for AArch64, whose baseline holds NEON with FMA; closed by end.h.
#include "../include/CKernels.h"

#define ONYX_VL 4
#define ONYX_TIER ONYX_ISA_NEON
#define ONYX_SYMBOL(name) onyx_##name##_neon
#define ONYX_HAS_FMA 1
#define ONYX_HAS_ROUND 1
#include "vector.inc"
