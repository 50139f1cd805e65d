#if defined(__aarch64__)
#include "../vector/arm_neon_begin.h"
#define ONYX_TILES 6
#define ONYX_FEW 4
#include "body.inc"
#include "../vector/end.h"
#endif
