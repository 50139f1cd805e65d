// Opens a region for the baseline of any CPU: four lanes, multiply and add rounded apart; closed by end.h.
#include "../include/CKernels.h"

#define ONYX_VL 4
#define ONYX_TIER ONYX_ISA_SCALAR
#define ONYX_SYMBOL(name) onyx_##name##_scalar
#define ONYX_HAS_FMA 0
#define ONYX_HAS_ROUND 0
#include "vector.inc"
